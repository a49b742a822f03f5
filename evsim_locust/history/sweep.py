"""Deletes what is older than the user keeps, a little at a time, so that writing never waits long for it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, exists, func, select, update

from evsim_locust.history.schema import (
    call_latencies,
    energy_snapshots,
    price_changes,
    runs,
    session_history,
    station_logs,
)

_AT_ONCE: Final = 5_000
_TIMES: Final[tuple[tuple[Table, ColumnElement[Any]], ...]] = (
    (station_logs, station_logs.c.timestamp),
    (energy_snapshots, energy_snapshots.c.timestamp),
    (session_history, func.coalesce(session_history.c.stop_time, session_history.c.start_time)),
    (price_changes, price_changes.c.timestamp),
    (call_latencies, call_latencies.c.timestamp),
)


def sweep(connection: Connection, cutoff: str, at_once: int = _AT_ONCE) -> int:
    """Delete some of the rows from before `cutoff`; gives how many, 0 when there are no more.

    Rows are written in the order of their times but for seconds, so the old ones are those with the lowest ids: no
    index by time alone is needed, and ten million rows are not searched.
    """
    for table, time in _TIMES:
        lowest = select(table.c.id, time.label("time")).order_by(table.c.id).limit(at_once).subquery()
        old = select(lowest.c.id).where(lowest.c.time < cutoff)
        if table is session_history:
            _uncount(connection, old)
        deleted = connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
        if deleted:
            return deleted
    return 0


def _uncount(connection: Connection, old: Select[Any]) -> None:
    """The sessions that are about to go, from their runs."""
    sessions = session_history.c
    gone = select(sessions.run_id, func.count()).where(sessions.id.in_(old)).group_by(sessions.run_id)
    for run_id, count in connection.execute(gone).all():
        connection.execute(update(runs).where(runs.c.id == run_id).values(sessions=runs.c.sessions - count))


def sweep_runs(connection: Connection, cutoff: str, running: str | None) -> int:
    """Delete the runs from before `cutoff` of which nothing is left, but not the one that is on."""
    left = [exists().where(table.c.run_id == runs.c.id) for table, _ in _TIMES]
    old = func.coalesce(runs.c.stopped_at, runs.c.started_at) < cutoff
    return connection.execute(delete(runs).where(old, runs.c.id != (running or ""), *(~rows for rows in left))).rowcount
