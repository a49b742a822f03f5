"""One run at a time writes to a history; the lock goes when its process does, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlalchemy import Connection, text

from evsim_locust.history.errors import HistoryBusy

_SPACE = 0x0C5305  # tells our locks from those of other programs in the same PostgreSQL database
_TRY = text("SELECT pg_try_advisory_lock(:space, hashtext(current_schema()))")
_END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = :name AND datname = current_database() AND pid <> pg_backend_pid()"
)


class FileLock:
    """A locked file `NAME.lock` beside the database: SQLite's own locks are not for as long as a run.

    Raises `HistoryBusy`, and OSError when the file cannot be made.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        while True:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "?"
                os.close(self._file)
                raise HistoryBusy(f"{database}: process {holder} writes to this history") from None
            if self._is_that_of_the_path():
                break
            os.close(self._file)
        os.truncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Unlocked and removed; safe to call twice."""
        if self._file >= 0:
            self._path.unlink(missing_ok=True)  # before the lock goes: nobody may lose a file that he has just locked
            os.close(self._file)
            self._file = -1

    def _is_that_of_the_path(self) -> bool:
        """False when its last holder has removed it between our opening and our locking."""
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self._path))
        except FileNotFoundError:
            return False


def lock_session(connection: Connection, name: str) -> bool:
    """Hold a PostgreSQL history by this connection, for as long as it lasts; False when another run does.

    A connection that broke may live on at the server, with our lock: those of the same `name` are ended first.
    """
    connection.execute(_END_OTHERS, {"name": name})
    held = connection.execute(_TRY, {"space": _SPACE}).scalar_one()
    connection.commit()
    return bool(held)
