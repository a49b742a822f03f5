"""A real PostgreSQL server from the system's packages, in a folder of its own, and its fixtures.

A room's tests get them by its conftest: `from tests.postgres_server import server, url`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from evsim_locust.history.location import parse_location

__all__ = ["Server", "ask", "server", "url"]
PASSWORD = "s3cr%t"


class Server:
    """A cluster on a free port of the loopback interface; root may not run it, so then `nobody` does."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._data = binaries, folder / "data"
        self._options: dict[str, Any] = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        secret = folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run("initdb", "-U", "evsim", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync", "-E", "UTF8")
        self._settings = f"-p {self.port} -h 127.0.0.1 -k {folder} -F"

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(self._binaries / program), "-D", str(self._data), *arguments]
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        done = subprocess.run(command, env=environment, cwd="/", stdout=-1, stderr=-2, text=True, **self._options)
        assert done.returncode == 0, done.stdout

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self._data / "log"), "-o", self._settings, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def url(self, name: str) -> str:
        return f"postgresql://evsim:{PASSWORD.replace('%', '%25')}@127.0.0.1:{self.port}/{name}"

    def execute(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        engine = create_engine(parse_location(self.url(name)).url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            found = connection.execute(text(statement))
            result = [tuple(row) for row in found] if found.returns_rows else []
        engine.dispose()
        return result


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Skips where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [shutil.which("initdb")]
    if found[-1] is None:
        pytest.skip("no PostgreSQL server here (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="evsim-pg-") as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(found[-1]).parent, Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def url(server: Server) -> str:
    """Of an empty database."""
    name = f"h{uuid4().hex}"
    server.execute("postgres", f"CREATE DATABASE {name}")
    return server.url(name)


def ask(server: Server, url: str, statement: str) -> list[tuple[Any, ...]]:
    """On the database of that URL."""
    return server.execute(url.rpartition("/")[2], statement)
