"""Histories on disk: one with an example run, and empty ones to fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, create_engine, insert

from benchmarks.programs.history_rows import fill
from evsim_locust.analysis.source import opened
from evsim_locust.history import schema

Fill = Callable[..., Path]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example run, 400 sessions of 40 stations."""
    file = tmp_path_factory.mktemp("history") / "example.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        fill(connection, 400, 40, 1, lambda _: None)
    engine.dispose()
    return file


@pytest.fixture
def example_connection(example: Path) -> Iterator[Connection]:
    with opened(str(example)) as connection:
        yield connection


@pytest.fixture
def make(tmp_path: Path) -> Fill:
    """Writes rows, `(table, values)` each, to a new SQLite file with our tables; returns its path."""

    def write(*rows: tuple[Table, Mapping[str, Any]]) -> Path:
        file = tmp_path / "made.db"
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            schema.metadata.create_all(connection)
            for table, values in rows:
                connection.execute(insert(table), dict(values))
        engine.dispose()
        return file

    return write
