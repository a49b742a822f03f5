"""A small run of which every metric has something to tell."""

from __future__ import annotations

from collections.abc import Mapping

from evsim_locust.metrics.counts import Counts


class Standing:
    """Gauges that stand still."""

    def stations(self) -> Mapping[tuple[str, str], int]:
        return {("Charging", "busy"): 2, ("Available", "default"): 5, ("offline", "busy"): 1, ("stopped", "busy"): 4}

    def price(self) -> float:
        return 18.5

    def workers(self) -> int:
        return 2

    def offline_queue(self) -> int:
        return 7

    def build(self) -> str:
        return "0.1.0"


def happen(counts: Counts) -> None:
    """One of everything, some of it more often."""
    for milliseconds in (12.0, 25.0, 31.0):
        counts.sample("OCPP", "Heartbeat", milliseconds, None)
    counts.sample("OCPP", "StartTransaction", 30_000.0, "Timeout")
    counts.sample("OCPP", "StartTransaction", 1049.0, "InternalError")
    counts.sample("OCPP", "LateAnswer", 0.0, "LateAnswer")
    counts.sample("CSMS", "Reset", 0.0, None)
    counts.sample("WS", "connect", 8.0, None)
    counts.sample("WS", "connect", 3.0, "tcp refused")
    counts.sample("WS", "close", 0.0, "1006")
    counts.opened({"dns": 0.001, "tcp": 0.002, "http": 0.005}, None)
    counts.closed(1006)
    counts.reconnected("1006")
    counts.transaction_started()
    counts.transaction_started()
    counts.transaction_ended("Local")
    counts.meter_value()
    counts.energy("busy", 12_345)
    counts.energy("default", 1)
    counts.schedule_lag(0.004)
