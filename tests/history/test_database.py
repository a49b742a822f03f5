"""What is ours is opened and brought up to date; what is not is left as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from evsim_locust.history.database import open_database, open_for_reading
from evsim_locust.history.errors import HistoryBusy, HistoryRefused, NoHistory
from evsim_locust.history.ledger import Ledger
from evsim_locust.history.pending import Unit
from evsim_locust.history.schema import metadata
from evsim_locust.history.versions import latest
from tests.history.making import NOON_S, TO_VERSION_1, batch_of

ORIGINAL = """
CREATE TABLE station_logs (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, station_id TEXT, message TEXT);
CREATE TABLE session_history (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, station_id TEXT, start_time TEXT,
    stop_time TEXT, energy_kwh REAL);
CREATE TABLE energy_snapshots (id INTEGER PRIMARY KEY AUTOINCREMENT, station_id TEXT, timestamp TEXT,
    energy_delivered_kwh REAL);
INSERT INTO session_history VALUES (7, 's', 'PY-SIM-0001', '2025-01-01T00:00:00', '2025-01-01T00:10:00', 1.5);
INSERT INTO station_logs VALUES (1, '2025-01-01T00:00:00', 'PY-SIM-0001', 'hello');
"""


def sql(path, script: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)


def rows(path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_a_new_file_gets_exactly_the_tables_of_the_schema(tmp_path):
    path = tmp_path / "new.db"
    database = open_database(str(path))
    with database.connect() as connection, connection.begin():
        context = MigrationContext.configure(connection, opts={"version_table": "history_version"})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "history_version"}
    database.close()
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
    assert rows(path, "SELECT version_num FROM history_version") == [(f"{latest():04}",)]


def test_an_empty_file_is_a_new_one(tmp_path):
    (tmp_path / "empty.db").touch()
    open_database(str(tmp_path / "empty.db")).close()
    open_for_reading(str(tmp_path / "empty.db")).dispose()
    assert rows(tmp_path / "empty.db", "SELECT count(*) FROM runs") == [(0,)]


def test_opening_again_changes_nothing(tmp_path):
    open_database(str(tmp_path / "x.db")).close()
    before = rows(tmp_path / "x.db", "SELECT sql FROM sqlite_master ORDER BY name")
    open_database(str(tmp_path / "x.db")).close()
    assert rows(tmp_path / "x.db", "SELECT sql FROM sqlite_master ORDER BY name") == before


@pytest.mark.parametrize(
    "more",
    [
        "",
        "CREATE TABLE charging_profiles (id INTEGER PRIMARY KEY, station_id TEXT, profile_id INTEGER,"
        " profile_json TEXT, created_at TEXT);",
    ],
)
def test_a_database_of_the_original_keeps_its_rows_and_gets_our_columns(tmp_path, more):
    path = tmp_path / "simulator.db"
    sql(path, ORIGINAL + more)
    open_database(str(path)).close()
    assert rows(path, "SELECT id, session_id, energy_kwh, run_id, cost FROM session_history") == [
        (7, "s", 1.5, None, None)
    ]
    assert rows(path, "SELECT message, run_id FROM station_logs") == [("hello", None)]
    with open_for_reading(str(path)).connect() as connection:
        found = inspect(connection)
        for table in metadata.tables.values():
            assert {column["name"] for column in found.get_columns(table.name)} == {c.name for c in table.columns}
            assert {index["name"] for index in found.get_indexes(table.name)} == {i.name for i in table.indexes}


NOT_OURS = {
    "other tables": ("CREATE TABLE customers (id INTEGER);", "another program .tables customers."),
    "ours and another": (ORIGINAL + "CREATE TABLE z (id INTEGER);", "another program"),
    "the same name only": ("CREATE TABLE station_logs (id INTEGER, text TEXT);", "another program"),
    "newer": (
        "CREATE TABLE history_version (version_num TEXT); INSERT INTO history_version VALUES ('0999');",
        "newer version .* version 999.*; use that program, or give",
    ),
    "no version": ("CREATE TABLE history_version (version_num TEXT);", "without a version"),
    "odd version": (
        "CREATE TABLE history_version (version_num TEXT); INSERT INTO history_version VALUES ('ab');",
        "without a version",
    ),
}


@pytest.mark.parametrize("kind", NOT_OURS)
@pytest.mark.parametrize("opening", [open_database, open_for_reading])
def test_what_is_not_ours_is_refused_and_left_alone(tmp_path, kind, opening):
    path, (script, words) = tmp_path / "x.db", NOT_OURS[kind]
    sql(path, script)
    before = path.read_bytes()
    with pytest.raises(HistoryRefused, match=f"^{path}: .*{words}"):
        opening(str(path))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["x.db"]


@pytest.mark.parametrize("opening", [open_database, open_for_reading])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, opening):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary " * 100)
    with pytest.raises(HistoryRefused, match="not a database; give a history that can be read"):
        opening(str(path))
    assert path.read_text() == "dear diary " * 100


def test_a_history_that_breaks_while_it_is_brought_up_to_date_stays_what_it_was(tmp_path):
    path = tmp_path / "x.db"
    sql(path, ORIGINAL + "CREATE VIEW runs AS SELECT 1;")  # stands where version 1 puts a table
    with pytest.raises(HistoryRefused):
        open_database(str(path))
    assert rows(path, "SELECT name FROM sqlite_master WHERE name = 'history_version'") == []
    assert rows(path, "SELECT count(*) FROM session_history") == [(1,)]


def test_a_history_of_version_1_gets_the_number_of_its_sessions_and_can_be_read_before(tmp_path):
    path = tmp_path / "x.db"
    ledger = Ledger(open_database(str(path)))
    for run, count in (("one", 5), ("two", 0), ("three", 7)):
        assert ledger.write(Unit(run, NOON_S, "{}", batch=batch_of(count))).error == ""
    ledger.close()
    sql(path, ";".join(TO_VERSION_1))
    with pytest.raises(HistoryRefused, match="older version"):
        open_for_reading(str(path))
    open_for_reading(str(path), oldest=1).dispose()
    open_database(str(path)).close()
    assert rows(path, "SELECT id, sessions FROM runs ORDER BY started_at, id") == [("one", 5), ("three", 7), ("two", 0)]
    assert rows(path, "SELECT count(*) FROM call_latencies") == [(0,)]
    open_for_reading(str(path)).dispose()


def test_for_reading_there_must_be_a_history_and_of_our_version(tmp_path):
    with pytest.raises(NoHistory, match="no such file"):
        open_for_reading(str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()
    sql(tmp_path / "old.db", ORIGINAL)
    with pytest.raises(HistoryRefused, match="older version"):
        open_for_reading(str(tmp_path / "old.db"))
    (tmp_path / "empty.db").touch()
    with pytest.raises(NoHistory, match="empty; give"):
        open_for_reading(str(tmp_path / "empty.db"))


def test_a_second_run_is_told_who_writes_and_the_first_goes_on(tmp_path):
    first = open_database(str(tmp_path / "x.db"))
    (tmp_path / "link.db").symlink_to(tmp_path / "x.db")
    for name in ("x.db", "link.db"):
        with pytest.raises(HistoryBusy, match=f"process {os.getpid()} writes"):
            open_database(str(tmp_path / name))
    with open_for_reading(str(tmp_path / "x.db")).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM runs").scalar() == 0
    first.close()
    first.close()
    open_database(str(tmp_path / "x.db")).close()
    assert sorted(os.listdir(tmp_path)) == ["link.db", "x.db"]


def test_the_lock_goes_when_its_process_is_killed(tmp_path):
    program = (
        "import sys, time; from evsim_locust.history.database import open_database; open_database(sys.argv[1]);"
        "print('open', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "x.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(HistoryBusy, match=f"process {process.pid} writes"):
            open_database(str(tmp_path / "x.db"))
        process.kill()
        process.wait()
    open_database(str(tmp_path / "x.db")).close()


def test_a_copy_made_of_a_killed_run_opens_too(tmp_path):
    database = open_database(str(tmp_path / "x.db"))
    with database.connect() as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO runs VALUES ('r', 't', NULL, '{}', 0)")
        shutil.copytree(tmp_path, tmp_path.parent / "copy")
    with database.connect() as connection:
        shutil.copytree(tmp_path, tmp_path.parent / "copy2")
    database.close()
    for name, count in (("copy", 0), ("copy2", 1)):
        path = tmp_path.parent / name / "x.db"
        with open_for_reading(str(path)).connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM runs").scalar() == count


def test_a_file_that_was_replaced_is_noticed(tmp_path):
    database = open_database(str(tmp_path / "x.db"))
    database.check_in_place()
    (tmp_path / "x.db").rename(tmp_path / "y.db")
    with pytest.raises(FileNotFoundError):
        database.check_in_place()
    (tmp_path / "x.db").touch()
    with pytest.raises(FileNotFoundError, match="replaced"):
        database.check_in_place()
    database.close()
