"""The same history in PostgreSQL, on a real server."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from select import select as readable

import gevent
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from evsim_locust.control.archive import SessionFilter
from evsim_locust.history.database import open_database, open_for_reading
from evsim_locust.history.errors import HistoryBusy, HistoryRefused, Unreadable
from evsim_locust.history.ledger import Ledger
from evsim_locust.history.location import parse_location
from evsim_locust.history.pending import Unit
from evsim_locust.history.reader import Reader
from evsim_locust.history.records import Batch
from evsim_locust.history.rows import stamp
from evsim_locust.history.schema import metadata, runs
from evsim_locust.history.sweep import sweep
from evsim_locust.history.writer import Pace, Writer
from tests.history.making import NOON_S, TO_VERSION_1, batch_of, latency, log, session
from tests.postgres_server import ask

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]
QUICK = Pace(interval_s=0.02, longest_pause_s=0.2)


def until(true, within_s: float = 30.0) -> None:
    with gevent.Timeout(within_s):
        while not true():
            gevent.sleep(0.01)


def test_an_empty_database_gets_exactly_the_tables_of_the_schema(url):
    database = open_database(url)
    with database.connect() as connection, connection.begin():
        context = MigrationContext.configure(connection, opts={"version_table": "history_version"})
        assert compare_metadata(context, metadata) == []
    database.close()
    open_for_reading(url).dispose()


def test_a_run_is_written_and_read(server, url):
    writer = Writer(open_database(url))
    writer.begin("run", NOON_S, {"users": 3})
    writer.put(batch_of(1000))
    nul = session("nul")
    writer.put(Batch([log("NUL \0"), log("\ud800")], [nul]))
    writer.put(Batch(latencies=[latency("Heartbeat")]))
    writer.price(NOON_S, 18.5)
    writer.end(NOON_S + 5)
    assert writer.close(30.0)
    assert (writer.written, writer.failures, writer.dropped) == (3004, 0, (0, 0, 1))
    reader = Reader(parse_location(url))
    assert reader.runs() == [
        {"id": "run", "started_at": stamp(NOON_S), "stopped_at": stamp(NOON_S + 5), "sessions": 1001}
    ]
    assert [row["session_id"] for row in reader.sessions(SessionFilter(limit=2, run_id="run"))] == ["s999", "s998"]
    assert len({row["session_id"] for row in reader.every_session(SessionFilter(limit=0))}) == 1001
    assert reader.station("CP1", 1, 1)["logs"][0]["message"] == "line 999"
    assert ask(server, url, "SELECT message FROM station_logs WHERE message LIKE 'NUL%'") == [
        ("NUL \N{REPLACEMENT CHARACTER}",)
    ]
    assert ask(server, url, "SELECT action, calls, p95_ms FROM call_latencies") == [("Heartbeat", 10, 20.5)]
    reader.close()


def test_a_second_run_is_refused_and_the_lock_goes_with_the_first(server, url):
    database = open_database(url)
    with pytest.raises(HistoryBusy, match="another run writes") as busy:
        open_database(url)
    assert "s3cr" not in str(busy.value)
    database.close()
    until(lambda: not ask(server, url, "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'evsim-%'"))
    open_database(url).close()


def test_what_is_not_ours_is_refused_without_its_password(server, url):
    ask(server, url, "CREATE TABLE customers (id int)")
    for opening in (open_database, open_for_reading):
        with pytest.raises(HistoryRefused, match="another program") as refused:
            opening(url)
        assert "s3cr" not in str(refused.value)
    assert ask(server, url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("customers",)]
    for bad in (url + "none", url.replace("s3cr%25t", "s3cret")):
        with pytest.raises(HistoryRefused, match="FATAL") as refused:
            open_database(bad)
        assert "s3cr" not in str(refused.value)


def test_a_server_that_goes_and_comes_back_gets_every_row_once(server, url, caplog):
    writer = Writer(open_database(url), pace=QUICK)
    reader = Reader(parse_location(url))
    writer.begin("run", NOON_S, {})
    writer.put(batch_of(100))
    until(lambda: writer.written == 300)
    server.stop()
    writer.put(batch_of(100, 100))
    until(lambda: writer.failures >= 2)
    with pytest.raises(Unreadable):
        reader.runs()
    server.start()
    writer.put(batch_of(100, 200))
    assert writer.close(30.0)
    assert ask(server, url, "SELECT count(*), count(DISTINCT session_id) FROM session_history") == [(300, 300)]
    assert ask(server, url, "SELECT id FROM runs") == [("run",)]
    assert caplog.text.count("cannot be written, will be tried again") == 1
    assert "s3cr" not in caplog.text
    reader.close()


class Line:
    """Carries one TCP connection after the other to the server; `cut_at_commit` loses the answer of the next COMMIT.

    The server does not hear of the cut: its session stays, as it does when a network breaks.
    """

    def __init__(self, port: int) -> None:
        self._server_port, self.cut_at_commit = port, False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._half_open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()
        for end in self._half_open:
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server_port))
        with client, suppress(OSError):
            while True:
                for end in readable((client, server), (), ())[0]:
                    data = end.recv(65536)
                    if not data:
                        server.close()
                        return
                    (server if end is client else client).sendall(data)
                    if end is client and self.cut_at_commit and b"COMMIT" in data:
                        self.cut_at_commit = False
                        server.recv(65536)  # the commit is done
                        self._half_open.append(server)
                        return


def test_a_commit_whose_answer_was_lost_is_not_made_twice(server, url):
    line = Line(server.port)
    ledger = Ledger(open_database(url.replace(f":{server.port}/", f":{line.port}/")))
    assert ledger.write(Unit("run", NOON_S, "{}", batch=batch_of(10))).error == ""
    later = Unit("run", batch=batch_of(10, 10))
    line.cut_at_commit = True
    assert ledger.write(later).error != ""
    assert ask(server, url, "SELECT count(*) FROM session_history") == [(20,)]
    until(lambda: ledger.write(later).error == "")  # the session that the server still holds is ended first
    assert ledger.write(Unit("run", batch=batch_of(10, 20))).error == ""
    found = "SELECT count(*), count(DISTINCT session_id) FROM session_history"
    assert ask(server, url, found) == [(30, 30)]
    ledger.close()
    line.close()


def test_old_rows_go_in_small_parts(server, url):
    ledger = Ledger(open_database(url))
    assert ledger.write(Unit("run", NOON_S, "{}", batch=batch_of(50))).error == ""
    ledger.close()
    until(lambda: _opens(url))
    counts = []
    database = open_database(url)
    with database.connect() as connection:
        while not counts or counts[-1]:
            with connection.begin():
                counts.append(sweep(connection, stamp(NOON_S + 25), 10))
    database.close()
    assert (max(counts), sum(counts)) == (10, 50)
    assert ask(server, url, "SELECT sessions FROM runs") == [(50,)]  # they end a minute later: none is old enough


def test_a_history_of_version_1_gets_the_number_of_its_sessions(server, url):
    ledger = Ledger(open_database(url))
    assert ledger.write(Unit("run", NOON_S, "{}", batch=batch_of(20))).error == ""
    ledger.close()
    for statement in TO_VERSION_1:
        ask(server, url, statement)
    until(lambda: _opens(url))
    open_for_reading(url).dispose()
    assert ask(server, url, "SELECT id, sessions FROM runs") == [("run", 20)]


def test_a_reader_sees_one_state(server, url):
    database = open_database(url)
    with database.connect() as connection, connection.begin():
        connection.execute(insert(runs), {"id": "r", "started_at": "t", "config_json": "{}"})
    engine = open_for_reading(url)
    with engine.connect() as connection:
        assert connection.scalar(select(runs.c.id)) == "r"
        ask(server, url, "DELETE FROM runs")
        assert connection.scalar(select(runs.c.id)) == "r"
    with engine.connect() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(delete(runs))
    engine.dispose()
    database.close()


def _opens(url: str) -> bool:
    try:
        open_database(url).close()
    except HistoryBusy:
        return False
    return True
