"""Transactions in a SQLite file, so that ids stay unique and open transactions are known across restarts.

A program that is killed loses at most the changes since the last write. Its ids are not given out again: the file
holds an id that lies `_IDS_AHEAD` beyond the highest one written, and the next run starts from there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from csms.errors import StoreRefused
from csms.transactions import Transaction

_APPLICATION_ID = 0x0C5305  # marks the file as ours (SQLite, PRAGMA application_id)
_SCHEMA_VERSION = 1
_IDS_AHEAD = 100_000  # more than one write interval can use up
_COLUMNS = Transaction.__struct_fields__
_SCHEMA = f"""
CREATE TABLE transactions (
    transaction_id INTEGER PRIMARY KEY,
    station_id TEXT NOT NULL,
    connector_id INTEGER NOT NULL,
    id_tag TEXT NOT NULL,
    meter_start INTEGER NOT NULL,
    meter_stop INTEGER,
    start_time TEXT NOT NULL,
    stop_time TEXT,
    reason TEXT,
    status TEXT NOT NULL
);
CREATE TABLE ids (next_id INTEGER NOT NULL);
INSERT INTO ids VALUES (1);
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_SCHEMA_VERSION};
"""
_UPSERT = f"INSERT OR REPLACE INTO transactions VALUES ({', '.join('?' * len(_COLUMNS))})"


class Store:
    """One file, held by one process; its methods may be called from any thread, one at a time.

    `transactions` are those of earlier runs, `first_id` the lowest id that may be given out. Raises `StoreRefused`
    when it cannot be used, and sqlite3.Error from `write` and `close`.
    """

    def __init__(self, path: Path) -> None:
        self.first_id = 1
        self._highest = 0
        try:
            self._database = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise StoreRefused(f"{path}: {error}; give --store a file in a folder that can be written") from None
        try:
            self.transactions = self._open(path)
        except StoreRefused:
            self._database.close()
            raise
        except (sqlite3.Error, msgspec.ValidationError) as error:
            self._database.close()
            raise StoreRefused(f"{path}: {_reason(error)}") from None

    def write(self, changed: Sequence[Transaction]) -> None:
        """Keep the records as they are now, all of them or none."""
        rows = [msgspec.structs.astuple(transaction) for transaction in changed]
        self._highest = max(self._highest, max(transaction.transaction_id for transaction in changed))
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany(_UPSERT, rows)
            self._database.execute("UPDATE ids SET next_id = ?", (self._highest + 1 + _IDS_AHEAD,))

    def close(self) -> None:
        """Give the file back; every id that was given out has been written, so the next run goes on without a gap."""
        with self._database:
            self._database.execute("UPDATE ids SET next_id = ?", (self._highest + 1,))
        self._database.close()

    def _open(self, path: Path) -> list[Transaction]:
        execute = self._database.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        self._require_ours(path)
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")
        (self.first_id,) = execute("SELECT next_id FROM ids").fetchone()
        self._highest = self.first_id - 1
        execute("UPDATE ids SET next_id = ?", (self.first_id + _IDS_AHEAD,))
        rows = execute(f"SELECT {', '.join(_COLUMNS)} FROM transactions ORDER BY transaction_id")
        return [msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), Transaction) for row in rows]

    def _require_ours(self, path: Path) -> None:
        """Make the tables in an empty file; refuse any other that does not carry our mark."""
        execute = self._database.execute
        (tables,) = execute("SELECT count(*) FROM sqlite_master").fetchone()
        (mark,) = execute("PRAGMA application_id").fetchone()
        (version,) = execute("PRAGMA user_version").fetchone()
        if not tables and not mark:
            self._database.executescript("BEGIN IMMEDIATE;" + _SCHEMA + "COMMIT;")
        elif mark != _APPLICATION_ID:
            raise StoreRefused(f"{path}: a database of another program; give --store another path")
        elif version != _SCHEMA_VERSION:
            raise StoreRefused(f"{path}: written by another version of this program; give --store another path")


def _reason(error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return "held by another process; stop that one or give --store another path"
    return f"not a readable store ({text}); give --store another path, or restore the file"
