"""The writer in processes of its own: patched as Locust patches them, with a full disk, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from evsim_locust.history.database import open_database
from tests.history.making import rows

ROOT = Path(__file__).parent.parent.parent
START = """
from gevent import monkey; monkey.patch_all()
import json, logging, resource, sqlite3, sys, time
import gevent
from evsim_locust.control.archive import SessionFilter
from evsim_locust.history.database import open_database
from evsim_locust.history.reader import Reader
from evsim_locust.history.writer import Pace, Writer
from tests.history.making import NOON_S, batch_of
logging.basicConfig(level=logging.INFO)
path = sys.argv[1]
database = open_database(path)
writer = Writer(database, pace=Pace(interval_s=0.05, longest_pause_s=0.1))

def until(true):
    with gevent.Timeout(15.0):
        while not true():
            gevent.sleep(0.005)
"""


def start(program: str, path: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", START + program, str(path)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def run(program: str, path: Path) -> tuple[Any, str]:
    """What it prints, which is JSON, and what it logs."""
    with start(program, path) as process:
        out, err = process.communicate(timeout=18)
    assert process.returncode == 0, err
    return json.loads(out), err


def test_the_hub_turns_while_the_disk_is_slow(tmp_path):
    """Another program holds the file: a write waits for it a second, in SQLite, where no greenlet can switch."""
    found, _ = run(
        """
ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        gevent.sleep(0.005)
ticking = gevent.spawn(tick)
other = sqlite3.connect(path)
other.execute("BEGIN IMMEDIATE")
writer.put(batch_of(100))
until(lambda: writer.failures)
other.rollback()
slow = [later - one for one, later in zip(ticks, ticks[1:])]
waited = ticks[-1] - ticks[0]
reader = Reader(database.location)
writer.put(batch_of(3000, 100))
reads = 0
def read():
    global reads
    while writer.written < 9300:
        reader.sessions(SessionFilter(limit=10))
        reads += 1
gevent.joinall([gevent.spawn(read), gevent.spawn(until, lambda: writer.written == 9300)])
del ticks[:]
print(json.dumps({"longest": max(slow), "waited": waited, "reads": reads, "closed": writer.close(10)}))
""",
        tmp_path / "x.db",
    )
    assert found["waited"] > 1.0
    assert found["longest"] < 0.5 * found["waited"]
    assert found["closed"]
    assert found["reads"] > 0
    assert rows(tmp_path / "x.db", "SELECT count(*), count(DISTINCT session_id) FROM session_history") == [(3100, 3100)]


def test_a_full_disk_is_told_and_all_is_written_when_there_is_room_again(tmp_path):
    """The kernel refuses to let files grow, as it does on a full disk."""
    found, told = run(
        """
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
writer.put(batch_of(10))
until(lambda: writer.written == 30)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
writer.put(batch_of(5000, 10))
until(lambda: writer.failures >= 2)
during = sqlite3.connect(path).execute("SELECT count(*) FROM session_history").fetchone()[0]
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
writer.put(batch_of(5, 5010))
closed = writer.close(15)
print(json.dumps({"during": during, "written": writer.written, "closed": closed, "dropped": sum(writer.dropped)}))
""",
        tmp_path / "x.db",
    )
    assert found == {"during": 10, "written": 5015 * 3, "closed": True, "dropped": 0}
    assert rows(tmp_path / "x.db", "SELECT count(*), count(DISTINCT session_id) FROM session_history") == [(5015, 5015)]
    assert told.count("cannot be written, will be tried again") == 1
    assert told.count("can be written again") == 1


def test_what_was_written_before_a_kill_is_there_and_the_next_run_opens(tmp_path):
    path = tmp_path / "x.db"
    program = """
writer.begin("run", NOON_S, {})
writer.put(batch_of(100))
until(lambda: writer.written == 300)
print("written", flush=True)
writer.put(batch_of(50000, 100))
gevent.sleep(60)
"""
    with start(program, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
    open_database(str(path)).close()
    assert rows(path, "SELECT id, stopped_at FROM runs") == [("run", None)]
    kept = rows(path, "SELECT session_id FROM session_history ORDER BY id")
    assert kept in ([f"s{n}" for n in range(100)], [f"s{n}" for n in range(50100)])  # whole batches only
    assert rows(path, "PRAGMA integrity_check") == ["ok"]


def test_a_worker_that_only_collects_loads_no_database_library():
    program = (
        "import sys; import evsim_locust.history.buffer, evsim_locust.history.retention;"
        "print(sorted({'sqlalchemy', 'alembic', 'psycopg', 'gevent', 'sqlite3'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
