"""The measurements: which program runs against which other side, and what they must have to run at all."""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from functools import partial

import psutil

from benchmarks import control_probes, dashboard_probes, history_probes
from benchmarks.processes import (
    LOAD_SIDE,
    OTHER_SIDE,
    Child,
    ProbeFailed,
    need_descriptors,
    python,
    running,
    wait_for_report,
)
from benchmarks.programs.wire import HOST
from benchmarks.rounds import Probe
from benchmarks.sides import (
    QUIET_RUN,
    Figures,
    client,
    free_port,
    mock_csms,
    need_epoll,
    need_file,
    need_module,
    responder,
)

_STATIONS = 1000
ONCE = frozenset(("history-pages", "analysis", "dashboard"))  # minutes each


def floor() -> Figures:
    """The plain epoll client."""
    with responder() as other:
        return client("floor", other, _STATIONS)


def baseline() -> Figures:
    """asyncio, websockets and ocpp."""
    with responder() as other:
        return client("baseline", other, _STATIONS)


def stations(load: str, count: int, phase: str = "closed", seconds: float = 5.0) -> Figures:
    """The stations that `load` (MODULE:FACTORY) makes, in a Locust process."""
    need_module(load.partition(":")[0])
    need_descriptors(count)
    interval_s = 60 if phase == "paced" else 86400
    options = ("--load", load, "--phase", phase, "--seconds", seconds)
    with responder(interval_s) as other:
        return client("stations", other, count, *options, timeout_s=600)


def csms() -> Figures:
    """The mock CSMS under a raw epoll client; its own CPU is `other_us_per_call`."""
    need_epoll()
    with mock_csms(OTHER_SIDE) as other:
        return client("csms_load", other, _STATIONS)


def handshakes() -> Figures:
    """wss openings against the mock CSMS."""
    need_module("trustme")
    need_module("evsim_locust.transport.opening")
    with tempfile.TemporaryDirectory(prefix="evsim-bench-") as folder:
        with running(python("benchmarks.programs.certificates", folder), LOAD_SIDE) as child:
            status = child.process.wait(60)
            if status != 0:
                raise ProbeFailed(f"no certificates: {child.complaint()}")
        pair = ("--tls-cert", f"{folder}/server.pem", "--tls-key", f"{folder}/server.key")
        with mock_csms(OTHER_SIDE, *pair) as other:
            return client("handshakes", other, 300, "--ca", f"{folder}/ca.pem")


def policy() -> Figures:
    """One decision."""
    need_module("policy.evaluate")
    with running(python("benchmarks.programs.decisions"), LOAD_SIDE) as child:
        return wait_for_report(child, 60)


def worker() -> Figures:
    """Resident memory of a worker that has read the locustfile and waits for its master."""
    locustfile = need_file("locustfile.py")
    options = ("-f", locustfile, "--worker", "--master-host", HOST, "--master-port", free_port())
    with running(python("locust", *options), LOAD_SIDE, QUIET_RUN) as child:
        return {"rss_mib": _settled_rss_mib(child)}


def swarm() -> Figures:
    """Seconds from the start of the locust command until the mock CSMS has seen 1,000 stations boot."""
    locustfile = need_file("locustfile.py")
    with mock_csms(OTHER_SIDE) as other:
        options = ("-f", locustfile, "--headless", "-u", _STATIONS, "-r", 500, "-t", "2m")
        began = time.monotonic()
        command = python("locust", *options, "-H", f"ws://{HOST}:{other.port}/ocpp")
        with running(command, LOAD_SIDE, QUIET_RUN) as child:
            _wait_for_boots(child, other.port, began + 60)
            return {"seconds_to_booted": time.monotonic() - began}


def _settled_rss_mib(child: Child) -> float:
    """Once it has not moved by half a MiB for two seconds, within thirty."""
    process, seen = psutil.Process(child.process.pid), [0.0]
    while len(seen) < 150:
        time.sleep(0.2)
        if child.process.poll() is not None:
            raise ProbeFailed(f"the worker ended: {child.complaint()}")
        seen.append(process.memory_info().rss / 2**20)
        if len(seen) > 10 and max(seen[-10:]) - min(seen[-10:]) < 0.5:
            return seen[-1]
    raise ProbeFailed(f"the worker's memory does not settle: {seen[-5:]}")


def _wait_for_boots(child: Child, port: int, until: float) -> None:
    booted = 0
    while booted < _STATIONS:
        if child.process.poll() is not None or time.monotonic() > until:
            raise ProbeFailed(f"{booted} of {_STATIONS} booted: {child.complaint()}")
        time.sleep(0.2)
        with urllib.request.urlopen(f"http://{HOST}:{port}/api/v1/stations", timeout=10) as answer:
            booted = sum(station["boot_status"] == "Accepted" for station in json.load(answer))


def probes(load: str) -> dict[str, Probe]:
    """All probes by name; `load` is MODULE:FACTORY of the stations to measure."""
    return {
        "floor": floor,
        "baseline": baseline,
        "stations": partial(stations, load, _STATIONS),
        "stations-100": partial(stations, load, 100),
        "stations-10000": partial(stations, load, 10_000),
        "stations-10000-paced": partial(stations, load, 10_000, "paced", 30.0),
        "stations-5000-idle": partial(stations, load, 5_000, "idle"),
        "csms": csms,
        "handshakes": handshakes,
        "policy": policy,
        "worker": worker,
        "swarm": swarm,
        "rest-page": control_probes.rest_page,
        "books": control_probes.books,
        "cluster": control_probes.two_workers,
        "control-memory": control_probes.memory,
        "rated-without-history": partial(history_probes.rated, kept=False),
        "rated-with-history": partial(history_probes.rated, kept=True),
        "recording": history_probes.recording,
        "writing": history_probes.writing,
        "history-pages": history_probes.pages,
        "analysis": history_probes.analysis,
        "dashboard": dashboard_probes.dashboard,
    }
