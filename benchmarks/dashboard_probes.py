"""The measurement of the dashboard: a real browser before a master that knows many stations."""

from __future__ import annotations

from benchmarks.processes import Unavailable
from benchmarks.sides import Figures, client, master
from scripts import chromium

_ROWS = 20_000
_LONG_S = 600.0  # memory that grows shows in ten minutes


def dashboard(stations: int = _ROWS, seconds: float = _LONG_S, loads: int = 5) -> Figures:
    """Some first visits, and one that lasts so many seconds."""
    try:
        chromium.find()
    except chromium.NoBrowser as reason:
        raise Unavailable(str(reason)) from None
    with master(stations, program="moving") as other:
        options = ("--seconds", seconds, "--loads", loads)
        return client("dashboard", other, stations, *options, timeout_s=seconds * 2 + 120)
