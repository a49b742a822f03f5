"""Histories on disk: one with an example run, and empty ones to fill."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from math import sin
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, create_engine, insert

from benchmarks.programs.history_rows import RUN_ID, SPAN_S, START_S, fill
from benchmarks.programs.history_rows import text as time_text
from evsim_locust.analysis.source import opened
from evsim_locust.history import schema
from evsim_locust.history.database import open_database
from tests.postgres_server import server, url

__all__ = ["example", "example_connection", "make", "new_history", "server", "url"]

Fill = Callable[..., Path]
_EVERY_S = 60
_ACTIONS = (("Heartbeat", "sent", 4), ("Reset", "received", 2))


def fill_example(connection: Connection) -> None:
    """400 sessions of 40 stations, and calls besides those of the sessions."""
    fill(connection, 400, 40, 1, lambda _: None)
    connection.execute(insert(schema.call_latencies), list(_latencies()))
    connection.commit()


def _latencies() -> Iterator[dict[str, Any]]:
    for minute in range(1, int(SPAN_S) // _EVERY_S + 1):
        for n, (action, direction, calls) in enumerate(_ACTIONS):
            p50_ms = (n + 1) * 5.0 * (1.5 + sin(minute / 40 + n))
            yield {
                "run_id": RUN_ID,
                "timestamp": time_text(START_S + minute * _EVERY_S),
                "interval_s": float(_EVERY_S),
                "action": action,
                "direction": direction,
                "calls": calls,
                "failures": int(minute % 50 == 0),
                "p50_ms": p50_ms,
                "p95_ms": p50_ms * 3,
                "p99_ms": p50_ms * 5,
                "max_ms": p50_ms * 8,
            }


@pytest.fixture(scope="session")
def new_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history without rows, to be copied."""
    file = tmp_path_factory.mktemp("history") / "new.db"
    open_database(str(file)).close()
    return file


@pytest.fixture(scope="session")
def example(new_history: Path) -> Path:
    """The example run."""
    file = new_history.with_name("example.db")
    shutil.copy(new_history, file)
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        fill_example(connection)
    engine.dispose()
    return file


@pytest.fixture
def example_connection(example: Path) -> Iterator[Connection]:
    with opened(str(example)) as connection:
        yield connection


@pytest.fixture
def make(new_history: Path, tmp_path: Path) -> Fill:
    """Writes rows, `(table, values)` each, to a new SQLite file with our tables; returns its path."""

    def write(*rows: tuple[Table, Mapping[str, Any]]) -> Path:
        file = tmp_path / "made.db"
        shutil.copy(new_history, file)
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            for table, values in rows:
                connection.execute(insert(table), dict(values))
        engine.dispose()
        return file

    return write
