"""The measurements of the control plane: books and REST API of a master, and swarms of real processes."""

from __future__ import annotations

import time
from statistics import median

from benchmarks.cluster import Cluster, ask, cluster
from benchmarks.processes import LOAD_SIDE, ProbeFailed, python, running, wait_for_line, wait_for_report
from benchmarks.sides import Figures, client, master, need_module

_ROWS = 20_000
_STATIONS, _TRACED_STATIONS = 5000, 2000
_ALLOCATES = {"master": "control/fleet.py", "worker": "control/tracked.py"}  # for every station, whatever else does
_PRICES = 10
_BETWEEN_S = 0.17  # no divisor of the three seconds between two reports


def rest_page() -> Figures:
    """A page of the stations, asked of a master over HTTP."""
    with master(_ROWS) as other:
        return client("pages", other, _ROWS)


def books() -> Figures:
    """A report and leases in the master's books."""
    need_module("evsim_locust.plugin")
    with running(python("benchmarks.programs.books"), LOAD_SIDE) as child:
        return wait_for_report(child, 60)


def two_workers(stations: int = _STATIONS) -> Figures:
    """How long a price takes to reach all stations, and a thousand ids to be leased."""
    with cluster("benchmarks/programs/watched.py", 2, stations) as swarm:
        took = [_spread_s(swarm, 21.0 + turn, stations) for turn in range(_PRICES)]
        return {"spread_s": max(took), "spread_median_s": median(took), "lease_s": _lease_s(swarm)}


def _spread_s(swarm: Cluster, price: float, stations: int) -> float:
    """From the request to the last worker's stations."""
    time.sleep(_BETWEEN_S)
    began = time.monotonic()
    ask(f"{swarm.base_url}/pricing", {"price": price})
    told = [wait_for_line(worker, f"price {price:g} ").split()[2:] for worker in swarm.workers]
    held = sum(int(holding) for _, holding in told)
    if held != stations:
        raise ProbeFailed(f"the price {price:g} reached {held} of {stations} stations")
    return max(float(moment) for moment, _ in told) - began


def _lease_s(swarm: Cluster) -> float:
    """From the first worker's first wish to the last worker's last id."""
    told = swarm.told(swarm.workers, "leases")
    ids = [station_id for part in told for station_id in part["ids"]]
    if len(set(ids)) != len(ids) or len(ids) != 1000:
        raise ProbeFailed(f"{len(ids)} ids were leased, {len(set(ids))} of them different")
    return float(max(part["ended"] for part in told) - min(part["began"] for part in told))


def memory(stations: int = _TRACED_STATIONS) -> Figures:
    """KiB that the control plane holds for each station, on its worker and on the master."""
    with cluster("benchmarks/programs/traced.py", 1, stations) as swarm:
        found: dict[str, object] = {}
        processes = {"master": swarm.master, "worker": swarm.workers[0]}
        for name, told in zip(processes, swarm.told(processes.values(), "memory"), strict=True):
            if told["stations"] != stations or _ALLOCATES[name] not in told["by_file"]:
                raise ProbeFailed(f"the {name} traced {told['stations']} of {stations} stations: {told['by_file']}")
            found |= {f"{name}_kib": told["bytes"] / 1024 / stations, f"{name}_bytes": told["by_file"]}
        return found
