"""A central system on gevent, with the mock's own core, and mischief between its answers and the wire."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, TextMessage

from csms.central_system import CentralSystem

from .hostile import frame

Send = Callable[[bytes], object]  # bytes to the wire
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Mischief:
    """None at all; each kind spoils one thing."""

    def upgrade(self, peer: Any, request: str) -> bool:
        """Answer the HTTP request; whether it is a WebSocket now."""
        peer.sendall(upgraded(request))
        return True

    def opened(self, peer: Any) -> None:
        """The WebSocket is open."""

    def answer(self, send: Send, answer: bytes) -> None:
        """Send one of the core's answers."""
        send(frame(answer))


class SpoiledCsms:
    """Takes any number of connections; `turn_good` ends the mischief, also on those that are open."""

    def __init__(self, mischief: Mischief | None = None, listening: bool = True) -> None:
        self.system = CentralSystem()
        self.connections = 0
        self._mischief = Mischief() if mischief is None else mischief
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}/ocpp"
        self._greenlets: list[gevent.Greenlet] = []
        self._peers: set[Any] = set()
        if listening:
            self._listen()
        self._is_listening = listening

    def turn_bad(self, mischief: Mischief) -> None:
        """From now on, and every open connection breaks."""
        self._mischief = mischief
        for peer in self._peers:
            peer.shutdown(socket.SHUT_RDWR)

    def turn_good(self) -> None:
        self._mischief = Mischief()
        if not self._is_listening:
            self._listen()

    def close(self) -> None:
        gevent.killall(self._greenlets)
        self._listener.close()

    def _listen(self) -> None:
        self._listener.listen()
        self._greenlets.append(gevent.spawn(self._accept))

    def _accept(self) -> None:
        while True:
            peer, _address = self._listener.accept()
            self.connections += 1
            self._peers.add(peer)
            self._greenlets.append(gevent.spawn(self._serve, peer))

    def _serve(self, peer: Any) -> None:
        try:
            request = _request(peer)
            if self._mischief.upgrade(peer, request):
                self._mischief.opened(peer)
                self._talk(peer, request)
        except OSError:  # the station has had enough, or the mischief closed the socket
            return
        finally:
            self._peers.discard(peer)
            peer.close()

    def _talk(self, peer: Any, request: str) -> None:
        station_id = request.split(" ", 2)[1].rpartition("/")[2]
        session = self.system.connected(station_id, time.time())
        frames, text = Connection(ConnectionType.SERVER), ""
        try:
            while frames.state is ConnectionState.OPEN and (data := peer.recv(65536)):
                frames.receive_data(data)
                for event in frames.events():
                    if isinstance(event, TextMessage):
                        text += event.data
                        if event.message_finished:
                            session.receive(text, time.time())
                            text = ""
                            self._send_answers(peer, session)
                    elif isinstance(event, CloseConnection):
                        peer.sendall(frames.send(event.response()))
        finally:
            session.disconnected(time.time())

    def _send_answers(self, peer: Any, session: Any) -> None:
        for answer in session.take_outbox():
            self._mischief.answer(peer.sendall, answer)


def _request(peer: Any) -> str:
    request = ""
    while "\r\n\r\n" not in request:
        data = peer.recv(4096)
        if not data:
            raise ConnectionResetError("no request")
        request += data.decode()
    return request


def upgraded(request: str, subprotocol: str | None = "ocpp1.6") -> bytes:
    """The 101 to a request."""
    headers = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if line)
    accept = base64.b64encode(hashlib.sha1((headers["Sec-WebSocket-Key"] + _GUID).encode()).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines.append(f"Sec-WebSocket-Accept: {accept}")
    if subprotocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
