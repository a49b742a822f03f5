from __future__ import annotations

import pytest

from evsim_locust.history.database import open_database
from evsim_locust.history.ledger import Ledger
from evsim_locust.history.pending import Unit
from evsim_locust.history.records import Batch
from evsim_locust.history.rows import stamp
from evsim_locust.history.sweep import sweep, sweep_runs
from tests.history.making import NOON_S, batch_of, latency, log, rows


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.db"


def filled(path, *units: Unit):
    """A connection to a history that holds these."""
    ledger = Ledger(open_database(str(path)))
    for unit in units:
        assert ledger.write(unit).error == ""
    ledger.close()
    return open_database(str(path)).connect()


def all_swept(connection, cutoff_s: float, at_once: int) -> list[int]:
    counts = []
    while True:
        with connection.begin():
            counts.append(sweep(connection, stamp(cutoff_s), at_once))
        if not counts[-1]:
            return counts


def test_what_is_older_goes_a_little_at_a_time_and_the_rest_stays(path):
    connection = filled(path, Unit("r", prices=[(NOON_S + n, 20.0) for n in range(50)], batch=batch_of(50)))
    counts = all_swept(connection, NOON_S + 20, 7)
    assert max(counts) <= 7
    assert sum(counts) == 3 * 20  # sessions end a minute later: none is old enough
    assert rows(path, "SELECT min(timestamp), count(*) FROM station_logs") == [(stamp(NOON_S + 20), 30)]
    assert rows(path, "SELECT min(timestamp), count(*) FROM price_changes") == [(stamp(NOON_S + 20), 30)]
    assert rows(path, "SELECT count(*) FROM session_history") == [50]
    connection.close()


def test_latencies_go_too_and_runs_know_how_many_sessions_are_left(path):
    batch = Batch(sessions=batch_of(50).sessions, latencies=[latency("A", NOON_S + n) for n in range(50)])
    connection = filled(path, Unit("r", NOON_S, "{}", batch=batch), Unit("s", NOON_S, "{}", batch=batch_of(3)))
    counts = all_swept(connection, NOON_S + 60 + 20, 7)
    assert sum(counts) == 20 + 50 + 3 * 2  # sessions by their end, a minute later; three of the rest are not old enough
    assert rows(path, "SELECT count(*) FROM call_latencies") == [0]
    assert rows(path, "SELECT run_id, count(*) FROM session_history GROUP BY run_id") == [("r", 30), ("s", 3)]
    assert rows(path, "SELECT id, sessions FROM runs ORDER BY id") == [("r", 30), ("s", 3)]
    connection.close()


def test_rows_a_little_out_of_order_do_not_keep_old_ones(path):
    late = [log(str(n), NOON_S + (n - 30 if n % 10 == 0 else n)) for n in range(100)]
    connection = filled(path, Unit("r", batch=Batch(late)))
    all_swept(connection, NOON_S + 50, 20)
    assert rows(path, "SELECT min(timestamp) FROM station_logs") == [stamp(NOON_S + 50)]
    connection.close()


def test_runs_go_with_the_last_of_their_rows_but_not_the_one_that_is_on(path):
    def run(name: str, **more) -> Unit:
        return Unit(name, NOON_S, "{}", **more)

    connection = filled(
        path,
        run("empty", stopped_at_s=NOON_S + 1),
        run("killed"),
        run("on"),
        run("has a log line", batch=Batch([log("x")])),
        run("has a price", prices=[(NOON_S, 1.0)]),
        run("has a latency", batch=Batch(latencies=[latency("A")])),
        run("too new", stopped_at_s=NOON_S + 10),
    )
    with connection.begin():
        assert sweep_runs(connection, stamp(NOON_S + 5), "on") == 2
    assert rows(path, "SELECT id FROM runs ORDER BY id") == [
        "has a latency",
        "has a log line",
        "has a price",
        "on",
        "too new",
    ]
    connection.close()
