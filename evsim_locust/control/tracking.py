"""A worker's side of the read model: which rows changed since the last report, what was delivered, what it earned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from evsim_locust.control.fleet import Change
from evsim_locust.control.tracked import Session, Tracked, row_of, status_of
from evsim_locust.station.events import (
    MeterSampled,
    RegistrationChanged,
    StatusChanged,
    TransactionStarted,
    TransactionStopped,
)
from evsim_locust.station.station import Station
from evsim_locust.transport.events import LinkClosed, OpenEnded

__all__ = ["Report", "Tracked", "Tracker", "status_of"]

_NEVER: Final = float("inf")
_OLDEST_S: Final = 30.0  # a session whose meter nobody samples for so long is read for the report


class Report(NamedTuple):
    """Rows that changed, and what was delivered and earned, since the last report."""

    changes: list[Change]
    energy_wh: int
    earnings: float


Ended = Callable[[Tracked, Session, TransactionStopped], None]


Energy = Callable[[Tracked, int], None]


def _for_nobody(_tracked: Tracked, _energy_wh: int) -> None:
    """Without metrics."""


def _to_nobody(_tracked: Tracked, _session: Session, _event: TransactionStopped) -> None:
    """Without a history."""


class Tracker:
    """Told of every station and its facts, in the order they happen; all times are monotonic seconds.

    Energy is accounted at each meter sample, at the end of a transaction and at `settle`, each Wh once. What was
    accounted since the last `settle` or `report` earns the price that these are given: `settle` comes before a price
    changes, with the old one, and `price` is set to the new one after that. `on_ended` is told of each session that
    ends, with its cost: the station, the session and the fact; `on_energy` of each Wh once, when it is accounted.
    """

    def __init__(self, price: float = 0.0, on_ended: Ended | None = None, on_energy: Energy | None = None) -> None:
        self.price = price
        self._on_ended = _to_nobody if on_ended is None else on_ended
        self._on_energy = _for_nobody if on_energy is None else on_energy
        self._changed: dict[Tracked, None] = {}  # in order: an id that is used again gets its newer row last
        self._charging: dict[Tracked, None] = {}
        self._energy_wh = self._unpriced_wh = 0
        self._earnings = 0.0

    def watch(self, station_id: str, station: Station, profile: str = "") -> Tracked:
        """A new station; its row is in the next report."""
        tracked = Tracked(station_id, station, profile)
        self._changed[tracked] = None
        return tracked

    def forget(self, tracked: Tracked) -> None:
        """It is gone, with a good end or without; its last row is in the next report."""
        for event in tracked.station.take_events():  # whoever was to publish them may have been killed
            self.note(tracked, event)
        if tracked.sessions is not None:
            self._read(tracked, tracked.station.now)
            tracked.last_wh = tracked.energy_wh
            self._leave(tracked)
        tracked.forgotten = True
        self._changed.pop(tracked, None)
        self._changed[tracked] = None

    def touch(self, tracked: Tracked) -> None:
        """Report its row again: it was acted on, which no event may tell, or whoever held the row has lost it."""
        if not tracked.forgotten:
            tracked.told = None
            self._changed[tracked] = None

    def note(self, tracked: Tracked, event: object) -> None:
        """A fact of the station or its link; those that change no row cost a look-up."""
        take = _NOTES.get(type(event))
        if take is not None and not tracked.forgotten:
            take(self, tracked, event)
            self._changed[tracked] = None

    def settle(self, now: float, price: float) -> None:
        """Account all that was delivered until now, at the price per kWh that held until now."""
        for tracked in self._charging:
            self._read(tracked, now)
        self._price(price)

    def report(self, now: float, price: float) -> Report:
        """What is new since the last report; a station whose row is the same is not in it."""
        for tracked in self._charging:
            self._read(tracked, now, before=now - _OLDEST_S)
        self._price(price)
        report = Report(self._changes(), self._energy_wh, self._earnings)
        self._energy_wh, self._earnings = 0, 0.0
        return report

    # ---- inside

    def _changes(self) -> list[Change]:
        changes = []
        for tracked in self._changed:
            change = row_of(tracked)
            if change != tracked.told:
                tracked.told = change
                changes.append(change)
        self._changed = {}
        return changes

    def _price(self, price: float) -> None:
        self._energy_wh += self._unpriced_wh
        self._earnings += self._unpriced_wh / 1000.0 * price
        self._unpriced_wh = 0
        for tracked in self._charging:
            for session in (tracked.sessions or {}).values():
                session.pay(price)

    def _session(self, tracked: Tracked, connector_id: int) -> Session:
        if tracked.sessions is None:
            tracked.sessions = {}
            self._charging[tracked] = None
        session = tracked.sessions.get(connector_id)
        if session is None:
            session = tracked.sessions[connector_id] = Session(tracked.station.now, self.price)
        return session

    def _leave(self, tracked: Tracked) -> None:
        tracked.sessions = None
        self._charging.pop(tracked, None)

    def _account(self, tracked: Tracked, session: Session, energy_wh: int, at: float) -> None:
        """`energy_wh` is the session's energy so far; a fact that is older than what is accounted adds nothing."""
        session.accounted_at = at
        if energy_wh > session.accounted_wh:
            more_wh = energy_wh - session.accounted_wh
            self._unpriced_wh += more_wh
            session.unpriced_wh += more_wh
            session.accounted_wh = energy_wh
            self._on_energy(tracked, more_wh)

    def _read(self, tracked: Tracked, now: float, before: float = _NEVER) -> None:
        """Account by the meters what no fact told yet, of sessions that were accounted last by `before`."""
        for connector_id, session in (tracked.sessions or {}).items():
            connector = tracked.station.connectors[connector_id]
            transaction = connector.transaction
            if transaction is None or session.accounted_at > before:
                continue
            # Another one may have begun, of which we have not been told; then the facts on their way account both.
            if transaction.meter_start_wh == session.start_wh:
                self._account(tracked, session, connector.meter.read_wh(now) - transaction.meter_start_wh, now)
                self._changed[tracked] = None

    def _started(self, tracked: Tracked, event: TransactionStarted) -> None:
        session = self._session(tracked, event.connector_id)
        session.start_wh, session.accounted_at = event.meter_start_wh, tracked.station.now

    def _sampled(self, tracked: Tracked, event: MeterSampled) -> None:
        self._account(tracked, self._session(tracked, event.connector_id), event.energy_wh, tracked.station.now)

    def _stopped(self, tracked: Tracked, event: TransactionStopped) -> None:
        session = self._session(tracked, event.connector_id)
        self._account(tracked, session, event.energy_wh, tracked.station.now)
        session.pay(self.price)
        self._on_ended(tracked, session, event)
        assert tracked.sessions is not None
        del tracked.sessions[event.connector_id]
        tracked.last_wh = event.energy_wh
        if not tracked.sessions:
            self._leave(tracked)

    def _opened(self, tracked: Tracked, event: OpenEnded) -> None:
        tracked.reached = tracked.reached or event.error is None

    def _other(self, tracked: Tracked, event: object) -> None:
        """Only the row may be another one."""


_NOTES: Final[dict[type, Callable[[Tracker, Tracked, Any], None]]] = {
    LinkClosed: Tracker._other,
    MeterSampled: Tracker._sampled,
    OpenEnded: Tracker._opened,
    RegistrationChanged: Tracker._other,
    StatusChanged: Tracker._other,
    TransactionStarted: Tracker._started,
    TransactionStopped: Tracker._stopped,
}
