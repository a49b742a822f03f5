"""A station's life in virtual time: link, back-off, link again, until its core is finished."""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import Struct

from evsim_locust.behaviour.streams import stream
from evsim_locust.simulation.link import Link, Surroundings, Way
from evsim_locust.station.commands import Command
from evsim_locust.transport import roles
from evsim_locust.transport.backoff import Backoff

_NEVER: Final = float("inf")
_PROVEN_S: Final = 10.0  # a link that lived this long was a success, as for stations on real sockets


class Core(roles.Core, Protocol):
    """A station without I/O, to which the world can do something."""

    def command(self, command: Command, now: float) -> None:
        """The world acts; raises `CommandRefused`."""


class Line:
    """Does for one core what `transport.life` does on real sockets."""

    __slots__ = (
        "_alarm_at",
        "_around",
        "_attempt_at",
        "_backoff",
        "_core",
        "_down",
        "_latest",
        "_link",
        "_opened_at",
        "_opening",
        "_refused_until",
        "_station_id",
        "_up",
    )

    def __init__(self, around: Surroundings, station_id: str, core: Core, seed: int, backoff: Backoff) -> None:
        self._around, self._station_id, self._core, self._backoff = around, station_id, core, backoff
        self._up = Way(around.latency.up_s, stream(seed, station_id, "up"))
        self._down = Way(around.latency.down_s, stream(seed, station_id, "down"))
        self._link: Link | None = None
        self._latest: Link | None = None  # the central system may believe in it when the station does not any more
        self._opening = False
        self._opened_at = self._refused_until = 0.0
        self._attempt_at = self._alarm_at = _NEVER
        self._settle()

    @property
    def now(self) -> float:
        """The time, in seconds."""
        return self._around.agenda.now

    def command(self, command: Command) -> None:
        """The world acts on the station; raises `CommandRefused`."""
        self._core.command(command, self.now)
        self._settle()

    def call(self, request: Struct) -> bool:
        """The central system sends a CALL; False when the station is not connected."""
        return self._latest is not None and self._latest.call(request)

    # ---- what a fault does

    def cut(self, unnoticed_s: float) -> None:
        """Cut the link, if there is one; what is on its way is lost."""
        if self._link is not None:
            self._link.cut(unnoticed_s)

    def refuse(self, for_s: float) -> None:
        """Let no attempt to connect succeed for a while; a link that is up stays."""
        self._refused_until = max(self._refused_until, self.now + for_s)

    def lose_answers(self, count: int) -> None:
        """Let the central system's next `count` CALLRESULTs on this link vanish."""
        if self._link is not None:
            self._link.lose += count

    # ---- the core is driven

    def _settle(self) -> None:
        """After each verb: texts set out, facts are told, the wish for a link is followed, the alarm is set."""
        core, link = self._core, self._link
        agenda, transcript = self._around.agenda, self._around.transcript
        if link is not None:  # without one there are no texts
            for text in core.take_outbox():
                link.send(text)
        for event in core.take_events():
            transcript.tell(agenda.now, self._station_id, event)
        wanted = core.wants_link and not core.finished
        if link is None or not wanted:
            self._follow_wish(wanted)
        due = min(core.next_deadline(), self._attempt_at)
        if due < self._alarm_at:
            self._alarm_at = due
            agenda.at(due, self._ring)

    def _follow_wish(self, wanted: bool) -> None:
        """Close the link that is not wanted, or see to an attempt; one that failed waits for its back-off."""
        if not wanted:
            self._attempt_at = _NEVER
            if self._link is not None:
                self._close(self._link)
        elif not self._opening and self._attempt_at == _NEVER:
            self._attempt_at = self.now

    def _ring(self) -> None:
        """Something may be due; alarms that came to nothing are not taken back."""
        now = self.now
        if now < self._alarm_at:
            return
        self._alarm_at = _NEVER
        if now >= self._attempt_at:
            self._attempt()
        if now >= self._core.next_deadline():
            self._core.wake(now)
        self._settle()

    def _receive(self, link: Link, text: bytes) -> None:
        if link is self._link:
            self._core.receive(text.decode(), self.now)
            self._settle()

    # ---- the link

    def _attempt(self) -> None:
        """An attempt takes a round trip."""
        self._opening, self._attempt_at = True, _NEVER
        self._around.agenda.at(self._down.arrival(self._up.arrival(self.now)), self._attempted)

    def _attempted(self) -> None:
        self._opening = False
        if self.now < self._refused_until:
            self._attempt_at = self.now + self._backoff.next_s()
        elif self._core.wants_link and not self._core.finished:
            self._opened_at = self.now
            self._link = self._latest = Link(
                self._around, self._station_id, self._up, self._down, self._receive, self._lost
            )
            self._core.connected(self.now)
        self._settle()

    def _close(self, link: Link) -> None:
        """The core wants no link any more."""
        link.close()
        self._backoff.reset()
        self._down_with("1000")
        self._settle()

    def _lost(self, link: Link) -> None:
        """The station learns that its link was cut; it may have closed it in the meantime."""
        if link is self._link:
            if self.now - self._opened_at >= _PROVEN_S:
                self._backoff.reset()
            self._attempt_at = self.now + self._backoff.next_s()
            self._down_with("1006")
            self._settle()

    def _down_with(self, code: str) -> None:
        self._link = None
        self._core.disconnected(self.now, code)
