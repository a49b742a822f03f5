"""A master that knows many stations of two workers, and shows them as ever: Locust's web application, our REST API.

The workers exist in its books only, so all that its process does is what is asked of it.
"""

from __future__ import annotations

import argparse
from typing import Any

from gevent.pywsgi import WSGIServer
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.rpc.protocol import Message

from benchmarks.programs.wire import HOST
from evsim_locust import StationUser
from evsim_locust.control.fleet import Change, RowStatus
from evsim_locust.control.messages import Hello, Report, encode
from evsim_locust.plugin import keeping, state, surface
from evsim_locust.plugin.master import Master

READY = "master listening on "
WORKERS = ("worker-0", "worker-1")


class Station(StationUser):
    """What the workers would run."""


def master_environment(history: str = "none") -> Any:
    """Locust's environment with a master's runner, on free ports of the loopback; `history` is --history's value."""
    given = ["--host", f"ws://{HOST}:9000/ocpp", "--history", history, "--metrics-port", "0"]
    options = get_parser(default_config_files=[]).parse_args(given)
    environment = Environment(user_classes=[Station], host=options.host, parsed_options=options)
    environment.create_master_runner(HOST, 0)
    return environment


def master_of(environment: Any) -> Master:
    """The side of the control plane that knows everything."""
    master = state.of(environment).master
    if master is None:
        raise RuntimeError("this is no master's environment")
    return master


def fill(master: Master, stations: int) -> None:
    """Lease so many ids to the workers by turns, and hear from them that all stations are booted."""
    for worker in WORKERS:
        master.hello(Hello(), worker)
    for number in range(stations):
        if master.take(WORKERS[number % len(WORKERS)]) is None:
            raise RuntimeError("the ids are used up")
    for worker in WORKERS:
        hear(master, worker, report_of(master, worker, stations, "Available", 0.0))
    if master.fleet.by_status() != {"Available": stations}:
        raise RuntimeError(f"the books are wrong: {master.fleet.by_status()}")


def report_of(master: Master, worker: str, most: int, status: RowStatus, usage_kw: float) -> bytes:
    """A report as it is on the wire: so many stations of that worker have changed."""
    mine = [row.station_id for row in master.fleet.page(0, most * len(WORKERS))[0] if row.worker == worker]
    changes = [Change(station_id, status, usage_kw, usage_kw / 10) for station_id in mine[:most]]
    report: bytes = Message("stats", encode(Report(1, changes, 1.0, 0.02)), worker).serialize()
    return report


def hear(master: Master, worker: str, report: bytes) -> None:
    """From the wire into the rows."""
    master.report(worker, Message.unserialize(report).data)


def filled(description: str | None) -> Any:
    """The environment that the command line asks for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--stations", type=int, default=20_000)
    parser.add_argument("--history", default="none", metavar="PATH|none", help="what it has of earlier runs")
    options = parser.parse_args()
    environment = master_environment(options.history)
    fill(master_of(environment), options.stations)
    return environment


def serve(environment: Any) -> None:
    """Listen on a free port of the loopback, say which, and answer for ever."""
    web_ui = environment.create_web_ui(HOST, 0, delayed_start=True)
    keeping.open_for(environment)
    surface.open_for(environment, web_ui)
    server = WSGIServer((HOST, 0), web_ui.app, log=None)  # as Locust makes it, which does not tell a free port
    web_ui.server = server
    server.start()
    print(f"{READY}{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(filled(__doc__))
