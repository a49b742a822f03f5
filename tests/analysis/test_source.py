from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from benchmarks.programs.history_rows import RUN_ID
from evsim_locust.analysis.errors import NothingThere, Unreadable
from evsim_locust.analysis.queries import count_sessions
from evsim_locust.analysis.source import opened
from evsim_locust.history.schema import runs


def refusal(location: object) -> str:
    with pytest.raises((NothingThere, Unreadable)) as caught, opened(str(location)):
        pytest.fail("it was opened")
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("location", ["{}", "sqlite:///{}", "sqlite+pysqlite:///{}"])
def test_a_path_and_a_url_lead_to_the_same_file(example: Path, location: str) -> None:
    with opened(location.format(example)) as connection:
        assert count_sessions(connection, RUN_ID) == 400


def test_names_with_signs_of_an_address_are_files(example: Path, tmp_path: Path) -> None:
    odd = tmp_path / "a b?mode=rwc#%41.db"
    odd.write_bytes(example.read_bytes())
    with opened(str(odd)) as connection:
        assert connection.scalar(select(runs.c.id)) == RUN_ID


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    with pytest.raises(NothingThere, match=r"none\.db"), opened(str(missing)):
        pytest.fail("it was opened")
    assert list(tmp_path.iterdir()) == []


def test_nothing_can_be_written(example: Path) -> None:
    with opened(str(example)) as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(runs.delete())


def test_what_is_written_meanwhile_is_not_seen(example: Path, tmp_path: Path) -> None:
    """One report is of one moment, also while a run goes on."""
    file = tmp_path / "live.db"
    file.write_bytes(example.read_bytes())
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        with opened(str(file)) as connection:
            before = count_sessions(connection, RUN_ID)
            writer.execute("DELETE FROM session_history")
            writer.commit()
            assert count_sessions(connection, RUN_ID) == before == 400
        with opened(str(file)) as connection:
            assert count_sessions(connection, RUN_ID) == 0


def no_database(file: Path) -> None:
    file.write_text("price,hour\n20,1\n" * 100)


def sql(*statements: str) -> Callable[[Path], None]:
    def run(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return run


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (no_database, "file is not a database"),
        (sql("DROP TABLE history_version"), "a database of another program"),
        (sql("UPDATE history_version SET version_num = '0999'"), "written by a newer version"),
        (sql("UPDATE history_version SET version_num = '0000'"), "written by an older version"),
    ],
)
def test_what_is_no_history_is_told_in_one_line(
    example: Path, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    file = tmp_path / "spoilt.db"
    file.write_bytes(example.read_bytes())
    spoil(file)
    before = file.read_bytes()
    assert words in refusal(file)
    assert file.read_bytes() == before


def test_the_original_s_file_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "simulator.db"
    sql("CREATE TABLE station_logs (id INTEGER PRIMARY KEY, timestamp TEXT, station_id TEXT, message TEXT)")(file)
    assert "written by an older version of this program; begin a run with --history on it" in refusal(file)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("nosuch://x", "SQLAlchemy knows no such database"),
        ("://", "not a database URL"),
        ("postgresql+psycopg://me:hush@127.0.0.1:1/x", "connection to server"),
        ("postgresql://127.0.0.1:1/x?user=me&password=hush", "connection to server"),
        ("postgresql://127.0.0.1:1/x?password=hush&hush=1", "give a history that can be read"),
        ("postgresql+psycopg://me:hush@127.0.0.1:notaport/x", "not a database URL"),
    ],
)
def test_a_bad_url_is_told_without_its_password(location: str, words: str) -> None:
    text = refusal(location)
    assert words in text
    assert "hush" not in text


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith("a folder; give the path of a file in it")


@pytest.mark.parametrize("statement", ["DROP TABLE session_history", "ALTER TABLE session_history DROP COLUMN run_id"])
def test_a_history_that_lacks_something_is_told_when_that_is_read(
    example: Path, tmp_path: Path, statement: str
) -> None:
    file = tmp_path / "spoilt.db"
    file.write_bytes(example.read_bytes())
    sql("DROP INDEX ix_session_history_run", statement)(file)
    words = r"spoilt\.db cannot be read: no such (table|column)"
    with pytest.raises(Unreadable, match=words) as told, opened(str(file)) as connection:
        count_sessions(connection, RUN_ID)
    assert "\n" not in str(told.value)


def test_a_torn_file_is_told_when_its_rows_are_read(example: Path, tmp_path: Path) -> None:
    file = tmp_path / "torn.db"
    data = example.read_bytes()
    file.write_bytes(data[:65536] + b"\xff" * (len(data) - 65536))
    with pytest.raises(Unreadable, match="malformed"), opened(str(file)) as connection:
        count_sessions(connection, RUN_ID)


def test_an_error_within_the_block_is_told_like_one_at_the_opening(example: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"), opened(str(example)) as connection:
        connection.exec_driver_sql("SELECT no_such_column FROM runs")
