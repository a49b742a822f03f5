"""CPU that the master's books cost: a worker's report, a page of stations, leases."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import msgspec

from benchmarks.programs.usage import report
from evsim_locust.behaviour.identity import Naming
from evsim_locust.control.fleet import Change, Fleet
from evsim_locust.control.leases import Leases

_PAGE, _TAKES = 100, 1000


def leased_fleet(count: int) -> tuple[Fleet, Leases]:
    """So many stations that run on two workers by turns."""
    fleet, leases = Fleet(), Leases(Naming("PY-SIM-", 1, 4))
    for number in range(count):
        worker = f"worker-{number % 2}"
        lease = leases.take(worker)
        if lease is None:
            raise RuntimeError("the ids are used up")
        fleet.leased(lease.station_id, "default", 30.0, 25.0, True, worker)
    return fleet, leases


def take_report(fleet: Fleet, worker: str, data: list[list[object]]) -> None:
    """As the master does it: checked, then applied; fails when it was not."""
    fleet.apply(worker, msgspec.convert(data, list[Change]), 1.0, 0.02)
    row = fleet.get(str(data[-1][0]))
    if row is None or row.status != data[-1][1]:
        raise RuntimeError("the report was not applied")


def take_page(fleet: Fleet, offset: int) -> None:
    """A page as the API gives it; fails when it is not full."""
    rows, _total = fleet.page(offset, _PAGE)
    if len([row.as_json() for row in rows]) != _PAGE:
        raise RuntimeError("the page is not full")


def best_ms(run: Callable[[], object], repeat: int = 5) -> float:
    """The least CPU of some runs."""
    took = []
    for _ in range(repeat):
        before = time.process_time()
        run()
        took.append(time.process_time() - before)
    return min(took) * 1000


def main() -> None:
    """The best of five runs each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=50_000)
    parser.add_argument("--changes", type=int, default=10_000)
    options = parser.parse_args()
    fleet, leases = leased_fleet(options.stations)
    rows, _total = fleet.page(0, options.stations)
    data = [[row.station_id, "Charging", 7.4, 1.5] for row in rows if row.worker == "worker-0"][: options.changes]
    report(
        {
            "report_ms": best_ms(lambda: take_report(fleet, "worker-0", data)),
            "page_ms": best_ms(lambda: take_page(fleet, options.stations // 2)),
            "leases_ms": best_ms(lambda: [leases.take("worker-1") for _ in range(_TAKES)]),
            "changes": len(data),
            "leases": _TAKES,
        }
    )


if __name__ == "__main__":
    main()
