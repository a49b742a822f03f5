"""The control server on real sockets; its clients are threads, which leave the hub free to serve them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import gevent
import pytest
import websocket

from evsim_locust.plugin.control_server import ControlServer, PortTaken

pytestmark = pytest.mark.loopback
T = TypeVar("T")
ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    status: int
    kind: str
    allow: str | None
    body: str


def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    result: T = gevent.get_hub().threadpool.apply(function, arguments)
    return result


def ask(server: ControlServer, path: str, method: str = "GET") -> Answer:
    def request() -> Answer:
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            connection.request(method, path, headers={"Connection": "close"})
            with closing(connection.getresponse()) as answer:
                headers = answer.headers
                return Answer(answer.status, headers["Content-Type"], headers["Allow"], answer.read().decode())

    return in_thread(request)


@pytest.fixture
def server() -> Iterator[ControlServer]:
    made = ControlServer(0)
    made.app.add_url_rule("/hello", "hello", lambda: {"hello": "world"})
    made.app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    made.start()
    yield made
    made.stop()


def test_it_answers_what_is_registered_and_nothing_else(server: ControlServer) -> None:
    assert ask(server, "/hello") == (200, "application/json", None, '{"hello":"world"}\n')
    assert ask(server, "/") == (404, "application/json", None, '{"detail":"Not Found"}\n')
    assert [rule.rule for rule in server.app.url_map.iter_rules()] == ["/hello", "/broken"]


def test_an_error_is_json_and_keeps_its_headers(server: ControlServer) -> None:
    answer = ask(server, "/hello", "DELETE")
    assert (answer.status, answer.kind, answer.body) == (405, "application/json", '{"detail":"Method Not Allowed"}\n')
    assert set((answer.allow or "").split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_what_broke_is_for_the_log_only(server: ControlServer, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(server, "/broken") == (500, "application/json", None, '{"detail":"Internal Server Error"}\n')
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_requests_are_not_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, server: ControlServer
) -> None:
    caplog.set_level(0)
    assert ask(server, "/hello").status == 200
    assert ask(server, "/nothing").status == 404
    assert [record for record in caplog.records if record.name != "asyncio"] == []
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_said(server: ControlServer) -> None:
    with pytest.raises(PortTaken) as refused:
        ControlServer(server.port).start()
    assert str(refused.value) == (
        f"--control-port: cannot listen on 127.0.0.1:{server.port} (Address already in use): give another port"
    )
    assert ask(server, "/hello").status == 200


def test_a_stopped_server_is_gone_and_its_port_free(server: ControlServer) -> None:
    port = server.port
    server.stop()
    server.stop()  # once more does no harm
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    again = ControlServer(port)
    again.start()
    assert ask(again, "/hello").status == 404
    again.stop()


@pytest.fixture
def echo_port() -> Iterator[int]:
    """The port of a server with a WebSocket, which must end by itself and have written no error."""
    program = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("echo_program.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    try:
        assert program.stdout is not None
        yield int(program.stdout.readline() or "0")
    finally:
        _out, errors = program.communicate(timeout=10)
    assert (program.returncode, errors) == (0, "")


def test_a_websocket_ends_with_its_connection(echo_port: int) -> None:
    client = websocket.create_connection(f"ws://127.0.0.1:{echo_port}/echo", timeout=10)
    with closing(client.sock) as raw:
        client.send("one")
        assert client.recv() == "one"
        client.send("end")
        frame = client.recv_frame()
        assert (frame.opcode, frame.data) == (8, (1000).to_bytes(2))
        client.send_close()
        with suppress(ConnectionResetError):  # by the answer to its close frame, which it does not wait for
            assert raw.recv(1000) == b""


def test_nothing_follows_an_upgrade_on_its_connection(server: ControlServer) -> None:
    once = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"

    def send_and_read() -> bytes:
        read = b""
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            client.sendall(once + b"\x88\x82")
            with suppress(ConnectionResetError):  # as its last bytes were not read
                while data := client.recv(4096):
                    read += data
        return read

    answers = in_thread(send_and_read)
    assert answers.startswith(b"HTTP/1.1 200 OK")
    assert answers.endswith(b'{"hello":"world"}\n')


def test_a_client_may_vanish_or_not_know_what_it_wants(echo_port: int) -> None:
    websocket.create_connection(f"ws://127.0.0.1:{echo_port}/echo", timeout=10).sock.close()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{echo_port}/echo", timeout=10)
    with refused.value:
        assert (refused.value.code, refused.value.read()) == (400, b'{"detail":"Bad Request"}\n')
    client = websocket.create_connection(f"ws://127.0.0.1:{echo_port}/echo", timeout=10)
    client.send("still here")
    assert client.recv() == "still here"
    client.close()
