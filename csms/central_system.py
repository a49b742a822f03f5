"""The central system without I/O: told texts and the time, it gives texts and facts.

Time is `now`, in seconds since the epoch, since its answers carry the wall clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from csms.actions import ANSWERS, Records
from csms.events import Event, TransactionChanged
from csms.messages import MessageLog
from csms.settings import Settings
from csms.stations import Station
from csms.tags import Tag, Tags
from csms.transactions import Book, Finding, Transaction
from evsim_locust.ocppj.endpoint import Endpoint
from evsim_locust.ocppj.errors import ErrorCode, PayloadRefused
from evsim_locust.ocppj.events import CallEnded, CallReceived, CallRefused, FrameIgnored
from evsim_locust.ocppj.events import Event as EndpointEvent
from evsim_locust.ocppj.v16 import V16
from evsim_locust.ocppj.v16.messages import Payload

_DEFAULTS = Settings()


class CentralSystem:
    """All stations, tags and transactions; one `Session` for each connection.

    `transactions` are those of earlier runs, `first_id` the lowest transaction id that may be given out.
    """

    def __init__(
        self,
        settings: Settings = _DEFAULTS,
        tags: Iterable[Tag] = (),
        transactions: Iterable[Transaction] = (),
        first_id: int = 1,
    ) -> None:
        self.book = Book(transactions, first_id)
        self.records = Records(settings, Tags(tags, settings.strict_tags), self.book)
        self.messages = MessageLog()
        self._stations: dict[str, Station] = {}
        self._sessions: dict[str, Session] = {}
        self._connections = 0

    def connected(self, station_id: str, now: float) -> Session:
        """A station came; a session that it still has is no longer its own."""
        station = self._stations.get(station_id)
        if station is None:
            station = self._stations[station_id] = Station(station_id=station_id)
        station.connections += 1
        self._connections += 1
        # The time keeps message ids apart across restarts, the number across connections.
        session = Session(self, station, f"{int(now * 1000):x}-{self._connections:x}-")
        self._sessions[station_id] = session
        return session

    def session(self, station_id: str) -> Session | None:
        """The session of a station that is connected."""
        return self._sessions.get(station_id)

    @property
    def connected_count(self) -> int:
        """How many stations are connected."""
        return len(self._sessions)

    def station_rows(self) -> list[dict[str, Any]]:
        """All stations for the API, in the order they first came."""
        return [station.row(station.station_id in self._sessions) for station in self._stations.values()]

    def _gone(self, session: Session) -> None:
        if self._sessions.get(session.station.station_id) is session:
            del self._sessions[session.station.station_id]


class Session:
    """One connection of one station."""

    __slots__ = ("_endpoint", "_events", "_keep", "_now", "_records", "_system", "station")

    def __init__(self, system: CentralSystem, station: Station, prefix: str) -> None:
        self.station = station
        self._system, self._records, self._keep = system, system.records, system.messages.add
        self._endpoint = Endpoint(V16, prefix, system.records.settings.call_timeout_s, answers_unreadable=True)
        self._events: list[Event] = []
        self._now = 0.0

    def receive(self, text: str | bytes, now: float) -> None:
        """One text from the station."""
        self._now = now
        station = self.station
        station.last_seen = now
        station.received += 1
        self._keep(now, station.station_id, "in", text)
        self._handle(self._endpoint.hear(text, now), now)

    def call(self, request: Struct, now: float, token: Any = None) -> None:
        """Send a CALL to the station, after those before it; `CallEnded` hands `token` back."""
        self._now = now
        self._endpoint.call(request, now, token)

    def wake(self, now: float) -> None:
        """Time has passed."""
        self._now = now
        self._endpoint.wake(now)
        self._take_from_endpoint(now)

    def next_deadline(self) -> float:
        """When `wake` has something to do; infinity while no CALL of ours is in flight."""
        return self._endpoint.next_deadline()

    def disconnected(self, now: float, code: str = "1006") -> None:
        """The connection is gone: our CALLs end with its close `code`."""
        self._system._gone(self)
        self._endpoint.disconnected(now, code)
        self._take_from_endpoint(now)

    def take_outbox(self) -> Sequence[bytes]:
        """Texts to send, in order, as UTF-8."""
        outbox = self._endpoint.take_outbox()
        for text in outbox:
            self._keep(self._now, self.station.station_id, "out", text)
        return outbox

    def take_events(self) -> Sequence[Event]:
        """What happened since the last call, in order."""
        if not self._events:
            return ()
        events, self._events = self._events, []
        return events

    # ---- inside

    def _take_from_endpoint(self, now: float) -> None:
        for event in self._endpoint.take_events():
            self._handle(event, now)

    def _handle(self, event: EndpointEvent, now: float) -> None:
        if isinstance(event, CallReceived):
            self._answer(event, now)
        elif isinstance(event, CallEnded):
            self._events.append(event)
        else:
            self._refused(event)

    def _refused(self, event: CallRefused | FrameIgnored) -> None:
        self.station.refused += 1
        self._events.append(event)

    def _answer(self, call: CallReceived, now: float) -> None:
        try:
            if self.station.boot_status != "Accepted":
                self._require_registration(call.action)
            answer = ANSWERS.get(call.action, _not_ours)
            self._endpoint.answer(call.unique_id, answer(self._records, self.station, call.request, now))
        except PayloadRefused as refused:
            self._endpoint.refuse(call.unique_id, refused.code, refused.detail)
            self._refused(CallRefused(call.action, refused.code, refused.detail))
        if self._records.book.changed:
            self._events.extend(map(TransactionChanged, self._records.book.take_changes()))

    def _require_registration(self, action: str) -> None:
        """OCPP 1.6, section 4.2: while it is Pending or Rejected a station sends nothing but BootNotification.

        The section names no error; SecurityError is what OCPP 2.0.1 asks for (use cases B02, B03). A station that
        has said nothing yet may have been accepted by an earlier run, as a reconnect is no boot: it is let through,
        and counted, where a BootNotification would be accepted.
        """
        if action == "BootNotification":
            return
        if self.station.boot_status is None and self._records.settings.boot_status == "Accepted":
            self.station.count(Finding.BEFORE_BOOT)
            return
        status = self.station.boot_status or "not registered"
        raise PayloadRefused(ErrorCode.SECURITY_ERROR, f"{action} refused: the station is {status}")


def _not_ours(_records: Records, _station: Station, request: Struct, _now: float) -> Payload:
    action = type(request).__name__
    raise PayloadRefused(ErrorCode.NOT_SUPPORTED, f"{action} is for stations to answer")
