"""The metrics of the whole run for Prometheus, read from the counts when it asks.

No label names a station: thousands of them would be thousands of time series.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from evsim_locust.metrics import labels
from evsim_locust.metrics.counts import Counts, Row
from evsim_locust.metrics.histogram import Histogram
from evsim_locust.metrics.interval import DIRECTIONS

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_STOPPED: Final = "stopped"
_NO_ROW: Final = Row()


class Gauges(Protocol):
    """What is true at this moment, as the master knows it.

    `stations` is asked before anything else is read, so it may bring the counts up to date.
    """

    def stations(self) -> Mapping[tuple[str, str], int]:
        """How many stations of the run have which status and profile; those that have ended are `stopped`."""

    def price(self) -> float:
        """Per kWh."""

    def workers(self) -> int:
        """Processes that run stations; 1 when there is only this one."""

    def offline_queue(self) -> int:
        """Transaction messages that stations hold back until they can be sent."""

    def build(self) -> str:
        """The version of this program."""


class RunCollector(Collector):
    """Register it with a registry of its own: `registry_of` does."""

    def __init__(self, counts: Counts, gauges: Gauges) -> None:
        self._counts, self._gauges = counts, gauges

    def collect(self) -> Iterator[Metric]:
        """All metrics as they are now."""
        yield from _moment(self._gauges)
        yield from _energy_and_transactions(self._counts)
        yield from _calls(self._counts)
        yield from _connections(self._counts)
        yield _histogram("evsim_schedule_lag_seconds", "How late what was due happened", (), [((), self._counts.lag)])


def registry_of(counts: Counts, gauges: Gauges) -> CollectorRegistry:
    """A registry with these metrics and no others."""
    registry = CollectorRegistry()
    registry.register(RunCollector(counts, gauges))
    return registry


def text(registry: CollectorRegistry) -> tuple[bytes, str]:
    """The exposition of now, and its content type."""
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


# ---- the metrics


def _moment(gauges: Gauges) -> Iterator[Metric]:
    stations = gauges.stations()
    running = sum(count for (status, _profile), count in stations.items() if status != _STOPPED)
    yield GaugeMetricFamily("stations_total", "Stations of the run, also those that have ended", sum(stations.values()))
    yield GaugeMetricFamily("stations_active", "Stations that run", running)
    by_kind = GaugeMetricFamily("evsim_stations", "Stations by status and profile", labels=("status", "profile"))
    for (status, profile), count in stations.items():
        by_kind.add_metric((status, labels.profile(profile)), count)
    yield by_kind
    yield GaugeMetricFamily("evsim_price", "Price of a kWh", gauges.price())
    yield GaugeMetricFamily("evsim_workers", "Processes that run stations", gauges.workers())
    waiting = gauges.offline_queue()
    yield GaugeMetricFamily("evsim_offline_queue_messages", "Transaction messages that wait to be sent", waiting)
    build = GaugeMetricFamily("evsim_build_info", "The version of the simulator", labels=("version",))
    build.add_metric((gauges.build(),), 1)
    yield build


def _energy_and_transactions(counts: Counts) -> Iterator[Metric]:
    delivered_kwh = sum(counts.energy_wh.values()) / 1000
    yield CounterMetricFamily("transactions_total", "Transactions that were started", counts.started)
    yield CounterMetricFamily("energy_dispensed_kwh_total", "Energy delivered, in kWh", delivered_kwh)
    yield CounterMetricFamily("meter_values_total", "Meter readings in transactions", counts.meter_values)
    yield _counter("evsim_transactions_ended_total", "Transactions that ended, by reason", ("outcome",), counts.ended)
    yield _counter("evsim_energy_watthours_total", "Energy delivered, in Wh", ("profile",), counts.energy_wh)


def _calls(counts: Counts) -> Iterator[Metric]:
    outcomes = CounterMetricFamily(
        "evsim_ocpp_calls_total",
        "Calls that were answered, refused or lost; sent is from the station to the CSMS",
        labels=("action", "direction", "outcome"),
    )
    timed = []
    for (kind, name), row in counts.rows.items():
        if kind in DIRECTIONS and name not in labels.ANOMALIES:
            direction = DIRECTIONS[kind]
            for outcome, count in _outcomes(row):
                outcomes.add_metric((name, direction, outcome), count)
            timed.append(((name, direction), row.latency))
    yield outcomes
    yield _histogram(
        "evsim_ocpp_call_duration_seconds",
        "Time until a call was answered, or given up",
        ("action", "direction"),
        timed,
    )
    # Zeros too: Prometheus sees no rise in a series that begins with its first event.
    odd = {kind: counts.rows.get(("OCPP", kind), _NO_ROW).failed for kind in sorted(labels.ANOMALIES)}
    yield _counter("evsim_ocpp_anomalies_total", "Frames that fit nowhere, and messages given up", ("kind",), odd)


def _connections(counts: Counts) -> Iterator[Metric]:
    attempts = counts.rows.get(("WS", "connect"), _NO_ROW)
    timed = [*counts.phases.items(), ("total", attempts.latency)]
    yield _counter("evsim_connects_total", "Attempts to connect", ("outcome",), dict(_outcomes(attempts)))
    yield _histogram(
        "evsim_connect_duration_seconds",
        "Time that attempts to connect took, by phase and in all",
        ("phase",),
        [((phase,), histogram) for phase, histogram in timed],
    )
    yield _counter("evsim_closes_total", "Connections that ended, by close code", ("code",), counts.closes)
    yield _counter("evsim_reconnects_total", "Attempts after a lost or failed one", ("reason",), counts.reconnects)


# ---- their shapes


def _outcomes(row: Row) -> Iterator[tuple[str, int]]:
    if row.succeeded:
        yield labels.OK, row.succeeded
    yield from row.failures.items()


def _counter(name: str, help_text: str, label: tuple[str], amounts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=label)
    for value, amount in amounts.items():
        family.add_metric((value,), amount)
    return family


def _histogram(
    name: str, help_text: str, names: tuple[str, ...], timed: Iterable[tuple[tuple[str, ...], Histogram]]
) -> Metric:
    """Where nothing was timed there is no time series; one without labels is always there."""
    family = HistogramMetricFamily(name, help_text, labels=names)
    for values, histogram in timed:
        count = histogram.count
        if count or not names:
            within = zip(BOUNDS_S, histogram.cumulative(BOUNDS_S), strict=True)
            buckets = [*((str(bound), float(reached)) for bound, reached in within), ("+Inf", float(count))]
            family.add_metric(values, buckets, histogram.sum)
    return family
