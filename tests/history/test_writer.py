"""Whatever the database does: nothing twice, no session lost, everything told."""

from __future__ import annotations

import logging
import math
import sqlite3
import time
from contextlib import closing

import gevent
import pytest

from evsim_locust.history.database import open_database
from evsim_locust.history.pending import Lost
from evsim_locust.history.records import Batch
from evsim_locust.history.writer import Pace, Writer
from tests.history.making import NOON_S, batch_of, latency, log, rows, session, snapshot

QUICK = Pace(interval_s=0.02, longest_pause_s=0.05)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.db"


def until(true, within_s: float = 10.0) -> None:
    with gevent.Timeout(within_s):
        while not true():
            gevent.sleep(0.005)


def test_a_run_is_written_as_the_contract_has_it(path):
    writer = Writer(open_database(str(path)))
    writer.begin("run", NOON_S, {"users": 200, "price": 18.5})
    writer.put(Batch([log("Charging started")], [session("s1")], [snapshot(1234)], latencies=[latency("Heartbeat")]))
    writer.price(NOON_S, 18.5)
    writer.end(NOON_S + 60)
    assert writer.close(10.0)
    assert rows(path, "SELECT * FROM runs") == [
        ("run", "2026-11-22T12:00:00.000+00:00", "2026-11-22T12:01:00.000+00:00", '{"users":200,"price":18.5}', 1)
    ]
    assert rows(path, "SELECT * FROM station_logs") == [
        (1, "2026-11-22T12:00:00.000+00:00", "CP1", "Charging started", "run")
    ]
    assert rows(path, "SELECT session_id, energy_kwh, meter_stop_wh, cost, run_id FROM session_history") == [
        ("s1", 1.5, 2500, 30.0, "run")
    ]
    assert rows(path, "SELECT energy_delivered_kwh, run_id FROM energy_snapshots") == [(1.234, "run")]
    assert rows(path, "SELECT price, run_id FROM price_changes") == [(18.5, "run")]
    assert rows(path, "SELECT * FROM call_latencies") == [
        (1, "run", "2026-11-22T12:00:00.000+00:00", 10.0, "Heartbeat", "sent", 10, 1, 3.25, 20.5, 30.0, 31.0)
    ]
    assert (writer.written, writer.failures, writer.dropped) == (5, 0, Lost())


def test_it_writes_by_itself_and_again_and_again(path):
    writer = Writer(open_database(str(path)), pace=QUICK)
    for number in range(3):
        writer.put(batch_of(10, 10 * number))
        until(lambda number=number: writer.written == 30 * (number + 1))
    assert rows(path, "SELECT session_id FROM session_history ORDER BY id") == [f"s{n}" for n in range(30)]
    assert writer.close(10.0)


def test_runs_are_told_apart_also_when_batches_come_late(path):
    writer = Writer(open_database(str(path)))
    writer.begin("one", NOON_S, {})
    writer.end(NOON_S + 1)
    writer.put(Batch([log("late")]))
    writer.begin("two", NOON_S + 2, {})
    writer.put(Batch([log("early")]))
    assert writer.close(10.0)
    assert rows(path, "SELECT message, run_id FROM station_logs") == [("late", "one"), ("early", "two")]
    assert rows(path, "SELECT id, stopped_at IS NULL FROM runs ORDER BY started_at") == [("one", 0), ("two", 1)]


def test_a_database_that_others_hold_is_waited_for_told_once_and_nothing_is_written_twice(path, caplog):
    writer = Writer(open_database(str(path)), pace=QUICK)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.begin("run", NOON_S, {})
        writer.put(batch_of(700))
        until(lambda: writer.failures == 2)
        writer.put(batch_of(5, 700))
        assert writer.written == 0
        other.rollback()
    until(lambda: writer.written == 705 * 3)
    assert rows(path, "SELECT count(*), count(DISTINCT session_id) FROM session_history") == [(705, 705)]
    assert rows(path, "SELECT count(*) FROM runs") == [1]
    texts = [record.getMessage() for record in caplog.records]
    assert [text.partition(": ")[2] for text in texts] == [
        "cannot be written, will be tried again: database is locked",
        "can be written again",
    ]
    assert writer.close(10.0)


