"""The upgrade in memory: what is asked, and that no answer does more than fail it."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websocket import _handshake

from evsim_locust.transport.errors import OpenFailed
from evsim_locust.transport.target import Target
from evsim_locust.transport.upgrade import Stream, upgrade

TARGET = Target("127.0.0.1", 9000, "/ocpp/CP1")
GOOD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
AGREED = "Sec-WebSocket-Protocol: ocpp1.6\r\n"


class Server:
    """A socket whose peer reads the request, then answers with `answer(accept)` in pieces of `piece` bytes."""

    def __init__(self, answer, piece: int = 1000) -> None:
        self._answer, self._piece = answer, piece
        self.request = b""
        self._to_read: bytes | None = None

    def sendall(self, data: bytes) -> None:
        self.request += data

    def recv(self, size: int) -> bytes:
        if self._to_read is None:
            self._to_read = self._answer(self._accept())
        size = min(size, self._piece)
        data, self._to_read = self._to_read[:size], self._to_read[size:]
        return data

    def _accept(self) -> str:
        key = self.header("Sec-WebSocket-Key")
        return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()

    def header(self, name: str) -> str | None:
        lines = dict(line.split(": ", 1) for line in self.request.decode().split("\r\n")[1:] if line)
        return lines.get(name)


def good(accept: str, more: str = AGREED, glued: bytes = b"") -> bytes:
    return f"{GOOD}Sec-WebSocket-Accept: {accept}\r\n{more}\r\n".encode() + glued


def asked(answer=good, target: Target = TARGET, piece: int = 1000) -> tuple[Server, Stream]:
    server = Server(answer, piece)
    stream = Stream(server, None)
    upgrade(stream, target)
    return server, stream


def failed(answer, target: Target = TARGET) -> OpenFailed:
    with pytest.raises(OpenFailed) as raised:
        asked(answer, target)
    return raised.value


def test_what_is_asked():
    server, stream = asked()
    assert server.request.startswith(b"GET /ocpp/CP1 HTTP/1.1\r\n")
    assert server.header("Host") == "127.0.0.1:9000"
    assert server.header("Sec-WebSocket-Protocol") == "ocpp1.6"
    assert server.header("Sec-WebSocket-Version") == "13"
    assert server.header("Origin") is None
    assert server.header("Authorization") is None
    assert stream.rest() == b""


def test_basic_auth():
    server, _ = asked(target=Target("h", 80, "/", password=("CP1", "pässword:with:colons")))
    user = base64.b64decode(server.header("Authorization").removeprefix("Basic "))
    assert user == "CP1:pässword:with:colons".encode()


def test_the_query_and_an_ipv6_host_reach_the_wire():
    server, _ = asked(target=Target("::1", 9000, "/ocpp/CP1?a=b&c=d"))
    assert server.request.startswith(b"GET /ocpp/CP1?a=b&c=d HTTP/1.1\r\n")
    assert server.header("Host") == "[::1]:9000"


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_what_came_behind_the_answer_is_kept(piece):
    server, stream = asked(lambda accept: good(accept, glued=b"\x81\x01a\x81"), piece=piece)
    rest = stream.rest()
    while data := server.recv(1000):
        rest += data
    assert rest == b"\x81\x01a\x81"


def test_no_cookie_is_kept_for_other_stations():
    asked(lambda accept: good(accept, AGREED + "Set-Cookie: a=b; Domain=127.0.0.1\r\n"))
    assert _handshake.CookieJar.jar == {}
    server, _ = asked()
    assert server.header("Cookie") is None


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: ws://10.0.0.1/\r\n\r\n", "http 302"),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "http 401"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope", "http 404"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: abc\r\n\r\n", "http malformed"),
        (b"HTTP/1.1 500 x\r\nContent-Length: 99999999\r\n\r\n" + b"z" * 300_000, "http malformed"),
        (b"HTTP/1.1 101 x\r\nA: " + b"y" * 200_000, "http malformed"),
        (b"HTTP/1.1 777 Odd\r\n\r\n", "http malformed"),
        (b"hello\r\n\r\n", "http malformed"),
        (b"\xff\xfe\r\n\r\n", "http malformed"),
        (b"HTTP/1.1 101 x\r\nSet-Cookie: a\x00b;;==\r\n\r\n", "http malformed"),
        (GOOD.encode() + b"Sec-WebSocket-Accept: wrong\r\n\r\n", "http malformed"),
        (GOOD.encode() + b"\r\n", "http malformed"),
        (b"HTTP/1.1 101 x\r\n", "http closed"),
        (b"", "http closed"),
    ],
)
def test_a_wrong_answer_fails_with_its_label(answer, label):
    failure = failed(lambda accept: answer)
    assert failure.label == label
    assert len(failure.detail) <= 200


@pytest.mark.parametrize("offered", ["", "Sec-WebSocket-Protocol: ocpp2.0.1\r\n"])
def test_a_wrong_subprotocol_is_told_apart(offered):
    assert failed(lambda accept: good(accept, offered)).label == "subprotocol"


@given(st.binary(max_size=300), st.integers(0, 120), st.integers(0, 40))
def test_no_answer_raises_anything_else(noise, at, cut):
    def answer(accept: str) -> bytes:
        whole = good(accept)
        return whole[:at] + noise + whole[at + cut :]

    stage = "http"
    try:
        asked(answer)
    except OpenFailed as failure:
        stage = failure.stage
    assert stage in ("http", "subprotocol")
    assert _handshake.CookieJar.jar == {}


@given(
    st.lists(st.tuples(st.sampled_from(["Set-Cookie", "Content-Length", "Connection", "X"]), st.text(max_size=30))),
    st.sampled_from([101, 200, 301, 401, 500]),
)
def test_no_header_raises_anything_else(headers, status):
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in headers), "", ""]
    failure = failed(lambda accept: "\r\n".join(lines).encode(errors="replace"))
    assert failure.stage == "http"
