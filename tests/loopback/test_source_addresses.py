"""Where the stations of a run connect from."""

from __future__ import annotations

import os
import sys

import gevent
import pytest

from .hostile import Server

os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"  # else importing Locust would patch the test process
from evsim_locust.behaviour.identity import Lease
from evsim_locust.behaviour.session import sessions
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.run import Run

del os.environ["LOCUST_SKIP_MONKEY_PATCH"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no loopback addresses besides 127.0.0.1")
@pytest.mark.parametrize(
    ("index", "address"),
    [(0, "127.0.0.2"), (9_999, "127.0.0.2"), (10_000, "127.0.0.3"), (20_000, "127.0.0.2")],
)
def test_ten_thousand_stations_share_an_address(index: int, address: str) -> None:
    server = Server()
    url = f"ws://127.0.0.1:{server.target.port}/ocpp"
    run = Run(read_options({"source_addresses": "127.0.0.2, 127.0.0.3"}, url))
    lease = Lease("S-1", index)
    greenlet = gevent.spawn(run.life(lease, run.station(lease, sessions), lambda event: None).run)
    assert server.accepted.wait(5)
    assert server.peer_address[0] == address
    greenlet.kill()
    server.close()
