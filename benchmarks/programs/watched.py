"""A locustfile whose workers tell when another price reaches their stations, and how long ids take to come.

A line `price PRICE MOMENT STATIONS` for each price; upon SIGUSR1 a line `leases` with JSON. Moments are monotonic
seconds, which all processes of a machine share.
"""

from __future__ import annotations

import json
import signal
from time import monotonic
from typing import Any

import gevent
from locust import events
from locust.runners import WorkerRunner

from evsim_locust import StationUser
from evsim_locust.plugin import state
from evsim_locust.plugin.worker import Worker

_POLL_S = 0.002
_PATIENCE_S = 10.0
_IDS = 500


class Station(StationUser):
    """As it is."""


@events.init.add_listener  # type: ignore[untyped-decorator]  # untyped in Locust
def begin(environment: Any, runner: Any, **_kwargs: Any) -> None:
    """Nothing is of interest on the master."""
    if isinstance(runner, WorkerRunner):
        worker = state.of(environment).worker
        assert worker is not None
        gevent.spawn(watch_price, worker)
        gevent.signal_handler(signal.SIGUSR1, take_ids, worker)


def watch_price(worker: Worker) -> None:
    """All stations of a process share one environment: its price is the one that each of them decides by."""
    known = 0.0
    while True:
        gevent.sleep(_POLL_S)
        if worker.stations and (price := worker.run().environment.price) != known:
            known = price
            print(f"price {price:g} {monotonic():.6f} {len(worker.stations)}", flush=True)


def take_ids(worker: Worker) -> None:
    """As if so many users were spawned at once; the ids go back."""
    began = monotonic()
    tickets = [worker.desk.want() for _ in range(_IDS)]
    leases = [ticket.get(timeout=_PATIENCE_S) for ticket in tickets]
    ended = monotonic()
    ids = [lease.station_id for lease in leases if lease is not None]
    print("leases " + json.dumps({"began": began, "ended": ended, "ids": ids}), flush=True)
    for station_id in ids:
        worker.desk.give_back(station_id)
