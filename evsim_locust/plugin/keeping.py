"""Opens and closes what a run leaves behind, beside a master's or a local runner: history, metrics, the last table."""

from __future__ import annotations

import importlib
from typing import Any

from evsim_locust.metrics.table import table
from evsim_locust.plugin import state
from evsim_locust.plugin.measuring import Metrics
from evsim_locust.plugin.recording import HISTORY_IS_ON

# Named, not imported: workers need no database, and SQLAlchemy would cost each of them 20 MiB.
_CHRONICLE = "evsim_locust.plugin.chronicle"
_OFF = "none"


def open_for(environment: Any) -> None:
    """Raises `OptionRefused`."""
    mine = state.of(environment)
    options, master = mine.read_master(), mine.master
    assert master is not None
    if options.history != _OFF:
        chronicle = importlib.import_module(_CHRONICLE)
        master.chronicle = chronicle.open_chronicle(options.history, options.retention_s, master.refresh)
    setattr(environment.parsed_options, HISTORY_IS_ON, master.chronicle is not None)
    mine.metrics = Metrics(environment, master)
    mine.metrics.open_port(options.metrics_port)


def close(environment: Any) -> None:
    """After the last station has ended; says how long the calls took, to three digits, where Locust rounds to two."""
    mine = state.of(environment)
    master = mine.master
    if master is not None and master.began:
        master.refresh()
        print(f"\n{table(master.counts)}\n")  # noqa: T201  # beside Locust's own tables
    if mine.metrics is not None:
        mine.metrics.close()
    if master is not None and master.chronicle is not None:
        master.chronicle.close()
