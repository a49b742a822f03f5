"""The loop that joins a core (no I/O) and its links (no protocol); the only one that touches a connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from evsim_locust.transport.backoff import Backoff
from evsim_locust.transport.errors import Disconnected, OpenFailed
from evsim_locust.transport.events import LinkClosed, OpenEnded
from evsim_locust.transport.frames import GOING_AWAY, NORMAL
from evsim_locust.transport.roles import Core, Link, LinkOpening, Pause
from evsim_locust.transport.waiting import Waiter

__all__ = ["Core", "Life", "Record"]

Record = Callable[[Literal["sent", "received"], str | bytes], None]
_NEVER = float("inf")
_PROVEN_S = 10.0  # a link that lived this long was a success: a CSMS that closes at once must not be hammered
_CLOSE_S = 1.0  # for the peer's close frame


class Life:
    """A station's life: link, back-off, link again, until its core is finished.

    Everything happens in the greenlet that calls `run`; `wake`, `abort` and `ping_every` are for other greenlets of
    the same thread. `open_link` makes one opening per attempt, `publish` takes the core's events, `OpenEnded` and
    `LinkClosed`; `pause` is for tests. A core's deadline that comes while a link is being opened is served when the
    opening ends, which its own time limit bounds.
    """

    __slots__ = (
        "_backoff",
        "_clock",
        "_core",
        "_link",
        "_open_link",
        "_opening",
        "_pause",
        "_ping_interval_s",
        "_publish",
        "_record",
    )

    def __init__(
        self,
        core: Core,
        open_link: Callable[[], LinkOpening],
        backoff: Backoff,
        clock: Callable[[], float],
        publish: Callable[[object], None],
        pause: Pause | None = None,
    ) -> None:
        self._core, self._open_link, self._backoff = core, open_link, backoff
        self._clock, self._publish = clock, publish
        self._pause: Pause = Waiter() if pause is None else pause
        self._opening: LinkOpening | None = None
        self._link: Link | None = None
        self._ping_interval_s = 0.0
        self._record: Record | None = None

    def run(self) -> None:
        """Until the core is finished. Whatever ends it, also `GreenletExit` or a bug, the socket is closed."""
        core = self._core
        try:
            while not core.finished:
                if not core.wants_link:
                    self._rest(_NEVER, until_wanted=True)
                elif not (self._opens() and self._lives()):
                    self._rest(self._clock() + self._backoff.next_s(), until_wanted=False)
            self._publish_events()
        finally:
            self._drop_link()
            self._pause.close()

    # ---- for other greenlets of the thread

    def wake(self) -> None:
        """The core was given commands: look again, whatever is going on."""
        if self._link is not None:
            self._link.wake()
        elif self._opening is None:
            self._pause.wake()
        elif not self._core.wants_link:
            self._opening.abort()

    def abort(self) -> None:
        """As `wake`, and give up a pending opening whatever the core says."""
        if self._opening is not None:
            self._opening.abort()
        self.wake()

    def ping_every(self, interval_s: float) -> None:
        """Ping the peer every `interval_s` seconds (OCPP's WebSocketPingInterval; 0: never), now and on later links."""
        self._ping_interval_s = interval_s
        if self._link is not None:
            self._link.ping_every(interval_s)

    def record(self, record: Record | None) -> None:
        """Hand every text that is sent or received from now on to `record`, until that is None."""
        self._record = record

    # ---- one link

    def _opens(self) -> bool:
        """Open a link; false when that failed. Nothing of the opening is kept while the link lives."""
        began = self._clock()
        self._opening = opening = self._open_link()
        error, detail = None, ""
        try:
            self._link = opening.open()
        except OpenFailed as failed:
            error, detail = failed.label, str(failed)
        finally:
            self._opening = None
        self._publish(OpenEnded(error, self._clock() - began, opening.durations, detail))
        return error is None

    def _lives(self) -> bool:
        """Live on the link until it ends; false when that calls for a back-off."""
        link, began = self._link, self._clock()
        assert link is not None
        if self._ping_interval_s > 0:
            link.ping_every(self._ping_interval_s)
        end = self._until_the_end(link)
        self._drop_link()
        now = self._clock()
        self._core.disconnected(now, str(end.code))
        self._publish(LinkClosed(end.code, end.reason, end.by_us, now - began))
        self._publish_events()
        asked = type(end) is _AskedFor
        if asked or now - began >= _PROVEN_S:
            self._backoff.reset()
        return asked

    def _drop_link(self) -> None:
        """After a kill or a bug this closes it; else it is closed already."""
        link, self._link = self._link, None
        if link is not None:
            link.close(GOING_AWAY, "", 0.0)

    def _until_the_end(self, link: Link) -> Disconnected:
        """Drive, then say how the link ended; when the core wants no link any more, close it in good manner."""
        try:
            self._drive(link)
        except Disconnected as end:
            return end
        for text in self._core.take_outbox():
            link.send(text)
            if self._record is not None:
                self._record("sent", text)
        self._publish_events()
        link.close(NORMAL, "", _CLOSE_S)
        return _AskedFor(NORMAL, "", by_us=True)

    def _drive(self, link: Link) -> None:
        """The hot loop, once per text; ends with `Disconnected` or when the core wants no link any more.

        Events go first: commands that `publish` gives the core are sent in the same round.
        """
        core, clock, publish = self._core, self._clock, self._publish
        core.connected(clock())
        while core.wants_link:
            for event in core.take_events():
                publish(event)
            for text in core.take_outbox():
                link.send(text)
                if self._record is not None:
                    self._record("sent", text)
            received = link.receive(core.next_deadline() - clock())
            if received is None:
                core.wake(clock())
                continue
            if self._record is not None:
                self._record("received", received)
            core.receive(received, clock())

    # ---- no link

    def _rest(self, until: float, until_wanted: bool) -> None:
        """Serve the core until that time, or until it is finished or changes its wish for a link."""
        core = self._core
        while not core.finished and core.wants_link is not until_wanted:
            self._publish_events()
            now = self._clock()
            if now >= until:
                break
            self._pause.wait(min(until, core.next_deadline()) - now)
            core.wake(self._clock())
        self._publish_events()

    def _publish_events(self) -> None:
        for event in self._core.take_events():
            self._publish(event)


class _AskedFor(Disconnected):
    """The core wanted the link to end."""
