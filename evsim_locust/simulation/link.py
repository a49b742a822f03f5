"""One connection of a station in memory: texts travel for a while, in order, until it is closed or cut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from msgspec import Struct

from csms.central_system import CentralSystem, Session
from evsim_locust.behaviour.streams import Stream
from evsim_locust.simulation.agenda import Agenda
from evsim_locust.simulation.transcript import Transcript

_NEVER: Final = float("inf")
_RESULT: Final = b"[3,"  # how a CALLRESULT begins


class Latency(Struct, frozen=True):
    """How long a text travels, [from, to] in seconds, drawn for each; a later one never overtakes an earlier one."""

    up_s: tuple[float, float] = (0.01, 0.1)
    down_s: tuple[float, float] = (0.01, 0.1)


class Surroundings(NamedTuple):
    """What all lines of a simulation share; `wall_offset` added to the agenda's time is seconds since the epoch."""

    agenda: Agenda
    central_system: CentralSystem
    latency: Latency
    transcript: Transcript
    wall_offset: float


class Way:
    """One direction of a station's line: draws how long each text takes."""

    __slots__ = ("_arrives_at", "_draws", "_range_s")

    def __init__(self, range_s: tuple[float, float], draws: Stream) -> None:
        self._range_s, self._draws = range_s, draws
        self._arrives_at = 0.0

    def arrival(self, now: float) -> float:
        """When what is sent now arrives: not before what was sent earlier (TCP keeps the order)."""
        low_s, high_s = self._range_s
        self._arrives_at = max(self._arrives_at, now + self._draws.uniform(low_s, high_s))
        return self._arrives_at


class Link:
    """`deliver` takes the texts that reach the station, `lost` is called when the station learns that it was cut."""

    __slots__ = ("_alarm_at", "_around", "_cut", "_deliver", "_down", "_lost", "_session", "_station_id", "_up", "lose")

    def __init__(
        self,
        around: Surroundings,
        station_id: str,
        up: Way,
        down: Way,
        deliver: Callable[[Link, bytes], None],
        lost: Callable[[Link], None],
    ) -> None:
        self._around, self._station_id, self._up, self._down = around, station_id, up, down
        self._deliver, self._lost = deliver, lost
        self._session: Session | None = around.central_system.connected(station_id, self._wall_s())
        self._cut = False
        self._alarm_at = _NEVER
        self.lose = 0  # so many of the central system's next answers never arrive

    def send(self, text: bytes) -> None:
        """The station's text sets out."""
        agenda = self._around.agenda
        self._around.transcript.frame(agenda.now, self._station_id, "up", text)
        agenda.at(self._up.arrival(agenda.now), partial(self._reach_central_system, text))

    def call(self, request: Struct) -> bool:
        """The central system's CALL sets out, or waits for those before it; False when it knows no connection."""
        if self._session is None:
            return False
        self._session.call(request, self._wall_s())
        self._flush(self._session)
        return True

    def close(self) -> None:
        """The station closes in good manner: what it sent arrives, then the central system learns of it."""
        agenda = self._around.agenda
        agenda.at(self._up.arrival(agenda.now), partial(self._end_session, "1000"))

    def cut(self, unnoticed_s: float) -> None:
        """Nothing arrives any more; each end learns of it separately, the central system `unnoticed_s` later."""
        agenda = self._around.agenda
        self._cut = True
        agenda.at(self._up.arrival(agenda.now) + unnoticed_s, partial(self._end_session, "1006"))
        agenda.at(self._down.arrival(agenda.now), partial(self._lost, self))

    # ---- inside

    def _flush(self, session: Session) -> None:
        """The central system's texts set out, its facts are noted, its next deadline is entered."""
        agenda = self._around.agenda
        for text in session.take_outbox():
            self._send_down(text)
        for event in session.take_events():
            self._around.transcript.note(agenda.now, self._station_id, event)
        due = session.next_deadline() - self._around.wall_offset
        if due < self._alarm_at:
            self._alarm_at = due
            agenda.at(due, self._ring)

    def _wall_s(self) -> float:
        return self._around.agenda.now + self._around.wall_offset

    def _reach_central_system(self, text: bytes) -> None:
        if self._session is not None and not self._cut:
            self._session.receive(text, self._wall_s())
            self._flush(self._session)

    def _send_down(self, text: bytes) -> None:
        if self.lose and text.startswith(_RESULT):
            self.lose -= 1
            return
        agenda = self._around.agenda
        self._around.transcript.frame(agenda.now, self._station_id, "down", text)
        agenda.at(self._down.arrival(agenda.now), partial(self._reach_station, text))

    def _reach_station(self, text: bytes) -> None:
        if not self._cut:
            self._deliver(self, text)

    def _ring(self) -> None:
        """Maybe a CALL of the central system's is over its deadline."""
        self._alarm_at = _NEVER
        if self._session is not None:
            self._session.wake(self._wall_s())
            self._flush(self._session)

    def _end_session(self, code: str) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.disconnected(self._wall_s(), code)
            self._flush(session)
