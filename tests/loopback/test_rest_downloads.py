"""Files of sessions from gevent's own server: whole, broken off where the history is, and left half-read."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, IncompleteRead
from typing import Any

import gevent
import pytest
from flask import Flask
from gevent.pywsgi import WSGIServer

from evsim_locust.control.archive_in_memory import InMemoryArchive
from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register
from evsim_locust.history.records import Batch, SessionRecord

pytestmark = pytest.mark.loopback
NUMBER = 20_000


class Going(InMemoryArchive):
    """It goes away after so many sessions, as a database may."""

    left = math.inf

    def every_session(self, wanted: Any) -> Iterator[Any]:
        for row in super().every_session(wanted):
            self.left -= 1
            self.broken = self.left < 0
            yield row


@pytest.fixture
def archive() -> Going:
    made = Going()
    made.begin("one", 0.0)
    numbers = range(NUMBER)
    made.put(
        Batch(sessions=[SessionRecord(f"s{n}", "A", 1, "T", "p", n, n + 1, 0, n, "Local", 20.0, 1.0) for n in numbers])
    )
    return made


@pytest.fixture
def ask(archive: Going) -> Iterator[Callable[..., Any]]:
    """Ask with a client in a thread, which leaves the hub free to answer."""
    app = Flask("web")
    register(app, InMemorySwarm(), archive=archive)
    server = WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()

    def in_thread(path: str, read: Callable[[Any], Any]) -> Any:
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        try:
            connection.request("GET", path)
            return read(connection.getresponse())
        finally:
            connection.close()

    yield lambda path, read=lambda answer: answer.read(): gevent.get_hub().threadpool.apply(in_thread, (path, read))
    server.stop()


def test_a_file_is_whole(ask) -> None:
    table = list(csv.reader(io.StringIO(ask("/api/v1/sessions.csv").decode(), newline="")))
    assert [row[0] for row in table] == ["session_id", *(f"s{n}" for n in reversed(range(NUMBER)))]
    assert [row["session_id"] for row in json.loads(ask("/api/v1/sessions.json"))] == [row[0] for row in table[1:]]


@pytest.mark.parametrize("path", ["/api/v1/sessions.csv", "/api/v1/sessions.json"])
def test_a_file_that_is_cut_off_is_no_file_to_the_client_and_no_trace_to_the_user(ask, archive, capfd, path) -> None:
    def read(answer: Any) -> int:
        with pytest.raises(IncompleteRead) as cut:
            answer.read()
        return len(cut.value.partial)

    archive.left = NUMBER // 2
    assert ask(path, read) > NUMBER
    assert "Traceback" not in capfd.readouterr().err


def test_a_client_that_leaves_half_way_disturbs_nobody(ask, capfd) -> None:
    for _ in range(3):
        ask("/api/v1/sessions.json", lambda answer: answer.read(1))
    assert len(json.loads(ask("/api/v1/sessions.json?limit=700"))) == 700
    assert "Traceback" not in capfd.readouterr().err
