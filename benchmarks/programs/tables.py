"""The tables of a history in SQLite, past the product: how many rows they have, and a fast way to fill them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

TABLES = ("station_logs", "energy_snapshots", "session_history")


def rows_of(file: str) -> dict[str, int]:
    """By table; those that stations fill."""
    with closing(sqlite3.connect(Path(file).resolve().as_uri() + "?mode=ro", uri=True)) as database:
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


@contextmanager
def for_many_rows(database: sqlite3.Connection) -> Iterator[None]:
    """Nothing is kept safe meanwhile, and indexes are made afterwards, each in one piece: far faster than row by row.

    No transaction may be open before and after it.
    """
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    indexes = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    yield
    for _, made_by in indexes:
        database.execute(made_by)
