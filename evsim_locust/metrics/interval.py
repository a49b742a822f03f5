"""How the calls of each action were in an interval, by counts that hold nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from evsim_locust.metrics import labels
from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.histogram import Histogram
from evsim_locust.metrics.labels import Kind

DIRECTIONS: Final[Mapping[Kind, str]] = {"OCPP": "sent", "CSMS": "received"}  # as the station sees it


class Times(NamedTuple):
    """In seconds."""

    p50: float
    p95: float
    p99: float
    max: float


class CallFigures(NamedTuple):
    """The calls of an action; `times_s` is None when none of them was timed."""

    action: str
    direction: str
    calls: int
    failures: int
    times_s: Times | None


def figures_of(counts: Counts) -> list[CallFigures]:
    """One for each action and direction; what is no call is not in them."""
    return [
        CallFigures(name, DIRECTIONS[kind], row.succeeded + row.failed, row.failed, _times(row.latency))
        for (kind, name), row in counts.rows.items()
        if kind in DIRECTIONS and name not in labels.ANOMALIES
    ]


def _times(latency: Histogram) -> Times | None:
    return Times(*(latency.quantile(q) for q in (0.5, 0.95, 0.99, 1.0))) if latency.count else None