def test_a_file_that_was_moved_away_is_told_and_written_when_it_is_back(path, caplog):
    writer = Writer(open_database(str(path)), pace=QUICK)
    writer.put(batch_of(1))
    until(lambda: writer.written == 3)
    path.rename(path.with_name("away"))
    writer.put(batch_of(1, 1))
    until(lambda: writer.failures)
    assert "No such file" in caplog.text
    path.with_name("away").rename(path)
    assert writer.close(10.0)
    assert rows(path, "SELECT session_id FROM session_history ORDER BY id") == ["s0", "s1"]


def test_while_nothing_can_be_written_logs_go_first_and_sessions_stay(path, caplog):
    writer = Writer(open_database(str(path)), pace=QUICK._replace(capacity=30, tell_every_s=0.0))
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.put(Batch([log("in hand")]))
        until(lambda: writer.failures)
        for number in range(4):
            writer.put(batch_of(10, 10 * number))
        assert writer.dropped == Lost(logs=40, snapshots=40)
        until(lambda: "lost so far 40 log lines and 40 energy snapshots" in caplog.text)
    assert writer.close(10.0)
    assert rows(path, "SELECT message FROM station_logs") == ["in hand"]
    assert rows(path, "SELECT count(DISTINCT session_id), count(*) FROM session_history") == [(40, 40)]


def test_one_row_that_the_database_refuses_takes_no_other_with_it(path):
    database = open_database(str(path))
    with closing(sqlite3.connect(path)) as other:
        other.execute(
            "CREATE TRIGGER picky BEFORE INSERT ON session_history WHEN NEW.session_id IN ('s7', 's300')"
            " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    writer = Writer(database)
    writer.begin("run", NOON_S, {})
    writer.put(batch_of(400))
    writer.put(Batch([log("no time", math.nan), log("surrogate \ud800"), log("good\0")]))
    assert writer.close(10.0)
    assert writer.dropped == Lost(refused=4)
    assert writer.written == 1200 + 3 - 4
    assert writer.failures == 0
    assert rows(path, "SELECT count(DISTINCT session_id) FROM session_history") == [398]
    assert rows(path, "SELECT sessions FROM runs") == [398]
    assert rows(path, "SELECT message FROM station_logs WHERE message NOT LIKE 'line%'") == [
        "good\N{REPLACEMENT CHARACTER}"
    ]


def test_closing_in_time_or_not_is_told(path, caplog):
    writer = Writer(open_database(str(path)), pace=QUICK)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer.put(batch_of(2))
        until(lambda: writer.failures)
        writer.put(batch_of(1))
        began = time.monotonic()
        assert not writer.close(0.1)
        assert time.monotonic() - began < 2.0
    assert "9 rows were not written within 0.1 s" in caplog.text


def test_after_closing_another_run_may_write(path):
    writer = Writer(open_database(str(path)))
    assert writer.close(10.0)
    assert writer.close(10.0)
    assert Writer(open_database(str(path))).close(10.0)


def test_secrets_apart_any_configuration_can_be_kept(path, tmp_path):
    writer = Writer(open_database(str(path)))
    writer.begin("run", NOON_S, {"path": tmp_path, "hours": frozenset({1})})
    assert writer.close(10.0)
    assert rows(path, "SELECT config_json FROM runs") == [f'{{"path":"{tmp_path}","hours":[1]}}']


def test_what_is_too_old_goes_while_new_rows_come(path):
    database = open_database(str(path))
    old = Writer(database, wall=lambda: NOON_S)
    old.begin("old", NOON_S, {})
    old.put(batch_of(6000))
    old.end(NOON_S)
    assert old.close(15.0)
    writer = Writer(open_database(str(path)), retention_s=3600.0, pace=QUICK, wall=lambda: NOON_S + 3600.0 + 3000.0)
    writer.begin("new", NOON_S + 6600.0, {})
    writer.put(Batch([log("new", NOON_S + 6600.0)]))
    until(lambda: rows(path, "SELECT count(*) FROM station_logs") == [3001])
    until(lambda: rows(path, "SELECT count(*) FROM session_history") == [3060])  # by its end, a minute later
    until(lambda: rows(path, "SELECT count(*) FROM energy_snapshots") == [3000])
    assert rows(path, "SELECT id FROM runs ORDER BY id") == ["new", "old"]
    assert writer.close(10.0)


def test_a_failure_is_an_error_and_a_return_a_warning(path, caplog):
    writer = Writer(open_database(str(path)), pace=QUICK)
    path.rename(path.with_name("away"))
    writer.put(batch_of(1))
    until(lambda: writer.failures)
    path.with_name("away").rename(path)
    assert writer.close(10.0)
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING]
