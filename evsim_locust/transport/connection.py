"""One open WebSocket on gevent: texts out at once, texts in through a bounded inbox, one greenlet waiting.

Errors have one door: `send` and the callbacks only record what went wrong, `receive` first hands over the texts
that came before it and then raises it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

from evsim_locust.transport.errors import Disconnected, PeerNotReading, TransportError
from evsim_locust.transport.frames import (
    ABNORMAL,
    NORMAL,
    TEXT,
    Close,
    FrameReader,
    Ping,
    Pong,
    Violation,
    encode,
    encode_close,
    encode_ping,
    encode_pong,
)
from evsim_locust.transport.tls import Tls
from evsim_locust.transport.waiting import Waiter

_READABLE, _WRITABLE = 1, 2  # libev's EV_READ, EV_WRITE
_TEXT_OVERHEAD = 64  # empty texts must count too


class Limits(NamedTuple):
    """Bounds of one connection, all in bytes: a message, texts not yet received, frames not yet sent, one read."""

    message: int = 1 << 20
    inbox: int = 1 << 18
    unsent: int = 1 << 18
    read: int = 1 << 16


DEFAULTS = Limits()


class Connection:
    """`send`, `receive`, `wake`, `close`; made by `opening.Opening`, used in one thread."""

    __slots__ = (
        "_close_sent",
        "_end",
        "_frames",
        "_inbox",
        "_inbox_size",
        "_limits",
        "_loop",
        "_paused",
        "_pinger",
        "_pong_due",
        "_reader",
        "_sock",
        "_tls",
        "_unsent",
        "_waiter",
        "_writer",
    )

    def __init__(self, sock: Any, received: bytes = b"", tls: Tls | None = None, limits: Limits = DEFAULTS) -> None:
        """Take over a non-blocking `sock` and what was `received` (decrypted) behind the HTTP answer."""
        self._sock, self._tls, self._limits = sock, tls, limits
        self._waiter = Waiter()
        self._loop = self._waiter.hub.loop
        self._frames = FrameReader(limits.message)
        self._inbox: deque[str] = deque()
        self._inbox_size = 0
        self._unsent = bytearray()
        self._end: Exception | None = None
        self._paused = self._close_sent = self._pong_due = False
        self._writer: Any = None
        self._pinger: Any = None
        self._reader: Any = self._loop.io(sock.fileno(), _READABLE)
        self._reader.start(self._on_readable)
        try:
            self._take(received)
        except Exception as error:
            self._fail(error)

    # ---- what the station's greenlet calls

    def send(self, text: str | bytes) -> None:
        """Send one text now, or queue what the kernel does not take; never raises."""
        if self._end is not None or self._close_sent:
            return
        try:
            frame = encode(TEXT, text if isinstance(text, bytes) else text.encode())
            self._put(frame if self._tls is None else self._tls.encrypt(frame))
        except Exception as error:
            self._fail(error)

    def receive(self, timeout: float | None) -> str | None:
        """The next text; None after `timeout` seconds or a `wake`; raises `Disconnected` at the end."""
        inbox = self._inbox
        if not inbox and self._end is None:
            brought: str | None = self._waiter.wait(timeout)
            if brought is not None:
                return brought
        if inbox:
            text = inbox.popleft()
            self._inbox_size -= len(text) + _TEXT_OVERHEAD
            if self._paused:
                self._go_on_reading()
            return text
        if self._end is not None:
            raise self._end
        return None

    def close(self, code: int = NORMAL, reason: str = "", timeout: float = 1.0) -> None:
        """Send a close frame, wait for the peer's at most `timeout` seconds, give the socket back; never raises."""
        if self._end is None:
            self._say_close(code, reason)
        until = monotonic() + timeout
        try:
            while monotonic() < until:
                self.receive(until - monotonic())
        except TransportError:
            pass
        finally:
            self._finish(Disconnected(code, reason, by_us=True))

    # ---- what other greenlets of this thread may call too

    def wake(self) -> None:
        """Make `receive` return None: a command is waiting."""
        self._waiter.wake()

    def ping_every(self, interval_s: float) -> None:
        """Ping the peer every `interval_s` seconds (0: never); a pong that takes longer ends the connection."""
        if self._pinger is not None:
            self._pinger.close()
            self._pinger = None
        if interval_s > 0 and self._end is None:
            self._pong_due = False
            self._pinger = self._loop.timer(interval_s, interval_s)
            self._pinger.start(self._in_hub, self._ping)

    @property
    def unsent_size(self) -> int:
        """Bytes that wait for the peer to read."""
        return len(self._unsent)

    @property
    def inbox_size(self) -> int:
        """What waits for `receive`, in characters and a constant for each text."""
        return self._inbox_size

    # ---- reading

    def _on_readable(self) -> None:
        """One read per readiness: the watcher is level-triggered, the rest brings it back.

        Nearly always it is one text, and the greenlet waits for it; switching comes last, outside of the `try`.
        """
        text = None
        try:
            data = self._sock.recv(self._limits.read)
            text = self._frames.lone_text(data) if self._tls is None else None
            if text is None:
                self._take_bytes(data)
        except BlockingIOError:
            return
        except Exception as error:
            self._fail(error)
        if text is None:
            self._resume()
        elif not self._waiter.resume(text):  # the greenlet is busy, and comes for it later
            self._store(text)

    def _in_hub(self, step: Callable[[], None]) -> None:
        """The entry of the other watchers' callbacks; switching comes last, outside of the `try`."""
        try:
            step()
        except Exception as error:
            self._fail(error)
        self._resume()

    def _resume(self) -> None:
        if self._inbox or self._end is not None:
            self._waiter.resume()

    def _read(self) -> None:
        try:
            data = self._sock.recv(self._limits.read)
        except BlockingIOError:
            return
        self._take_bytes(data)

    def _take_bytes(self, data: bytes) -> None:
        if not data:
            raise Disconnected(ABNORMAL, "connection lost without a close frame")
        if self._tls is not None:
            data = self._tls.decrypt(data)
            if self._tls.outgoing.pending:
                self._put(self._tls.outgoing.read())  # alerts and key updates of the TLS layer
        self._take(data)

    def _take(self, data: bytes) -> None:
        for event in self._frames.feed(data):
            if type(event) is str:
                self._store(event)
            else:
                self._take_control(event)
        if self._tls is not None and self._tls.ended:  # may have come with the HTTP answer: no readiness follows
            raise Disconnected(ABNORMAL, "TLS ended without a close frame")

    def _store(self, text: str) -> None:
        self._inbox.append(text)
        self._inbox_size += len(text) + _TEXT_OVERHEAD
        if self._inbox_size > self._limits.inbox and not self._paused:
            self._paused = True
            self._reader.stop()  # else a slow station would spin the core

    def _take_control(self, event: Ping | Pong | Close | Violation | str) -> None:
        if type(event) is Ping:
            self._transmit(encode_pong(event.payload))
        elif type(event) is Pong:
            self._pong_due = False
        elif type(event) is Close:
            self._say_close(event.code)
            raise Disconnected(event.code, event.reason)
        elif type(event) is Violation:
            self._say_close(event.code, event.reason)
            raise Disconnected(event.code, event.reason, by_us=True)

    def _go_on_reading(self) -> None:
        """The watcher was stopped: start it when half of the inbox is free."""
        if self._inbox_size <= self._limits.inbox // 2 and self._end is None:
            self._paused = False
            self._reader.start(self._on_readable)

    # ---- writing

    def _transmit(self, frame: bytes) -> None:
        self._put(frame if self._tls is None else self._tls.encrypt(frame))

    def _ping(self) -> None:
        if self._paused:  # the pong may wait in the kernel: it is this side that is slow
            return
        if self._pong_due:
            raise Disconnected(ABNORMAL, "ping timeout", by_us=True)
        self._pong_due = True
        self._transmit(encode_ping())

    def _say_close(self, code: int, reason: str = "") -> None:
        """At most one close frame."""
        if not self._close_sent:
            self._close_sent = True
            with suppress(TransportError, OSError):  # must not hide why we close
                self._transmit(encode_close(code, reason))

    def _put(self, data: bytes | bytearray) -> None:
        """Send what the kernel takes now, behind what it did not take before; keep the rest."""
        if not self._unsent:
            sent = 0
            try:
                sent = self._sock.send(data)
            except BlockingIOError:
                pass
            except OSError:
                self._read()  # a close frame that came first says more than EPIPE
                raise
            if sent == len(data):
                return
            data = data[sent:]
        if len(self._unsent) + len(data) > self._limits.unsent:
            raise PeerNotReading(ABNORMAL, f"over {self._limits.unsent} bytes unsent", by_us=True)
        self._unsent += data
        if self._writer is None:
            self._writer = self._loop.io(self._sock.fileno(), _WRITABLE)
            self._writer.start(self._in_hub, self._flush)

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, bytearray()
        self._put(unsent)
        if not self._unsent:
            self._writer.close()
            self._writer = None

    # ---- the end

    def _fail(self, error: Exception) -> None:
        """gevent would only print an exception of a callback, so it becomes the connection's end."""
        if isinstance(error, OSError):  # ssl.SSLError is one
            lost = Disconnected(ABNORMAL, str(error))
            lost.__cause__ = error
            error = lost
        self._finish(error)

    def _finish(self, error: Exception) -> None:
        """Keep the first error, close watchers before the descriptor they watch."""
        if self._end is not None:
            return
        self._end = error
        for watcher in (self._reader, self._writer, self._pinger, self._waiter):
            if watcher is not None:
                watcher.close()
        self._reader = self._writer = self._pinger = None
        self._sock.close()
