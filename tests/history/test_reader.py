"""Questions and their answers, and that each is found by an index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.archive import SessionFilter
from evsim_locust.history import queries
from evsim_locust.history.database import open_database
from evsim_locust.history.errors import UnknownRun, Unreadable
from evsim_locust.history.ledger import Ledger
from evsim_locust.history.location import parse_location
from evsim_locust.history.pending import Unit
from evsim_locust.history.reader import Reader
from evsim_locust.history.records import Batch
from evsim_locust.history.rows import stamp
from tests.history.making import NOON_S, log, session, snapshot

STATIONS = ("CP0", "CP1", "CP2")
# Many sessions begin in the same second: pages must neither repeat nor skip one.
SESSIONS = [(f"s{n}", NOON_S + n // 7, STATIONS[n % 3], "one" if n < 1300 else "two") for n in range(2600)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "x.db"
    ledger = Ledger(open_database(str(path)))
    for number, run in enumerate(("one", "two")):
        sessions = [session(name, at_s, station) for name, at_s, station, of in SESSIONS if of == run]
        logs = [log(f"{run} {n}", NOON_S + n, STATIONS[n % 3]) for n in range(30)]
        snapshots = [snapshot(n, NOON_S + n, STATIONS[n % 3]) for n in range(30)]
        unit = Unit(run, NOON_S + number, "{}", prices=[(NOON_S, 20.0)], batch=Batch(logs, sessions, snapshots))
        assert ledger.write(unit).error == ""
    ledger.close()
    return parse_location(str(path))


@pytest.fixture(scope="module")
def reader(place):
    reader = Reader(place)
    yield reader
    reader.close()


def expected(wanted: SessionFilter) -> list[str]:
    found = [
        (at_s, index, name)
        for index, (name, at_s, station, run) in enumerate(SESSIONS)
        if wanted.station_id in ("", station)
        and wanted.run_id in ("", run)
        and (wanted.since_s is None or at_s >= wanted.since_s)
        and (wanted.until_s is None or at_s < wanted.until_s)
    ]
    names = [name for _, _, name in sorted(found, reverse=True)]
    return names[: wanted.limit] if wanted.limit else names


TIMES = st.none() | st.integers(-10, 400).map(lambda n: NOON_S + n) | st.sampled_from((-1e300, 0.0, 1e300))
FILTERS = st.builds(
    SessionFilter,
    limit=st.sampled_from((0, 1, 200, 999, 1000, 1001, 2600, 100_000)),
    station_id=st.sampled_from(("", *STATIONS, "nobody")),
    run_id=st.sampled_from(("", "one", "two")),
    since_s=TIMES,
    until_s=TIMES,
)


@given(FILTERS)
def test_sessions_are_those_wanted_newest_first_in_one_piece_or_in_pages(reader, wanted):
    assert [row["session_id"] for row in reader.every_session(wanted)] == expected(wanted)
    if wanted.limit:
        assert [row["session_id"] for row in reader.sessions(wanted)] == expected(wanted)


def test_a_session_as_the_contract_has_it(reader):
    assert reader.sessions(SessionFilter(limit=1)) == [
        {
            "session_id": "s2599", "station_id": "CP1", "start_time": stamp(NOON_S + 371),
            "stop_time": stamp(NOON_S + 431), "energy_kwh": 1.5, "id_tag": "TAG001", "profile": "default",
            "reason": "Local", "cost": 30.0,
        }
    ]  # fmt: skip


def test_a_station_as_the_contract_has_it(reader):
    assert reader.station("CP1", 2, 1) == {
        "station_id": "CP1",
        "logs": [
            {"timestamp": stamp(NOON_S + 28), "station_id": "CP1", "message": "two 28"},
            {"timestamp": stamp(NOON_S + 28), "station_id": "CP1", "message": "one 28"},
        ],
        "energy_snapshots": [{"timestamp": stamp(NOON_S + 28), "station_id": "CP1", "energy_delivered_kwh": 0.028}],
    }
    assert reader.station("nobody'; --", 5, 5) == {"station_id": "nobody'; --", "logs": [], "energy_snapshots": []}


def test_runs_newest_first_with_their_sessions(reader):
    assert reader.runs() == [
        {"id": "two", "started_at": stamp(NOON_S + 1), "stopped_at": None, "sessions": 1300},
        {"id": "one", "started_at": stamp(NOON_S), "stopped_at": None, "sessions": 1300},
    ]


def test_an_unknown_run_is_told_before_the_first_session(reader):
    with pytest.raises(UnknownRun, match="no run 'three'"):
        reader.sessions(SessionFilter(run_id="three"))
    with pytest.raises(UnknownRun):
        reader.every_session(SessionFilter(run_id="three"))


def test_a_history_that_is_gone_is_unreadable_and_comes_back(tmp_path):
    path = tmp_path / "x.db"
    open_database(str(path)).close()
    reader = Reader(parse_location(str(path)))
    path.rename(tmp_path / "away")
    with pytest.raises(Unreadable, match="cannot be read: unable to open"):
        reader.runs()
    (tmp_path / "away").rename(path)
    assert reader.runs() == []
    reader.close()


PAGE = (stamp(NOON_S), 5)
PLANS = {
    "logs": queries.logs_of("CP1", 200),
    "snapshots": queries.snapshots_of("CP1", 200),
    "sessions": queries.sessions_of(SessionFilter(), 200),
    "page": queries.sessions_of(SessionFilter(), 200, PAGE),
    "between": queries.sessions_of(SessionFilter(since_s=NOON_S, until_s=NOON_S + 9), 200, PAGE),
    "of a station": queries.sessions_of(SessionFilter(station_id="CP1", since_s=NOON_S), 200),
    "page of a station": queries.sessions_of(SessionFilter(station_id="CP1"), 200, PAGE),
    "of a run": queries.sessions_of(SessionFilter(run_id="one", since_s=NOON_S), 200),
    "page of a run": queries.sessions_of(SessionFilter(run_id="one"), 200, PAGE),
    "of a station in a run": queries.sessions_of(SessionFilter(station_id="CP1", run_id="one"), 200, PAGE),
    "run": queries.run_of("one"),
}
INDEXES = {
    "logs": "ix_station_logs_station (station_id=?)",
    "snapshots": "ix_energy_snapshots_station (station_id=?)",
    "sessions": "ix_session_history_start",
    "page": "ix_session_history_start (",
    "between": "ix_session_history_start (start_time>? AND start_time<?)",
    "of a station": "ix_session_history_station (station_id=? AND start_time>?)",
    "page of a station": "ix_session_history_station (station_id=? AND ",
    "of a run": "ix_session_history_run (run_id=? AND start_time>?)",
    "page of a run": "ix_session_history_run (run_id=? AND ",
    "of a station in a run": "ix_session_history_station (station_id=? AND ",
    "run": "INDEX sqlite_autoindex_runs_1 (id=?)",
}


@pytest.mark.parametrize("name", PLANS)
def test_no_question_searches_or_sorts_a_table(place, reader, name):
    compiled = PLANS[name].compile(reader.engine)
    with reader.engine.connect() as connection:
        values = tuple(compiled.params[key] for key in compiled.positiontup)
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + str(compiled), values).all()
    steps = [row[-1] for row in plan]
    assert len(steps) == 1, steps  # a second one would be a sort
    assert INDEXES[name] in steps[0]
    assert name == "sessions" or steps[0].startswith("SEARCH"), steps
