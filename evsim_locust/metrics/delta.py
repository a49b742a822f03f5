"""What one process has counted since it was asked last, as it travels to the master."""

from __future__ import annotations

from msgspec import Struct

from evsim_locust.metrics.histogram import Count, HistogramData
from evsim_locust.metrics.labels import Kind


class RowData(Struct, frozen=True, array_like=True):
    """The samples of one kind and name: how many went well, the others by outcome, and how long they took."""

    kind: Kind
    name: str
    succeeded: Count
    failures: dict[str, Count]
    latency: HistogramData | None


class Delta(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Only what is not zero is there; energy is in Wh by profile, `started` are transactions, the rest as in Counts."""

    rows: list[RowData] = []
    phases: dict[str, HistogramData] = {}
    closes: dict[str, Count] = {}
    reconnects: dict[str, Count] = {}
    ended: dict[str, Count] = {}
    energy_wh: dict[str, Count] = {}
    started: Count = 0
    meter_values: Count = 0
    lag: HistogramData | None = None
