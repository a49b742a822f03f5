"""The API on gevent's own web server: live endpoints, listeners that leave in any way, bodies without a length."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websocket import ABNF, WebSocket, WebSocketBadStatusException, create_connection

ROOT = Path(__file__).parent.parent.parent
LIVE = "/stations/A%7C1/logs/live"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
GONE_S = 1.5  # a listener's traces may take about a second to go


class Server:
    """The program `rest_server.py`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "rest_server.py")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, {"Connection": "close", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def probe(self) -> dict[str, object]:
        return json.loads(self.ask("GET", "/probe")[1])

    def say(self, text: str) -> None:
        assert self.ask("POST", "/say", text)[0] == 200

    @contextmanager
    def listen(self, path: str = LIVE) -> Iterator[WebSocket]:
        listener = create_connection(f"ws://127.0.0.1:{self.port}{path}", timeout=5)
        try:
            yield listener
        finally:
            listener.shutdown()

    def stop(self) -> str:
        """What it wrote to stderr."""
        self._process.terminate()
        return self._process.communicate(timeout=10)[1]


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    made = Server()
    yield made
    errors = made.stop()
    assert errors.count("Traceback") == errors.count("ZeroDivisionError: planted"), errors


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """What it holds after the test is what it held before."""
    running.probe()
    before = running.probe()
    yield running
    eventually(lambda: running.probe() == before, lambda: f"{running.probe()} instead of {before}")


def eventually(holds: Callable[[], bool], words: Callable[[], str]) -> None:
    until = time.monotonic() + GONE_S
    while not holds():
        assert time.monotonic() < until, words()
        time.sleep(0.05)


def test_every_line_is_one_text_to_every_listener(server: Server) -> None:
    with server.listen() as first, server.listen() as second:
        for number in range(20):
            server.say(f"line {number}")
        for listener in (first, second):
            texts = [listener.recv() for _ in range(20)]
            assert [text[11:] for text in texts] == [f"line {number}" for number in range(20)]


def test_a_large_line_arrives_whole(server: Server) -> None:
    with server.listen() as listener:
        server.say("x" * 900_000)
        assert len(listener.recv()) == 900_011


def close_code(listener: WebSocket) -> int:
    opcode, data = listener.recv_data(control_frame=True)
    assert opcode == ABNF.OPCODE_CLOSE, data
    return int.from_bytes(data[:2])


def leave_politely(listener: WebSocket) -> None:
    listener.close()


def leave_without_a_word(listener: WebSocket) -> None:
    listener.shutdown()


def leave_by_reset(listener: WebSocket) -> None:
    listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    listener.sock.close()


@pytest.mark.parametrize("path", [LIVE, "/api/v1/summary/live"])
@pytest.mark.parametrize("leave", [leave_politely, leave_without_a_word, leave_by_reset])
def test_who_leaves_while_nothing_comes_leaves_nothing_behind(
    server: Server, leave: Callable[[WebSocket], None], path: str
) -> None:
    before = server.probe()
    with server.listen(path) as listener:
        held = server.probe()
        assert held["followed"] is (path == LIVE)
        assert int(str(held["greenlets"])) > int(str(before["greenlets"]))
        leave(listener)
        eventually(lambda: server.probe() == before, lambda: f"{server.probe()} instead of {before}")


def test_an_unknown_station_is_refused_before_the_upgrade(server: Server) -> None:
    for station_id in ("nobody", "a%2Fb", "%3Cb%3E"):
        with (
            pytest.raises(WebSocketBadStatusException) as refused,
            server.listen(f"/stations/{station_id}/logs/live"),
        ):
            pytest.fail("upgraded")
        assert refused.value.status_code == 404
        assert list(json.loads(refused.value.resp_body)) == ["detail"]


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"Sec-WebSocket-Version": "13"}, "not a WebSocket upgrade"),
        ({"Sec-WebSocket-Version": "12", "Sec-WebSocket-Key": KEY}, "not a WebSocket upgrade"),
        ({"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY, "Content-Length": "5"}, "has no body"),
    ],
)
def test_a_broken_upgrade_is_a_bad_request(server: Server, headers: dict[str, str], detail: str) -> None:
    body = b"hello" if "Content-Length" in headers else None
    status, answer = server.ask("GET", LIVE, body, {"Connection": "Upgrade", "Upgrade": "websocket", **headers})
    assert (status, detail in json.loads(answer)["detail"]) == (400, True)


def test_what_follows_a_broken_websocket_is_no_http(server: Server) -> None:
    lines = [
        f"GET {LIVE} HTTP/1.1",
        "Host: x",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall("\r\n".join([*lines, f"Sec-WebSocket-Key: {KEY}", "", ""]).encode())
        answer = sock.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101 ")
        sock.sendall(b"GET /probe HTTP/1.1\r\n\r\n" * 100)
        while chunk := sock.recv(4096):
            answer += chunk
    assert answer.count(b"HTTP/1.1") == 1


def test_what_a_listener_says_counts_for_nothing(server: Server) -> None:
    with server.listen() as listener:
        for _ in range(100):
            listener.send("hello")
        server.say("still there")
        assert listener.recv().endswith("still there")


def test_a_listener_that_says_too_much_is_let_go(server: Server) -> None:
    with server.listen() as listener:
        listener.send("x" * 100_000)
        assert close_code(listener) == 1009


def test_the_summary_comes_every_second(server: Server) -> None:
    with server.listen("/api/v1/summary/live") as listener:
        began = time.monotonic()
        states = [json.loads(listener.recv())["state"] for _ in range(3)]
        took_s = time.monotonic() - began
    assert states == ["running"] * 3
    assert 1.5 < took_s < 3.5


@pytest.mark.parametrize("chunks", [1, 17])
def test_the_limit_of_a_body_holds_without_a_length(server: Server, chunks: int) -> None:
    body = (b" " * 65_536 for _ in range(chunks - 1))
    status, answer = server.ask(
        "POST", "/pricing", _ending(body), {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    )
    if chunks == 1:
        assert (status, json.loads(answer)) == (200, {"price": 20.0})
    else:
        assert (status, "larger" in json.loads(answer)["detail"]) == (413, True)


def _ending(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunk by chunk, as http.client sends an iterable without a length."""
    yield from (b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    yield b'd\r\n{"price": 20}\r\n0\r\n\r\n'


def test_a_bug_while_it_feeds_closes_with_1011_and_writes_no_http_into_the_socket(running: Server) -> None:
    """The last one: the server stays broken. Its log, with the trace, is looked at when it is stopped."""
    assert running.ask("POST", "/break")[0] == 200
    with running.listen("/api/v1/summary/live") as listener:
        assert close_code(listener) == 1011
