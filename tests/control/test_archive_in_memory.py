"""The archive for tests answers as the history in a database does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evsim_locust.control.archive import Archive, SessionFilter, kept
from evsim_locust.control.archive_in_memory import InMemoryArchive
from evsim_locust.control.errors import Refused
from evsim_locust.history.database import open_database
from evsim_locust.history.ledger import Ledger
from evsim_locust.history.location import parse_location
from evsim_locust.history.pending import Unit
from evsim_locust.history.reader import Reader
from evsim_locust.history.records import Batch, LogRecord, SessionRecord, SnapshotRecord

NOON_S = 1_795_348_800.0
STATIONS = ("A", "B", "C")
# Several of everything at the same time, so that order within it counts.
TIMES = st.integers(0, 5).map(lambda n: NOON_S + n / 2)


def batch_of(first: int) -> Batch:
    numbers = range(first, first + 30)
    return Batch(
        [LogRecord(NOON_S + n % 4, STATIONS[n % 2], f"line {n}") for n in numbers],
        [
            SessionRecord(
                f"s{n}", STATIONS[n % 3], 1, "T", "default", NOON_S + n % 5 / 2, NOON_S + 9, 0, n, "Local", 20.0, n / 8
            )
            for n in numbers
        ],
        [SnapshotRecord(NOON_S + n % 4, STATIONS[n % 3], n) for n in numbers],
    )


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "x.db"
    ledger = Ledger(open_database(str(path)))
    for unit in (
        Unit("one", NOON_S, "{}", NOON_S + 9, batch=batch_of(0)),
        Unit("two", NOON_S + 10, "{}", batch=batch_of(100)),
        Unit("none", NOON_S + 11, "{}"),
    ):
        assert ledger.write(unit).error == ""
    ledger.close()
    reader = Reader(parse_location(str(path)))
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def archive():
    made = InMemoryArchive()
    made.begin("one", NOON_S)
    made.put(batch_of(0))
    made.end(NOON_S + 9)
    made.begin("two", NOON_S + 10)
    made.put(batch_of(100))
    made.begin("none", NOON_S + 11)
    return made


def test_it_has_every_method_of_the_protocol() -> None:
    promised = {name for name, value in vars(Archive).items() if callable(value) and not name.startswith("_")}
    assert promised == {"station", "sessions", "every_session", "runs"}
    assert promised <= vars(InMemoryArchive).keys()


@given(
    st.builds(
        SessionFilter,
        limit=st.sampled_from((1, 7, 60, 100)),
        station_id=st.sampled_from(("", *STATIONS, "nobody")),
        run_id=st.sampled_from(("", "one", "two", "none")),
        since_s=st.none() | TIMES,
        until_s=st.none() | TIMES,
    )
)
@settings(deadline=None)
def test_sessions_are_those_of_a_database(reader, archive, wanted) -> None:
    found = archive.sessions(wanted)
    assert found == reader.sessions(wanted) == list(archive.every_session(wanted))


def test_without_a_limit_it_gives_all(reader, archive) -> None:
    found = list(archive.every_session(SessionFilter(limit=0)))
    assert len(found) == 60
    assert found == list(reader.every_session(SessionFilter(limit=0)))


@pytest.mark.parametrize("station_id", [*STATIONS, "nobody"])
@pytest.mark.parametrize("limits", [(200, 200), (3, 5), (0, 0)])
def test_a_station_is_that_of_a_database(reader, archive, station_id: str, limits: tuple[int, int]) -> None:
    assert archive.station(station_id, *limits) == reader.station(station_id, *limits)


def test_runs_are_those_of_a_database(reader, archive) -> None:
    assert archive.runs() == reader.runs()
    assert [(run["id"], run["sessions"]) for run in archive.runs()] == [("none", 0), ("two", 30), ("one", 30)]


def test_an_unknown_run_and_a_broken_archive_are_refused_at_once() -> None:
    made = InMemoryArchive()
    for ask in (made.sessions, made.every_session):
        with pytest.raises(Refused, match="no run 'x'") as unknown:
            ask(SessionFilter(run_id="x"))
        assert unknown.value.status == 404
    made.broken = True
    for question in (made.runs, lambda: made.station("A", 1, 1), lambda: made.every_session(SessionFilter())):
        with pytest.raises(Refused) as broken:
            question()
        assert broken.value.status == 504


def test_no_archive_is_said_with_the_way_to_have_one() -> None:
    with pytest.raises(Refused, match="start with --history") as refused:
        kept(None)
    assert refused.value.status == 404
