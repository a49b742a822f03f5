"""All writing to the database: the part of the writer that lives in its thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from evsim_locust.history.database import Database
from evsim_locust.history.errors import HistoryError
from evsim_locust.history.pending import Unit
from evsim_locust.history.rows import Row, latency_row, log_row, price_row, session_row, snapshot_row, stamp
from evsim_locust.history.schema import (
    call_latencies,
    energy_snapshots,
    price_changes,
    runs,
    session_history,
    station_logs,
)
from evsim_locust.history.sweep import sweep, sweep_runs

# Python holds the interpreter while it makes rows of records: after so many the stations get their turn.
_ROWS_AT_ONCE: Final = 100
_BAD_ROWS: Final = (DataError, IntegrityError, ValueError, OverflowError, TypeError)
_COUNTED: Final = (station_logs, session_history, energy_snapshots, price_changes, call_latencies)


class Outcome(NamedTuple):
    """What came of it; `error` is for the user, empty when all went well."""

    written: int = 0
    refused: int = 0
    error: str = ""


class Ledger:
    """One thread, one connection, one transaction a unit; no method raises what a database may say."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._in_doubt: tuple[int, ...] | None = None  # the highest ids before a commit of unknown outcome

    def write(self, unit: Unit) -> Outcome:
        """All of it or nothing; after an error the same unit must be given again, before any other."""
        return self._guarded(lambda connection: self._write(connection, unit))

    def sweep(self, before_s: float, running: str | None) -> Outcome:
        """Delete some rows from before that time; `written` is how many, 0 when all are gone."""
        return self._guarded(lambda connection: Outcome(_sweep(connection, stamp(before_s), running)))

    def close(self) -> None:
        """Give the database back."""
        self._drop_connection()
        self._database.close()

    def _guarded(self, work: Callable[[Connection], Outcome]) -> Outcome:
        try:
            self._database.check_in_place()
            if self._connection is None:
                self._connection = self._database.connect()
            return work(self._connection)
        except Exception as error:  # whatever it is, the run goes on, and the writer tells it and tries again
            self._drop_connection()
            text = str(error) if isinstance(error, HistoryError) else self._database.location.words(error)
            return Outcome(error=text)

    def _drop_connection(self) -> None:
        """After an error its state is anybody's guess."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _write(self, connection: Connection, unit: Unit) -> Outcome:
        if self._was_committed(connection):
            return Outcome(unit.rows)
        with connection.begin():
            before = _highest_ids(connection)
            _put_run(connection, unit)
            batch, run_id = unit.batch, unit.run_id
            refused_sessions = _put(connection, session_history, session_row, batch.sessions, run_id)
            _count_sessions(connection, run_id, len(batch.sessions) - refused_sessions)
            refused = sum(
                (
                    refused_sessions,
                    _put(connection, price_changes, price_row, unit.prices, run_id),
                    _put(connection, energy_snapshots, snapshot_row, batch.snapshots, run_id),
                    _put(connection, call_latencies, latency_row, batch.latencies, run_id),
                    _put(connection, station_logs, log_row, batch.logs, run_id),
                )
            )
            self._in_doubt = before  # from here on the commit may happen without our hearing of it
        self._in_doubt = None
        return Outcome(unit.rows - refused, refused)

    def _was_committed(self, connection: Connection) -> bool:
        """A server's connection can break between its commit and its answer. Nobody else writes: ids tell."""
        before, self._in_doubt = self._in_doubt, None
        if before is None:
            return False
        with connection.begin():
            return _highest_ids(connection) != before


def _highest_ids(connection: Connection) -> tuple[int, ...]:
    return tuple(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one() for table in _COUNTED)


def _put_run(connection: Connection, unit: Unit) -> None:
    """Neither is wrong to do twice."""
    known = select(runs.c.id).where(runs.c.id == unit.run_id)
    if unit.config_json is not None and connection.execute(known).first() is None:
        row = {"id": unit.run_id, "started_at": stamp(unit.started_at_s), "config_json": unit.config_json}
        connection.execute(insert(runs), row)
    if unit.stopped_at_s is not None:
        connection.execute(update(runs).where(runs.c.id == unit.run_id).values(stopped_at=stamp(unit.stopped_at_s)))


def _count_sessions(connection: Connection, run_id: str | None, more: int) -> None:
    if run_id is not None and more:
        connection.execute(update(runs).where(runs.c.id == run_id).values(sessions=runs.c.sessions + more))


def _put(
    connection: Connection,
    table: Table,
    row: Callable[[Any, str | None], Row],
    records: Sequence[Any],
    run_id: str | None,
) -> int:
    """Gives how many the database refused: those are left out, the others must not wait for them forever."""
    return sum(
        _put_some(connection, table, row, records[start : start + _ROWS_AT_ONCE], run_id)
        for start in range(0, len(records), _ROWS_AT_ONCE)
    )


def _put_some(
    connection: Connection,
    table: Table,
    row: Callable[[Any, str | None], Row],
    records: Sequence[Any],
    run_id: str | None,
) -> int:
    try:
        with connection.begin_nested():
            connection.execute(insert(table), [row(record, run_id) for record in records])
    except _BAD_ROWS:
        if len(records) == 1:
            return 1
        half = len(records) // 2
        return sum(_put_some(connection, table, row, part, run_id) for part in (records[:half], records[half:]))
    return 0


def _sweep(connection: Connection, cutoff: str, running: str | None) -> int:
    with connection.begin():
        return sweep(connection, cutoff) or sweep_runs(connection, cutoff, running)
