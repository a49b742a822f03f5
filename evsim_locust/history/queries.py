"""Questions to the history: statements, each answered from an index. `tests` hold their plans to that."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Select, func, select, tuple_

from evsim_locust.history.rows import bound
from evsim_locust.history.schema import energy_snapshots, runs, session_history, station_logs

_SESSION = session_history.c
_SHOWN = (
    _SESSION.session_id,
    _SESSION.station_id,
    _SESSION.start_time,
    _SESSION.stop_time,
    _SESSION.energy_kwh,
    _SESSION.id_tag,
    _SESSION.profile,
    _SESSION.reason,
    _SESSION.cost,
)


class Wanted(Protocol):
    """Which sessions; empty and None are all. Times are seconds since the epoch: from `since_s`, before `until_s`."""

    @property
    def limit(self) -> int:
        """At most so many, 0 where there may be no end."""

    @property
    def station_id(self) -> str:
        """Of this station."""

    @property
    def run_id(self) -> str:
        """Of this run."""

    @property
    def since_s(self) -> float | None:
        """Begun then or later."""

    @property
    def until_s(self) -> float | None:
        """Begun before."""


def logs_of(station_id: str, limit: int) -> Select[Any]:
    """The newest lines of a station."""
    logs = station_logs.c
    return (
        select(logs.timestamp, logs.station_id, logs.message)
        .where(logs.station_id == station_id)
        .order_by(logs.timestamp.desc(), logs.id.desc())
        .limit(limit)
    )


def snapshots_of(station_id: str, limit: int) -> Select[Any]:
    """The newest energy snapshots of a station."""
    snapshots = energy_snapshots.c
    return (
        select(snapshots.timestamp, snapshots.station_id, snapshots.energy_delivered_kwh)
        .where(snapshots.station_id == station_id)
        .order_by(snapshots.timestamp.desc(), snapshots.id.desc())
        .limit(limit)
    )


def sessions_of(wanted: Wanted, limit: int, after: tuple[str, int] | None = None) -> Select[Any]:
    """The newest sessions with their ids, or those that follow `after`, the (start_time, id) of the last one seen."""
    found = select(_SESSION.id, *_SHOWN).order_by(_SESSION.start_time.desc(), _SESSION.id.desc()).limit(limit)
    if wanted.station_id:
        found = found.where(_SESSION.station_id == wanted.station_id)
    if wanted.run_id:
        # A run may have a million sessions, a station has few: together, the run must not choose the index.
        run = func.coalesce(_SESSION.run_id, "") if wanted.station_id else _SESSION.run_id
        found = found.where(run == wanted.run_id)
    if wanted.since_s is not None:
        found = found.where(_SESSION.start_time >= bound(wanted.since_s))
    if wanted.until_s is not None:
        found = found.where(_SESSION.start_time < bound(wanted.until_s))
    if after is not None:
        found = found.where(tuple_(_SESSION.start_time, _SESSION.id) < tuple_(*after))
    return found


def run_of(run_id: str) -> Select[Any]:
    """The run of that id."""
    return select(runs.c.id).where(runs.c.id == run_id)


def all_runs() -> Select[Any]:
    """The runs with the number of their sessions."""
    return select(runs.c.id, runs.c.started_at, runs.c.stopped_at, runs.c.sessions).order_by(
        runs.c.started_at.desc(), runs.c.id.desc()
    )
