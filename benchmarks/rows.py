"""The table: every figure, its bounds and where it comes from."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.row import Best, Row


def _figure(probe: str, name: str) -> Callable[[Best], float]:
    return lambda best: best[probe][name]


def _ratio(over: str, under: str) -> Callable[[Best], float]:
    return lambda best: best[over]["us_per_call"] / best[under]["us_per_call"]


ROWS: tuple[Row, ...] = (
    Row("floor", "floor: plain epoll, constant frames", "µs", ("floor",), _figure("floor", "us_per_call"), gated=False),
    Row(
        "baseline",
        "baseline: asyncio + websockets + ocpp",
        "µs",
        ("baseline",),
        _figure("baseline", "us_per_call"),
        gated=False,
    ),
    Row(
        "round-trip",
        "CPU per round trip, 1,000 stations",
        "µs",
        ("stations",),
        _figure("stations", "us_per_call"),
        must=60,
        goal=40,
    ),
    Row(
        "over-baseline",
        "calls per CPU against the baseline",
        "x",
        ("baseline", "stations"),
        _ratio("baseline", "stations"),
        must=6,
        goal=10,
        lower_is_better=False,
    ),
    Row(
        "over-floor",
        "CPU per round trip against the floor",
        "x",
        ("floor", "stations"),
        _ratio("stations", "floor"),
        must=6,
        goal=3,
    ),
    Row(
        "connect",
        "connect + Boot + Status, CPU per station",
        "ms",
        ("stations",),
        lambda best: best["stations"]["connect_us"] / 1000,
        must=1.0,
        goal=0.4,
    ),
    Row(
        "memory",
        "RSS per idle booted station at 5,000, two connectors",
        "KiB",
        ("stations-5000-idle",),
        _figure("stations-5000-idle", "kib_per_station"),
        must=24,
        goal=14,
        quick=False,
    ),
    Row(
        "worker-memory",
        "base RSS of a worker",
        "MiB",
        ("worker",),
        _figure("worker", "rss_mib"),
        must=100,
        goal=70,
    ),
    Row(
        "wss-handshake",
        "wss: CPU per opening (TCP, TLS, upgrade), client side",
        "ms",
        ("handshakes",),
        lambda best: best["handshakes"]["us_per_call"] / 1000,
        must=1.5,
        goal=1.1,
    ),
    Row(
        "lag-10000",
        "schedule lag p99, 10,000 stations, 60 s heartbeats, 10 s meters",
        "ms",
        ("stations-10000-paced",),
        lambda best: best["stations-10000-paced"]["lag_p99_s"] * 1000,
        must=100,
        goal=20,
        gated=False,
        quick=False,
    ),
    Row(
        "scaling",
        "CPU per call at 10,000 stations / at 100",
        "x",
        ("stations-10000", "stations-100"),
        _ratio("stations-10000", "stations-100"),
        must=1.5,
        goal=1.15,
        quick=False,
    ),
    Row(
        "csms",
        "mock CSMS, messages per CPU-second",
        "/s",
        ("csms",),
        lambda best: 1e6 / best["csms"]["other_us_per_call"],
        must=20_000,
        goal=30_000,
        lower_is_better=False,
    ),
    Row(
        "swarm-start",
        "swarm start: 1,000 booted after locust -u 1000 -r 500",
        "s",
        ("swarm",),
        _figure("swarm", "seconds_to_booted"),
        must=6,
        goal=4,
        gated=False,
    ),
    Row("policy", "policy decision", "µs", ("policy",), _figure("policy", "us_per_call"), must=2, goal=1),
)
