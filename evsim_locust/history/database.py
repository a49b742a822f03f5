"""A history that may be written: found fit, brought to our version, and held against a second run."""

from __future__ import annotations

import os
from uuid import uuid4

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from evsim_locust.history.errors import HistoryBusy, HistoryRefused, NoHistory
from evsim_locust.history.location import Location, parse_location, reading_engine, writing_engine
from evsim_locust.history.lock import FileLock, lock_session
from evsim_locust.history.versions import latest, upgrade, version_of


def open_database(location: str) -> Database:
    """A path or a database's URL, for writing; blocks, so call it before a run.

    Raises `HistoryRefused` and `HistoryBusy`; what is refused is left as it was.
    """
    return Database(parse_location(location))


def open_for_reading(location: str, oldest: int | None = None) -> Engine:
    """The same for those who only look, at any time and for as long as they like, while a run writes too.

    `oldest` is the first version of the tables that the caller can read, None is ours only. Raises `HistoryRefused`,
    `NoHistory`.
    """
    place = parse_location(location)
    if place.path is not None and not place.path.exists():
        raise NoHistory(f"{place.shown}: there is no such file; give that of an earlier run")
    engine = reading_engine(place, longest_read_ms=0)
    try:
        with engine.connect() as connection:
            version = version_of(connection)
    except SQLAlchemyError as error:
        raise _refused(place, error) from None
    except HistoryRefused as refused:
        raise HistoryRefused(f"{place.shown}: {refused}") from None
    if version < 0:
        raise NoHistory(f"{place.shown}: empty; give the history of an earlier run")
    if version < (latest() if oldest is None else oldest):
        raise HistoryRefused(f"{place.shown}: {_OLD}")
    return engine


_OLD = "written by an older version of this program; begin a run with --history on it, which brings it up to date"


class Database:
    """Held until `close`, or until the process dies. A file by a lock beside it, PostgreSQL by the connection's."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._name = f"evsim-{uuid4()}"
        self._engine = writing_engine(location, self._name)
        self._lock: FileLock | None = None
        self._inode: os.stat_result | None = None
        self._open: Connection | None = None
        try:
            self._prepare()
        except (SQLAlchemyError, OSError) as error:
            self.close()
            raise _refused(location, error) from None
        except HistoryRefused as refused:
            self.close()
            raise HistoryRefused(f"{location.shown}: {refused}") from None
        except HistoryBusy:
            self.close()
            raise

    def connect(self) -> Connection:
        """The one connection to write with, by one thread; the last one must be closed before it is asked for again.

        Raises SQLAlchemyError and OSError when the database is gone, `HistoryBusy` when another run took it meanwhile.
        """
        if self._open is not None:
            connection, self._open = self._open, None
            return connection
        self.check_in_place()
        connection = self._engine.connect()
        try:
            self._hold(connection)
            self._tune(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def check_in_place(self) -> None:
        """Raises OSError when the file was removed or replaced: SQLite would go on writing to what nobody can find."""
        path = self.location.path
        if path is not None and self._inode is not None and not os.path.samestat(self._inode, os.stat(path)):
            raise FileNotFoundError(f"{path} was replaced by another file")

    def close(self) -> None:
        """Let others write; after the connection has been closed. Safe to call twice."""
        if self._open is not None:
            self._open.close()
            self._open = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _prepare(self) -> None:
        if self.location.path is not None:
            self._lock = FileLock(self.location.path)
        connection = self._open = self._engine.connect()
        self._hold(connection)
        with connection.begin():
            if version_of(connection) < latest():
                upgrade(connection)
        self._tune(connection)
        if self.location.path is not None:
            self._inode = os.stat(self.location.path)

    def _hold(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql" and not lock_session(connection, self._name):
            raise HistoryBusy(f"{self.location.shown}: another run writes to this history")

    def _tune(self, connection: Connection) -> None:
        if connection.dialect.name != "sqlite":
            return
        driver = connection.connection.dbapi_connection
        assert driver is not None
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "journal_size_limit = 67108864"):
            driver.cursor().execute(f"PRAGMA {pragma}")  # past SQLAlchemy, which would begin a transaction


def _refused(location: Location, error: BaseException) -> HistoryRefused:
    return HistoryRefused(f"{location.shown}: {location.words(error)}; give a history that can be read and written")
