"""A locustfile that tells, upon SIGUSR1, what memory the control plane holds in its process: a line `memory` with JSON.

Counted is what is alive of all blocks that the control plane's code has allocated since the run began, by the line of
Python that allocated each: its rows, leases, sets and dicts, and what its messages brought.
"""

from __future__ import annotations

import gc
import json
import signal
import tracemalloc
from itertools import chain
from pathlib import Path
from struct import calcsize
from typing import Any

import gevent
from locust import events
from locust.rpc import protocol

from evsim_locust import StationUser, control, plugin
from evsim_locust.plugin import state

_OF_A_USER = ("worker", "lease", "tracked", "_ticket")  # attributes that stations have for the control plane
_IN_PLUGIN = ("asking", "dispatcher", "leasing", "master", "newest_first", "post", "ramp", "refill", "state", "worker")


class Station(StationUser):
    """As it is."""


def places() -> frozenset[str]:
    """The files whose blocks count; Locust's protocol unpacks the ids and figures that messages bring."""
    folder = Path(plugin.__file__).parent
    ours = chain(Path(control.__file__).parent.rglob("*.py"), (folder / f"{name}.py" for name in _IN_PLUGIN))
    return frozenset(str(path.resolve(strict=True)) for path in (*ours, Path(protocol.__file__)))


@events.init.add_listener  # type: ignore[untyped-decorator]  # untyped in Locust
def begin(environment: Any, **_kwargs: Any) -> None:
    """On the master and on workers alike."""
    gevent.signal_handler(signal.SIGUSR1, tell, environment)


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def trace(**_kwargs: Any) -> None:
    """What there was before the run does not count."""
    tracemalloc.start()


def tell(environment: Any) -> None:
    """Bytes, by file too, and of how many stations this process knows."""
    gc.collect()
    counted, sizes = places(), tracemalloc.take_snapshot().statistics("filename")
    traced = {row.traceback[0].filename: row.size for row in sizes}
    by_file = {"/".join(Path(name).parts[-2:]): size for name, size in traced.items() if name in counted}
    mine = state.of(environment)
    stations = len(mine.master.leases if mine.worker is None else mine.worker.stations)  # type: ignore[union-attr]
    attributes = 0 if mine.worker is None else attribute_bytes(mine.worker.stations)
    found = {
        "bytes": sum(by_file.values()) + attributes,
        "all_bytes": sum(traced.values()),
        "stations": stations,
        "attributes": attributes,
    }
    print("memory " + json.dumps(found | {"by_file": by_file}), flush=True)


def attribute_bytes(stations: dict[str, StationUser]) -> int:
    """Of the references; raises KeyError when a station has no such attribute."""
    return calcsize("P") * len([vars(user)[name] for user in stations.values() for name in _OF_A_USER])
