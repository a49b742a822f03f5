"""The HTTP upgrade (RFC 6455, section 4.1) by websocket-client, on a stream of ours."""

from __future__ import annotations

import base64
import ssl
from http.cookies import CookieError
from typing import Protocol

import websocket
from websocket import _handshake

from evsim_locust.transport.errors import OpenFailed
from evsim_locust.transport.target import Target
from evsim_locust.transport.tls import BlockingSocket, Tls, tls_failure

_MAX_ANSWER = 65536  # bytes of the whole answer
_READ = 16384
_DETAIL = 200  # characters of the peer's words that are kept


class UpgradeStream(Protocol):
    """What websocket-client takes for a socket."""

    def recv(self, size: int) -> bytes:
        """At most `size` bytes."""

    def send(self, data: bytes) -> int:
        """Send all of `data`."""

    def gettimeout(self) -> float | None:
        """None: the opening has a deadline of its own."""

    def close(self) -> None:
        """Let go of it."""


class Stream:
    """A blocking socket, read in large pieces (websocket-client reads byte by byte) and within one total size."""

    def __init__(self, sock: BlockingSocket, tls: Tls | None) -> None:
        self._sock, self._tls = sock, tls
        self._buffer, self._at, self._left = b"", 0, _MAX_ANSWER

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; none at the end of the stream; raises `OpenFailed` when it is too much in all.

        websocket-client asks for one byte after the other until it gets a line's end by itself, and joins what it got:
        so it is given the line up to there as one, for an eighth of what an opening would cost.
        """
        at = self._at
        if at == len(self._buffer):
            at = self._at = 0
            self._buffer = self._fill()
        if size == 1:
            line_end = self._buffer.find(b"\n", at)
            size = max(1, (len(self._buffer) if line_end < 0 else line_end) - at)
        data = self._buffer[at : at + size]
        self._at = at + len(data)
        return data

    def send(self, data: bytes) -> int:
        """Send all of `data`."""
        self._sock.sendall(data if self._tls is None else self._tls.encrypt(data))
        return len(data)

    def rest(self) -> bytes:
        """What came behind the HTTP answer."""
        return self._buffer[self._at :]

    def gettimeout(self) -> float | None:
        """None: the opening has a deadline of its own."""
        return None

    def close(self) -> None:
        """Nothing: websocket-client closes on failure, and so does the opening."""

    def _fill(self) -> bytes:
        while True:
            data = self._sock.recv(_READ)
            self._left -= len(data)
            if self._left < 0:
                raise OpenFailed("http", f"answer over {_MAX_ANSWER} bytes", kind="malformed")
            if not data or self._tls is None:
                return data
            text = self._tls.decrypt(data)
            if text or self._tls.ended:
                return text  # else only session tickets so far


def upgrade(stream: UpgradeStream, target: Target) -> None:
    """Ask for a WebSocket with the target's subprotocol and credentials; raises `OpenFailed`."""
    client = websocket.WebSocket(enable_multithread=False)
    try:
        client.connect(  # type: ignore[no-untyped-call]
            target.url, socket=stream, header=_headers(target), suppress_origin=True, redirect_limit=0
        )
    except ssl.SSLError as error:  # TLS 1.3: the server's word on our certificate comes after the handshake
        raise tls_failure(error) from error
    except websocket.WebSocketBadStatusException as error:
        raise OpenFailed("http", str(error)[:_DETAIL], error.status_code) from error
    except (websocket.WebSocketConnectionClosedException, OSError) as error:
        raise OpenFailed("http", str(error)[:_DETAIL], kind="closed") from error
    except (websocket.WebSocketException, ValueError, LookupError, CookieError) as error:
        raise OpenFailed("http", str(error)[:_DETAIL], client.getstatus(), kind="malformed") from error
    finally:
        _handshake.CookieJar.jar.clear()  # process-wide: one station's cookie would go to all
    client.sock = None  # websocket-client lets go of the stream
    agreed = (client.getheaders() or {}).get("sec-websocket-protocol")
    if agreed != target.subprotocol:
        raise OpenFailed("subprotocol", f"asked for {target.subprotocol}, got {agreed}"[:_DETAIL], client.getstatus())


def _headers(target: Target) -> dict[str, str]:
    # The subprotocol goes as a plain header: websocket-client would call a wrong one "Invalid WebSocket Header".
    headers = {"Sec-WebSocket-Protocol": target.subprotocol}
    if target.password is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(target.password).encode()).decode()
    return headers
