"""What `Life` joins, as far as it needs to know: a core, a link, its opening, and a pause without a link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Core(Protocol):
    """A station without I/O; times are monotonic seconds, `next_deadline` is infinity when there is none.

    The outbox stays empty while there is no link. `take_outbox` and `take_events` return `()` when there is nothing.
    """

    @property
    def wants_link(self) -> bool:
        """False: the station wants to be offline now, or is finished."""

    @property
    def finished(self) -> bool:
        """True: the station has come to its end, for good."""

    def connected(self, now: float) -> None:
        """The WebSocket is open."""

    def disconnected(self, now: float, code: str) -> None:
        """The WebSocket is gone; `code` is the close code."""

    def receive(self, text: str, now: float) -> None:
        """One text frame arrived."""

    def wake(self, now: float) -> None:
        """Time has passed, or somebody knocked."""

    def next_deadline(self) -> float:
        """When `wake` has something to do."""

    def take_outbox(self) -> Sequence[bytes]:
        """Texts to send, in order."""

    def take_events(self) -> Sequence[object]:
        """What happened since the last call, in order."""


class Link(Protocol):
    """An open WebSocket, as `connection.Connection` is one."""

    def send(self, text: bytes, /) -> None:
        """Send one text; never raises."""

    def receive(self, timeout: float, /) -> str | None:
        """The next text; None after `timeout` seconds or a `wake`; raises `Disconnected` at the end."""

    def wake(self) -> None:
        """End `receive`, from another greenlet."""

    def ping_every(self, interval_s: float) -> None:
        """Ping every `interval_s` seconds; 0 means never."""

    def close(self, code: int, reason: str, timeout: float) -> None:
        """Close, wait for the peer's answer at most `timeout` seconds; never raises; harmless when closed."""


class LinkOpening(Protocol):
    """One attempt to get a link, as `opening.Opening` is one."""

    @property
    def durations(self) -> dict[str, float]:
        """Seconds of each phase so far."""

    def open(self) -> Link:
        """The link; raises `OpenFailed`."""

    def abort(self) -> None:
        """Make `open` fail now, from another greenlet."""


class Pause(Protocol):
    """How time passes without a link, as `waiting.Waiter` lets it."""

    def wait(self, timeout: float, /) -> object:
        """At most `timeout` seconds; at once when woken before."""

    def wake(self) -> None:
        """End the wait, or the next one, from another greenlet."""

    def close(self) -> None:
        """Give back what the waiting took."""
