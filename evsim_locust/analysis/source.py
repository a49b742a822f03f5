"""The history is opened, looked at and read in one piece, and never written."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from evsim_locust.analysis.errors import NothingThere, Unreadable
from evsim_locust.history import schema

_READ: Final = (
    schema.runs,
    schema.station_logs,
    schema.session_history,
    schema.energy_snapshots,
    schema.price_changes,
)
_CONNECT_S: Final = 10


@contextmanager
def opened(location: str) -> Iterator[Connection]:
    """A connection that sees the history as it is now, also while a run goes on; `location` is a path or has `://`.

    Raises NothingThere, Unreadable; errors of the database in the block become Unreadable.
    """
    name = _name(location)
    engine = _engine(location, name)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")  # the driver itself begins nothing for reading
            _check(connection, name)
            yield connection
    except SQLAlchemyError as error:
        raise Unreadable(f"{name} cannot be read: {_first_line(error)}") from None
    finally:
        engine.dispose()


def _name(location: str) -> str:
    """How the database is called in messages: without its password."""
    if "://" not in location:
        return location
    try:
        return make_url(location).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        raise Unreadable(
            "--history is no URL that SQLAlchemy knows; right is postgresql+psycopg://user@host/name"
        ) from None


def _engine(location: str, name: str) -> Engine:
    if "://" not in location:
        return _sqlite(Path(location), name)
    url = make_url(location)
    if url.get_backend_name() == "sqlite":
        return _sqlite(Path(url.database or ""), name)
    try:
        connect = {"connect_timeout": _CONNECT_S} if url.get_backend_name() == "postgresql" else {}
        engine = create_engine(url, poolclass=NullPool, connect_args=connect)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise Unreadable(f"{name} cannot be opened: {_first_line(error)}") from None
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def _sqlite(path: Path, name: str) -> Engine:
    if not path.exists():
        raise NothingThere(f"there is no {name}: run a swarm with --history first, or name another database")
    if not path.is_file():
        raise Unreadable(f"{name} is no file")
    address = path.resolve().as_uri() + "?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool)


def _check(connection: Connection, name: str) -> None:
    """All that is read must be there: else it is another program's database, or another version's."""
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    missing = [table.name for table in _READ if table.name not in tables]
    if missing:
        raise Unreadable(f"{name} is no history of a swarm: it has no table {missing[0]}")
    for table in _READ:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        lacking = [column.name for column in table.columns if column.name not in there]
        if lacking:
            raise Unreadable(
                f"{name} is of another version: {table.name} has no column {lacking[0]}; "
                "an older one is brought up to date when a swarm runs with it"
            )


def _first_line(error: Exception) -> str:
    """The driver's own words: SQLAlchemy adds the statement and a link, and a driver may add the address it tried."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(cause).strip().splitlines()
    return re.sub(r"password=\S+", "password=***", lines[0]) if lines else type(cause).__name__
