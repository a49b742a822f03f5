"""Opening a WebSocket: name, TCP, TLS, then the HTTP upgrade, within one deadline and open to an abort."""

from __future__ import annotations

import _socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import gevent
from gevent.hub import get_hub

from evsim_locust.transport import tcp
from evsim_locust.transport.connection import DEFAULTS, Connection, Limits
from evsim_locust.transport.errors import OpenFailed, Stage
from evsim_locust.transport.target import Target
from evsim_locust.transport.tls import Tls, tls_failure
from evsim_locust.transport.upgrade import Stream, upgrade


class _Interrupted(BaseException):
    """Thrown into the greenlet that opens, where it waits; no library on the way may take it for an error."""


class Opening:
    """One attempt: `open` in a greenlet, `abort` from another one of the same thread.

    `source` is the local address to connect from, `timeout_s` is for all phases together. `durations` holds the
    seconds of each phase so far: dns (for names only), tcp, tls (for wss only), http.
    """

    __slots__ = (
        "_aborted",
        "_greenlet",
        "_limits",
        "_source",
        "_stage",
        "_target",
        "_timeout_s",
        "_until",
        "durations",
    )

    def __init__(self, target: Target, source: str = "", timeout_s: float = 10.0, limits: Limits = DEFAULTS) -> None:
        self._target, self._source, self._timeout_s, self._limits = target, source, timeout_s, limits
        self.durations: dict[str, float] = {}
        self._stage: Stage = "tcp"
        self._until = 0.0
        self._aborted = False
        self._greenlet: Any = None

    def open(self) -> Connection:
        """The connection; the greenlet waits, the hub does not. Raises `OpenFailed`."""
        if self._aborted:
            raise self._failure()
        self._until = monotonic() + self._timeout_s
        timer = get_hub().loop.timer(self._timeout_s)
        timer.start(self._interrupt, update=True)  # the loop's own time is that of its last turn: it would be early
        self._greenlet = gevent.getcurrent()
        try:
            return self._open()
        except _Interrupted:
            raise self._failure() from None
        finally:
            self._greenlet = None  # from here on nothing is thrown any more
            timer.close()

    def abort(self) -> None:
        """Make `open` fail now, or at once when it is called; nothing when it has ended."""
        self._aborted = True
        if self._greenlet is not None:
            get_hub().loop.run_callback(self._interrupt)  # it looks again: `open` may have ended by then

    def _interrupt(self) -> None:
        """Only in the hub, where the opening greenlet waits, and as the last act of a callback."""
        if self._greenlet is not None:
            self._greenlet.throw(_Interrupted)

    def _failure(self) -> OpenFailed:
        if self._aborted:
            return OpenFailed("tcp", "aborted", kind="aborted")
        return OpenFailed(self._stage, f"not done in {self._timeout_s:g} s", kind="timeout")

    @contextmanager
    def _phase(self, stage: Stage) -> Iterator[None]:
        self._stage = stage
        began = monotonic()
        try:
            yield
        finally:
            self.durations[stage] = monotonic() - began

    # ---- the phases

    def _open(self) -> Connection:
        addresses = self._addresses()
        with self._phase("tcp"):
            sock = tcp.connect(addresses, self._source, self._time_left)
        try:
            tls = self._encrypt(sock)
            stream = Stream(sock, tls)
            with self._phase("http"):
                upgrade(stream, self._target)
            return _take_over(sock, stream.rest(), tls, self._limits)
        except BaseException:
            sock.close()
            raise

    def _time_left(self) -> float:
        return self._until - monotonic()

    def _addresses(self) -> list[tcp.Address]:
        host, port = self._target.host, self._target.port
        address = tcp.literal(host, port)
        if address is not None:
            return [address]
        with self._phase("dns"):
            return tcp.resolve(host, port, self._source)

    def _encrypt(self, sock: Any) -> Tls | None:
        if self._target.context is None:
            return None
        with self._phase("tls"):
            try:
                tls = Tls(self._target.context, self._target.host)
                tls.handshake(sock)
            except (OSError, ssl.SSLError, ValueError) as error:  # ValueError: no possible server name
                raise tls_failure(error) from error
            return tls


def _take_over(sock: Any, received: bytes, tls: Tls | None, limits: Limits) -> Connection:
    plain = _socket.socket(fileno=sock.detach())  # gevent's wrapper would keep two watchers alive
    plain.setblocking(False)
    return Connection(plain, received, tls, limits)
