"""Where a history lies: a path or a URL, the engines that open it, and words about it that hold no password."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from evsim_locust.history.errors import HistoryRefused, NoHistory

_BUSY_S: Final = 1.0  # a program that looks at the file may hold it for so long; then we try again later
_LONGEST_READ_MS: Final = 30_000
_SECRET: Final = re.compile(r"(password)=[^\s&]+", re.IGNORECASE)
_DRIVERS: Final = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class Location(NamedTuple):
    """`path` is a SQLite file's, absolute and without links, None for a server; `shown` is for the user."""

    url: URL
    path: Path | None
    shown: str

    def words(self, error: BaseException) -> str:
        """What a database said, in one line."""
        text = str(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)
        for secret in sorted(self._secrets(), key=len, reverse=True):  # one may begin with another
            text = text.replace(secret, "***")
        text = _SECRET.sub(r"\1=***", text)
        return " ".join(text.split())[:300] or type(error).__name__

    def _secrets(self) -> Iterator[str]:
        """The password, and what a driver takes as one among the parameters after the question mark."""
        if self.url.password:
            yield str(self.url.password)
        for name, value in self.url.query.items():
            if "password" in name.lower():
                yield from filter(None, [value] if isinstance(value, str) else value)


def parse_location(text: str) -> Location:
    """The value of `--history`; raises `HistoryRefused`."""
    if "://" not in text:
        return _file(text, text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise HistoryRefused("not a database URL; give e.g. postgresql://user:password@host/name, or a path") from None
    shown = url.set(query={}).render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        return _file(url.database or "", shown)
    return Location(url.set(drivername=_DRIVERS.get(url.drivername, url.drivername)), None, shown)


def _file(name: str, shown: str) -> Location:
    if name in ("", ":memory:") or name.startswith("file:"):
        raise HistoryRefused(f"{shown!r}: a history needs a file; give a path")
    path = Path(name).expanduser().resolve()
    if path.is_dir():
        raise HistoryRefused(f"{shown}: a folder; give the path of a file in it")
    if not path.parent.is_dir():
        raise NoHistory(f"{shown}: there is no folder {path.parent}; make it, or give another path")
    return Location(URL.create("sqlite", database=str(path)), path, shown)


def writing_engine(location: Location, name: str) -> Engine:
    """Opens connections for writing, one transaction at a time; `name` is how a server lists them."""
    if location.path is not None:
        return _sqlite_engine(_opener(location.path, "rwc"), "BEGIN IMMEDIATE")
    return _server_engine(location, {"application_name": name})


def reading_engine(location: Location, longest_read_ms: int = _LONGEST_READ_MS) -> Engine:
    """Opens connections that cannot write; each transaction sees one state.

    A server breaks off a statement that takes longer, 0 is never.
    """
    if location.path is not None:
        return _sqlite_engine(_opener(location.path, "ro"), "BEGIN")
    options = (
        "-c default_transaction_read_only=on"
        r" -c default_transaction_isolation=repeatable\ read"
        f" -c statement_timeout={longest_read_ms}"
    )
    return _server_engine(location, {"options": options})


def _opener(path: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            timeout=_BUSY_S,
            isolation_level=None,  # the engine says BEGIN; the driver would leave SAVEPOINT outside of transactions
            check_same_thread=False,  # handed over from the thread that opened the history to the one that writes
        )

    return connect


def _sqlite_engine(connect: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", on_begin)
    return engine


def _server_engine(location: Location, arguments: dict[str, Any]) -> Engine:
    """On PostgreSQL with time limits: a server that vanished must not hold the thread for the kernel's two hours."""
    if location.url.get_backend_name() == "postgresql":
        arguments = {"connect_timeout": 10, "tcp_user_timeout": 30_000, **arguments}
    else:
        arguments = {}
    try:
        return create_engine(location.url, poolclass=NullPool, connect_args=arguments)
    except NoSuchModuleError:
        raise HistoryRefused(
            f"{location.shown}: SQLAlchemy knows no such database; give sqlite or postgresql"
        ) from None
    except ImportError as error:
        raise HistoryRefused(f"{location.shown}: {error}; install the driver of this database") from None
    except ArgumentError as error:
        raise HistoryRefused(f"{location.shown}: {location.words(error)}; give another URL") from None
