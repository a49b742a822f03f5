"""One station as its worker follows it: its sessions, and the row that the master should hold of it."""

from __future__ import annotations

from typing import Final

from evsim_locust.control.fleet import Change, RowStatus
from evsim_locust.station.station import Station
from evsim_locust.station.words import Status

_RANKS: Final[dict[Status, int]] = {
    "Charging": 0,
    "SuspendedEVSE": 1,
    "SuspendedEV": 2,
    "Finishing": 3,
    "Preparing": 4,
    "Reserved": 5,
    "Faulted": 6,
    "Unavailable": 7,
    "Available": 8,
}


class Session:
    """A transaction: where its meter started (None until that is told), what is accounted, and since when.

    `began_at` is when it was first heard of, in monotonic seconds, and `price` the price per kWh then. `cost` is that
    of all that is accounted but `unpriced_wh`.
    """

    __slots__ = ("accounted_at", "accounted_wh", "began_at", "cost", "price", "start_wh", "unpriced_wh")

    def __init__(self, began_at: float, price: float) -> None:
        self.began_at, self.price = began_at, price
        self.start_wh: int | None = None
        self.accounted_wh = self.unpriced_wh = 0
        self.accounted_at = self.cost = 0.0

    def pay(self, price: float) -> None:
        """What has no price yet was delivered at this one."""
        self.cost += self.unpriced_wh / 1000.0 * price
        self.unpriced_wh = 0


class Tracked:
    """One station; `reached` is whether a link was ever open, `sessions` are the running ones by connector.

    `last_wh` is the energy of the session that ended last, `told` the row that was reported last, `profile` the name of
    its behaviour.
    """

    __slots__ = ("forgotten", "last_wh", "profile", "reached", "sessions", "station", "station_id", "told")

    def __init__(self, station_id: str, station: Station, profile: str = "") -> None:
        self.station_id, self.station, self.profile = station_id, station, profile
        self.reached = self.forgotten = False
        self.sessions: dict[int, Session] | None = None
        self.last_wh = 0
        self.told: Change | None = None

    @property
    def energy_wh(self) -> int:
        """This session's energy, summed over those that run; the last one's when none does."""
        if self.sessions is None:
            return self.last_wh
        return sum(session.accounted_wh for session in self.sessions.values())


def status_of(tracked: Tracked) -> RowStatus:
    """One word for the station: how far it got with its central system, then the status of its busiest connector."""
    station = tracked.station
    if tracked.forgotten or station.finished:
        return "stopped"
    if not station.linked or station.offline_wish:
        return "offline" if tracked.reached or station.offline_wish else "connecting"
    if not station.registered:
        return "booting"
    return min((connector.shown[0] for connector in station.connectors), key=_RANKS.__getitem__)


def usage_kw(tracked: Tracked) -> float:
    """The power that flows now, over all connectors; nothing flows into a station that is gone."""
    if tracked.forgotten:
        return 0.0
    return round(sum(connector.meter.power_w for connector in tracked.station.connectors) / 1000.0, 3)


def row_of(tracked: Tracked) -> Change:
    """The row as it is now."""
    return Change(tracked.station_id, status_of(tracked), usage_kw(tracked), tracked.energy_wh / 1000.0)
