"""A swarm without stations, connections or processes: for tests of whatever talks to a `Swarm`, or to its REST API."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field

from evsim_locust.behaviour.environment import Conditions
from evsim_locust.behaviour.profile import Profile
from evsim_locust.control.actions import command_of, offered
from evsim_locust.control.errors import Refused
from evsim_locust.control.fleet import Change, Fleet, Row, RowStatus
from evsim_locust.control.lines import Followers, LineQueue
from evsim_locust.control.series import Series
from evsim_locust.control.swarm import PriceTerms, Swarm
from evsim_locust.station.commands import Swipe

_LINES_KEPT: Final = 1000
_WORKER: Final = "local"

# (status, action) -> status; what is not here is impossible.
TABLE: Final[Mapping[tuple[RowStatus, str], RowStatus]] = {
    ("Available", "plug_in"): "Preparing",
    ("Preparing", "plug_out"): "Available",
    ("Preparing", "swipe"): "Charging",
    ("Charging", "swipe"): "Finishing",
    ("Charging", "suspend_ev"): "SuspendedEV",
    ("SuspendedEV", "resume_ev"): "Charging",
    ("SuspendedEV", "swipe"): "Finishing",
    ("Finishing", "plug_out"): "Available",
}
_ACTIONS: Final = frozenset(action for _, action in TABLE)


class _Station(Struct):
    id_tag: str = ""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES_KEPT))


class InMemorySwarm(Swarm):
    """A `Swarm` whose stations, `PY-SIM-0001` and on, are Available at once and do only what they are told.

    Set `ramping` to have named starts and stops refused, as while a ramp is on; add points to `series`.
    """

    def __init__(self, profiles: Mapping[str, Profile] | None = None, conditions: Conditions | None = None) -> None:
        self._profiles = {"default": Profile()} if profiles is None else dict(profiles)
        self._conditions = Conditions() if conditions is None else conditions
        self._terms = PriceTerms("₹", self._conditions.price)
        self._series = Series()
        self._fleet = Fleet()
        self._stations: dict[str, _Station] = {}  # also those that have ended
        self._running: dict[str, None] = {}  # in the order of starting
        self.followers = Followers(lambda _: None, lambda _: None)
        self.ramping = False

    @property
    def fleet(self) -> Fleet:
        """The rows and the totals."""
        return self._fleet

    @property
    def series(self) -> Series:
        """The points that were added."""
        return self._series

    def price_terms(self) -> PriceTerms:
        """The price of the beginning."""
        return self._terms

    def profiles(self) -> Collection[str]:
        """The names of those given."""
        return self._profiles.keys()

    def conditions(self) -> Conditions:
        """What holds now."""
        return self._conditions

    def change(self, **values: object) -> Conditions:
        """Change some; raises SettingRefused."""
        self._conditions = self._conditions.changed(**values)
        return self._conditions

    def scale(self, count: int, profile: str, spawn_rate: float | None) -> None:  # noqa: ARG002  # all at once
        """The lowest free ids are added, the newest stations are stopped."""
        number = 0
        while len(self._running) < count:
            number += 1
            if (station_id := f"PY-SIM-{number:04d}") not in self._running:
                self._begin(station_id, profile)
        for station_id in list(self._running)[count:]:
            self._end(station_id)

    def start(self, station_id: str, profile: str) -> None:
        """Start this one."""
        self._refuse_while_ramping()
        if station_id in self._running:
            raise Refused(409, f"{station_id} is already running")
        self._begin(station_id, profile)

    def stop(self, station_id: str) -> None:
        """Stop this one."""
        self._station(station_id)
        self._refuse_while_ramping()
        self._row(station_id)
        self._end(station_id)

    def look(self, station_id: str) -> Mapping[str, Any]:
        """One connector, and the actions of `TABLE`."""
        station, row = self._station(station_id), self._row(station_id)
        shown = {"id": 1, "status": row.status, "error_code": "NoError"}
        transaction = {"transaction_id": 1, "id_tag": station.id_tag, "meter_start": 0} if station.id_tag else None
        return {
            "connected": True,
            "connector_0": {**shown, "id": 0, "status": "Available"},
            "connectors": [{**shown, "transaction": transaction, "limit_w": None}],
            "configuration": {},
            "queue_length": 0,
            "last_frames": [],
            "actions": [action for action in offered() if action["name"] in _ACTIONS],
        }

    def lines(self, station_id: str, limit: int) -> Sequence[str]:
        """The last lines, also of a station that has ended."""
        return list(self._station(station_id).lines)[-limit:]

    def act(self, station_id: str, action: str, parameters: Mapping[str, Any]) -> None:
        """As `TABLE` has it."""
        command = command_of(action, parameters)
        station, row = self._station(station_id), self._row(station_id)
        if getattr(command, "connector_id", 1) != 1:
            raise Refused(422, "the station has connector 1 only")
        status = TABLE.get((row.status, action))
        if status is None:
            raise Refused(409, f"{action} is impossible while the connector is {row.status}")
        if isinstance(command, Swipe):
            self._swipe(station, command.id_tag)
        self._apply(row, status, row.energy_kwh)
        self.say(station_id, f"{action}: {status}")

    def follow(self, station_id: str) -> LineQueue:
        """Every new line."""
        self._station(station_id)
        return self.followers.follow(station_id)

    def summary(self) -> Mapping[str, Any]:
        """Nothing was called and nothing failed."""
        state = "spawning" if self.ramping else "running" if self._running else "ready"
        users = len(self._running)
        worker = {"worker": _WORKER, "state": state, "users": users, "cpu_percent": 0.0, "memory_bytes": 0}
        return {
            "state": state,
            "elapsed_s": 0.0,
            "users": users,
            "wanted": users,
            "stations": self._fleet.by_status(),
            "calls_per_s": 0.0,
            "calls": 0,
            "failures": 0,
            "p95_ms": None,
            "p95_last_minute_ms": None,
            "workers": [{**worker, "schedule_lag_s": None}],
        }

    def say(self, station_id: str, text: str) -> None:
        """A new line in its log."""
        line = f"[{time.strftime('%H:%M:%S')}] {text}"
        self._station(station_id).lines.append(line)
        self.followers.put(station_id, line)

    def deliver(self, station_id: str, energy_wh: float) -> None:
        """A station has delivered so much, at the price of now."""
        row = self._row(station_id)
        self._apply(row, row.status, row.energy_kwh + energy_wh / 1000, energy_wh)

    def _begin(self, station_id: str, profile: str) -> None:
        name = profile or next(iter(self._profiles))
        known = self._profiles[name]
        self._fleet.leased(
            station_id, name, known.max_energy_kwh, known.charge_if_price_below, known.allow_peak, _WORKER
        )
        self._stations[station_id] = _Station()
        self._running[station_id] = None
        self._apply(self._row(station_id), "Available", 0.0)
        self.say(station_id, "Station initialized")

    def _end(self, station_id: str) -> None:
        self.say(station_id, "Station shutting down")
        del self._running[station_id]
        self._fleet.gone(station_id)

    def _apply(self, row: Row, status: RowStatus, energy_kwh: float, energy_wh: float = 0.0) -> None:
        change = Change(row.station_id, status, row.usage_kw, energy_kwh)
        self._fleet.apply(_WORKER, [change], energy_wh, energy_wh / 1000 * self._conditions.price)

    def _swipe(self, station: _Station, id_tag: str) -> None:
        if station.id_tag not in ("", id_tag):
            raise Refused(409, f"another tag, {station.id_tag}, started the transaction")
        station.id_tag = "" if station.id_tag else id_tag

    def _refuse_while_ramping(self) -> None:
        if self.ramping:
            raise Refused(409, "a ramp is on; try again when it is over")

    def _station(self, station_id: str) -> _Station:
        if station_id not in self._stations:
            raise Refused(404, f"no station {station_id[:48]!r}")
        return self._stations[station_id]

    def _row(self, station_id: str) -> Row:
        row = self._fleet.get(station_id)
        if row is None or not row.running:
            raise Refused(409, f"{station_id} does not run")
        return row
