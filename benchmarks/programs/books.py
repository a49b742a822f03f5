"""CPU that the master's books cost: a worker's report from the wire into the rows, and leases."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import cycle

from benchmarks.programs.master import WORKERS, fill, hear, master_environment, master_of, report_of
from benchmarks.programs.usage import report
from evsim_locust.control.fleet import RowStatus
from evsim_locust.plugin.master import Master

_TAKES, _RUNS = 1000, 6
_WORKER = WORKERS[0]


def take_reports(master: Master, changes: int) -> Iterable[Callable[[], object]]:
    """Reports in which every row is another one than in the last, one run each; fails when one was not applied."""
    turns: tuple[tuple[RowStatus, float], ...] = (("Charging", 7.4), ("SuspendedEV", 1.5))
    for status, usage_kw in cycle(turns):
        data = report_of(master, _WORKER, changes, status, usage_kw)
        yield partial(hear, master, _WORKER, data)
        rows = [row for row in master.fleet.page(0, changes * 2)[0] if row.worker == _WORKER]
        if len(rows) != changes or any(row.status != status for row in rows):
            raise RuntimeError("a report was not applied")


def take_leases(master: Master) -> Iterable[Callable[[], object]]:
    """A thousand ids, one run each."""
    while True:
        before = len(master.leases)
        yield lambda: [master.take(_WORKER) for _ in range(_TAKES)]
        if len(master.leases) != before + _TAKES:
            raise RuntimeError("ids were not leased")


def best_ms(runs: Iterable[Callable[[], object]]) -> float:
    """The least CPU of some runs; what follows a run is checked before the next one, and not measured."""
    took: list[float] = []
    for run in runs:
        if len(took) == _RUNS:
            break
        before = time.process_time()
        run()
        took.append(time.process_time() - before)
    return min(took) * 1000


def main() -> None:
    """The best of some runs each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=50_000)
    parser.add_argument("--changes", type=int, default=10_000)
    options = parser.parse_args()
    master = master_of(master_environment())
    fill(master, options.stations)
    report(
        {
            "report_ms": best_ms(take_reports(master, options.changes)),
            "leases_ms": best_ms(take_leases(master)),
            "changes": options.changes,
            "leases": _TAKES,
        }
    )
    os._exit(0)  # Locust's greenlets would go on


if __name__ == "__main__":
    main()
