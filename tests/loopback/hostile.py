"""A WebSocket server on gevent that does what it should not; nothing is monkey-patched."""

from __future__ import annotations

import base64
import hashlib
import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
import gevent.event
import gevent.ssl
from gevent import socket

from evsim_locust.transport.connection import Connection
from evsim_locust.transport.errors import Disconnected
from evsim_locust.transport.target import Target


def frame(payload: bytes, opcode: int = 1, fin: bool = True) -> bytes:
    """A frame as a server sends it."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | opcode])
    if size < 126:
        return head + bytes([size]) + payload
    if size < 1 << 16:
        return head + b"\x7e" + size.to_bytes(2, "big") + payload
    return head + b"\x7f" + size.to_bytes(8, "big") + payload


def close_frame(code: int, reason: bytes = b"") -> bytes:
    return frame(code.to_bytes(2, "big") + reason, 8)


def unmasked(data: bytes) -> tuple[int, bytes]:
    """Opcode and payload of one short frame from a client."""
    assert data[1] & 0x80
    size, mask = data[1] & 0x7F, data[2:6]
    return data[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data[6 : 6 + size]))


def ending(connection: Connection, timeout: float = 5) -> tuple[list[str], Disconnected | None]:
    """The texts received before the end, and the end; None when there was none in time."""
    texts = []
    try:
        while (text := connection.receive(timeout)) is not None:
            texts.append(text)
    except Disconnected as end:
        return texts, end
    return texts, None


def raw_write(peer: Any, data: bytes) -> None:
    """Bytes past the TLS layer."""
    os.write(peer.fileno(), data)


def notify(peer: Any) -> None:
    """A close_notify, and no waiting for the answer."""
    with suppress(OSError):
        peer._sslobj.shutdown()


class Server:
    """Accepts one connection, upgrades it, hands the socket to `script`; `http` replaces the 101.

    `error` keeps what ended the script. `before_tls` and `before_http` run in place of what follows.
    """

    def __init__(
        self,
        script: Callable[[Any], object] = lambda peer: None,
        *,
        http: str | None = None,
        glued: bytes = b"",
        subprotocol: str | None = "ocpp1.6",
        tls: gevent.ssl.SSLContext | None = None,
        context: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        port: int = 0,
        before_tls: Callable[[Any], object] | None = None,
        before_http: Callable[[Any], object] | None = None,
    ) -> None:
        self._script, self._http, self._glued, self._subprotocol, self._tls = script, http, glued, subprotocol, tls
        self._before_tls, self._before_http = before_tls, before_http
        self._listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self._listener.bind((address, port))
        self._listener.listen()
        self.target = Target(address, self._listener.getsockname()[1], "/ocpp/X", context=context)
        self.request = ""
        self.peer_address: Any = None
        self.error: Exception | None = None
        self.accepted = gevent.event.Event()
        self.greenlet = gevent.spawn(self._serve)

    def close(self) -> None:
        self.greenlet.kill()
        self._listener.close()

    def _serve(self) -> None:
        peer, self.peer_address = self._listener.accept()
        self._listener.close()
        self.accepted.set()
        try:
            if self._before_tls is not None:
                self._before_tls(peer)
            if self._tls is not None:
                peer = self._tls.wrap_socket(peer, server_side=True, do_handshake_on_connect=False)
                peer.do_handshake()
            if self._before_http is not None:
                self._before_http(peer)
            self._upgrade(peer)
            self._script(peer)
        except Exception as error:
            self.error = error
        finally:
            peer.close()

    def _upgrade(self, peer: Any) -> None:
        while "\r\n\r\n" not in self.request:
            data = peer.recv(4096)
            if not data:
                raise ConnectionResetError("no request")
            self.request += data.decode()
        answer = "\r\n".join(self._answer()) + "\r\n\r\n" if self._http is None else self._http
        peer.sendall(answer.encode() + self._glued)

    def _answer(self) -> list[str]:
        accept = hashlib.sha1((self.header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {base64.b64encode(accept.digest()).decode()}",
            "Set-Cookie: a=b; Domain=127.0.0.1",
        ]
        return lines if self._subprotocol is None else [*lines, f"Sec-WebSocket-Protocol: {self._subprotocol}"]

    def header(self, name: str) -> str:
        headers = dict(line.split(": ", 1) for line in self.request.split("\r\n")[1:] if line)
        return headers.get(name, "")
