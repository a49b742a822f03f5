"""What every station of the run is doing: the read model behind lists, counts and totals."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from operator import attrgetter
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from evsim_locust.behaviour.fields import Amount
from evsim_locust.behaviour.suggestion import suggestion
from evsim_locust.control.errors import Refused
from evsim_locust.station.words import Status

RowStatus = Literal["connecting", "booting", "offline", "stopped", Status]
_DIGITS: Final = re.compile(r"\d+", re.ASCII)
_BY_ORDER: Final = attrgetter("order")
_BY_STATUS: Final = attrgetter("status")


class Change(Struct, frozen=True, array_like=True, gc=False):
    """How one station is now, as its worker tells it: power in kW, energy of this session or the last one in kWh."""

    station_id: Annotated[str, Meta(max_length=48)]
    status: RowStatus
    usage_kw: Amount
    energy_kwh: Amount


class Totals(Struct):
    """Since the run began: energy delivered in Wh, and what it earned at the prices of its moments."""

    energy_wh: float = 0.0
    earnings: float = 0.0


class Row(Struct, eq=False, gc=False):
    """One station; `worker` runs it, or ran it last. `order` sorts rows by id, numbers in it as numbers."""

    station_id: str
    profile: str
    max_energy_kwh: float
    charge_if_price_below: float
    allow_peak: bool
    worker: str
    order: str
    running: bool = True
    status: RowStatus = "connecting"
    usage_kw: float = 0.0
    energy_kwh: float = 0.0
    energy_percent: float = 0.0  # of the session's cap, at most 100; kept, since tables are sorted by it

    def as_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "station_id": self.station_id,
            "profile": self.profile,
            "running": self.running,
            "status": self.status,
            "usage_kw": round(self.usage_kw, 3),
            "energy_kwh": round(self.energy_kwh, 3),
            "max_energy_kwh": self.max_energy_kwh,
            "charge_if_price_below": self.charge_if_price_below,
            "allow_peak": self.allow_peak,
            "energy_percent": self.energy_percent,
            "worker": self.worker,
        }


class Wanted(Struct, frozen=True):
    """Which rows: `q` is a part of the id in any case; what is empty or None is not asked for."""

    q: str = ""
    status: str = ""
    profile: str = ""
    worker: str = ""
    running: bool | None = None


ALL: Final = Wanted()
ROW_KEYS: Final = tuple(Row("", "", 0.0, 0.0, False, "", "").as_json())


class Fleet:
    """The rows of one run; workers are told by their names.

    A row appears when its id is leased and stays, with `running` false, when the station is gone.
    """

    def __init__(self) -> None:
        self.totals = Totals()
        self._rows: dict[str, Row] = {}
        self._sorted: list[Row] = []  # by `order`
        self._running: dict[str, dict[str, Row]] = {}  # by worker, in the order of leasing

    def __len__(self) -> int:
        """How many rows there are, of stations that have ended too."""
        return len(self._rows)

    @property
    def running_count(self) -> int:
        """How many stations are alive."""
        return sum(map(len, self._running.values()))

    def leased(
        self,
        station_id: str,
        profile_name: str,
        max_energy_kwh: float,
        charge_if_price_below: float,
        allow_peak: bool,
        worker: str,
    ) -> None:
        """A station begins on a worker; a row that was there begins anew, with zeros."""
        row = Row(
            station_id, profile_name, max_energy_kwh, charge_if_price_below, allow_peak, worker, _order(station_id)
        )
        self.gone(station_id)
        before = self._rows.get(station_id)
        if before is None:
            insort(self._sorted, row, key=_BY_ORDER)
        else:
            self._sorted[bisect_left(self._sorted, row.order, key=_BY_ORDER)] = row
        self._rows[station_id] = row
        self._running.setdefault(worker, {})[station_id] = row

    def apply(self, worker: str, changes: Iterable[Change], energy_wh: float, earnings: float) -> None:
        """A worker's report: what changed, and the energy (Wh) and earnings since its last one.

        The amounts count always; a change counts for a station that this worker runs: another one's is late news.
        """
        self.totals.energy_wh += energy_wh
        self.totals.earnings += earnings
        mine = self._running.get(worker, {})
        for change in changes:
            row = mine.get(change.station_id)
            if row is not None:
                row.status, row.usage_kw, row.energy_kwh = change.status, change.usage_kw, change.energy_kwh
                row.energy_percent = _percent(change.energy_kwh, row.max_energy_kwh)

    def gone(self, station_id: str) -> None:
        """A station ended; its energy stays to be seen. Nothing when it does not run."""
        row = self._rows.get(station_id)
        if row is not None and row.running:
            _end(row)
            del self._running[row.worker][station_id]

    def lost(self, worker: str) -> list[str]:
        """A worker is gone, and all its stations; their ids."""
        rows = self._running.pop(worker, {})
        for row in rows.values():
            _end(row)
        return list(rows)

    def get(self, station_id: str) -> Row | None:
        """The row of this station; None when it was never leased in this run."""
        return self._rows.get(station_id)

    @property
    def power_kw(self) -> float:
        """What all of them draw now."""
        return sum(row.usage_kw for row in self._sorted)

    def page(self, offset: int, limit: int, wanted: Wanted = ALL, sort: str = "") -> tuple[list[Row], int]:
        """Some of the rows that fit, and how many fit in all.

        `sort` is a key of a row, with `-` in front from the highest down; rows that are equal there, and all without
        it, go by their ids. Raises Refused for an unknown key.
        """
        rows = _sorted_by(sort, _fitting(self._sorted, wanted))
        return rows[offset : offset + limit], len(rows)

    def by_status_and_profile(self) -> Counter[tuple[str, str]]:
        """How many rows have which status and profile."""
        return Counter((row.status, row.profile) for row in self._rows.values())

    def by_status(self) -> dict[str, int]:
        """How many rows have which status."""
        return dict(Counter(map(_BY_STATUS, self._sorted)))

    def forget(self) -> None:
        """A new run begins."""
        self.totals = Totals()
        self._rows.clear()
        self._sorted.clear()
        self._running.clear()


def _end(row: Row) -> None:
    row.running, row.status, row.usage_kw = False, "stopped", 0.0


def _percent(energy_kwh: float, max_energy_kwh: float) -> float:
    if energy_kwh <= 0 or max_energy_kwh <= 0:
        return 0.0
    percent = energy_kwh / max_energy_kwh * 100
    return 100.0 if percent >= 100 else round(percent, 1)


def _order(station_id: str) -> str:
    """The id with its numbers as length and digits, so that 9999 comes before 10000; the id itself decides ties."""
    return f"{_DIGITS.sub(_counted, station_id)}\0{station_id}"


def _counted(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return f"{len(digits):02d}{digits}"


def _fitting(rows: list[Row], wanted: Wanted) -> list[Row]:
    """The cheap questions first, each of what the ones before have left."""
    for key in ("status", "profile", "worker"):
        value = getattr(wanted, key)
        if value:
            read = attrgetter(key)
            rows = [row for row in rows if read(row) == value]
    if wanted.running is not None:
        rows = [row for row in rows if row.running is wanted.running]
    if wanted.q:
        part = wanted.q.lower()
        rows = [row for row in rows if part in row.station_id.lower()]
    return rows


def _sorted_by(sort: str, rows: list[Row]) -> list[Row]:
    """`rows` are in the order of their ids; equal ones stay so, also from the highest down."""
    key, down = sort.removeprefix("-"), sort.startswith("-")
    if not sort or key == "station_id":
        return rows[::-1] if down else rows
    if key not in ROW_KEYS:
        raise Refused(422, f"sort: no key {key[:40]!r}; {suggestion(key[:40], ROW_KEYS, 'keys')}")
    return sorted(rows, key=attrgetter(key), reverse=down)
