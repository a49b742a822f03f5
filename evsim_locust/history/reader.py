"""Reads the history while a run writes it; whoever asks waits, the hub does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gevent.threadpool import ThreadPool
from sqlalchemy import Engine, Select
from sqlalchemy.exc import SQLAlchemyError

from evsim_locust.history.errors import UnknownRun, Unreadable
from evsim_locust.history.location import Location, reading_engine
from evsim_locust.history.queries import Wanted, all_runs, logs_of, run_of, sessions_of, snapshots_of

Row = dict[str, Any]
_PAGE = 1_000


class Reader:
    """What the REST API needs of a history, newest first; all may raise `Unreadable`.

    It has a thread and a connection of its own for each question, so that it neither waits for the writer nor holds
    it up.
    """

    def __init__(self, location: Location) -> None:
        self._location = location
        self.engine: Engine = reading_engine(location)
        self._thread = ThreadPool(1)

    def station(self, station_id: str, limit_logs: int, limit_snapshots: int) -> dict[str, Any]:
        """Log lines and energy of a station: `station_id`, `logs`, `energy_snapshots`."""
        logs, snapshots = self._read(logs_of(station_id, limit_logs), snapshots_of(station_id, limit_snapshots))
        return {"station_id": station_id, "logs": logs, "energy_snapshots": snapshots}

    def sessions(self, wanted: Wanted) -> list[Row]:
        """At most `wanted.limit` sessions; raises `UnknownRun`."""
        self._check_run(wanted)
        return [_without_id(row) for row in self._read(sessions_of(wanted, wanted.limit))[0]]

    def every_session(self, wanted: Wanted) -> Iterator[Row]:
        """The same, a page in memory at a time, without end for `limit` 0; raises `UnknownRun` at once."""
        self._check_run(wanted)
        return self._pages(wanted)

    def runs(self) -> list[Row]:
        """All runs: `id`, `started_at`, `stopped_at`, `sessions`."""
        return self._read(all_runs())[0]

    def close(self) -> None:
        """Let the thread go."""
        self._thread.kill()

    def _pages(self, wanted: Wanted) -> Iterator[Row]:
        left = wanted.limit or float("inf")
        after = None
        while left > 0:
            size = int(min(left, _PAGE))
            rows = self._read(sessions_of(wanted, size, after))[0]
            if rows:
                after = (rows[-1]["start_time"], rows[-1]["id"])
            yield from map(_without_id, rows)
            left = left - size if len(rows) == size else 0

    def _check_run(self, wanted: Wanted) -> None:
        if wanted.run_id and not self._read(run_of(wanted.run_id))[0]:
            raise UnknownRun(f"no run {wanted.run_id[:60]!r}")

    def _read(self, *statements: Select[Any]) -> list[list[Row]]:
        found: list[list[Row]] | Unreadable = self._thread.apply(self._in_thread, statements)
        if isinstance(found, Unreadable):
            raise found
        return found

    def _in_thread(self, *statements: Select[Any]) -> list[list[Row]] | Unreadable:
        """Gives its error instead of raising it: the hub would print it."""
        try:
            with self.engine.connect() as connection, connection.begin():
                return [[dict(row) for row in connection.execute(wanted).mappings()] for wanted in statements]
        except (SQLAlchemyError, OSError) as error:
            return Unreadable(f"the history cannot be read: {self._location.words(error)}")


def _without_id(row: Row) -> Row:
    del row["id"]
    return row
