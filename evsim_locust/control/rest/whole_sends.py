"""A socket for simple_websocket that does not lose half a frame to a slow peer."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

import gevent
from gevent.lock import BoundedSemaphore


class WholeSends:
    """A gevent socket whose `send` sends all of it within `within_s` seconds or breaks the connection.

    simple_websocket does not look how much `send` took, and answers pings from a greenlet of its own.
    """

    def __init__(self, sock: Any, within_s: float) -> None:
        self._sock, self._within_s = sock, within_s
        self._turn = BoundedSemaphore()

    def send(self, data: bytes) -> None:
        """Raises OSError; the peer has half a frame then and can make nothing of what would follow."""
        with self._turn:
            try:
                with gevent.Timeout(self._within_s, TimeoutError):
                    self._sock.sendall(data)
            except OSError:
                self.hang_up()
                raise

    def hang_up(self) -> None:
        """End the connection for whoever reads or writes it, also through a copy of the socket."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
