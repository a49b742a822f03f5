"""The same run in PostgreSQL gives the same study, and nothing is written there."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, create_engine, delete, text
from sqlalchemy.exc import DBAPIError

from evsim_locust.analysis.__main__ import main
from evsim_locust.analysis.errors import NothingThere, Unreadable
from evsim_locust.analysis.source import opened
from evsim_locust.analysis.study import study_run
from evsim_locust.history import schema
from evsim_locust.history.database import open_database
from evsim_locust.history.location import parse_location
from tests.analysis.conftest import fill_example
from tests.postgres_server import Server, ask

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]


def quiet(work: str, done: int, of: int) -> None:
    assert 0 <= done <= of, work


@pytest.fixture
def filled(url: str) -> str:
    """The URL of a history with the example run."""
    open_database(url).close()
    engine = create_engine(parse_location(url).url)
    with engine.connect() as connection:
        fill_example(connection)
    engine.dispose()
    return url


def figures(connection: Connection) -> Any:
    return msgspec.to_builtins(study_run(connection, "", quiet))


def alike(one: Any, other: Any) -> None:
    """Equal but for the order of rows, in which floats are added up."""
    if isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            alike(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for ours, theirs in zip(one, other, strict=True):
            alike(ours, theirs)
    elif isinstance(one, float):
        assert one == pytest.approx(other)
    else:
        assert one == other


def test_the_study_is_that_of_sqlite(filled: str, example_connection: Connection) -> None:
    with opened(filled) as connection:
        found = figures(connection)
    assert found["sessions"] == 400
    assert found["latencies"]["calls"] > 0
    alike(found, figures(example_connection))


def test_a_report_is_written(filled: str, tmp_path: Path) -> None:
    out, err = StringIO(), StringIO()
    status = main(["--history", filled, "--out", str(tmp_path)], {}, out, err)
    assert status == 0, err.getvalue()
    assert out.getvalue() == f"{tmp_path}/report.html: run example, 400 sessions, 9 plots\n"


def test_it_cannot_write_and_sees_one_moment(server: Server, filled: str) -> None:
    with opened(filled) as connection:
        assert figures(connection)["sessions"] == 400
        ask(server, filled, "DELETE FROM session_history")
        assert figures(connection)["sessions"] == 400
    with opened(filled) as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.execute(delete(schema.runs))
    with opened(filled) as connection:
        assert connection.scalar(text("SELECT count(*) FROM runs")) == 1
        assert connection.scalar(text("SELECT count(*) FROM session_history")) == 0


def test_what_is_none_is_told_in_words_without_a_password(server: Server, url: str) -> None:
    with pytest.raises(NothingThere, match="empty; give"), opened(url):
        pytest.fail("it was opened")
    name = url.rpartition("/")[2]
    wrong = f"postgresql://127.0.0.1:{server.port}/{name}?user=evsim&password=hush"
    for bad in (wrong, url + "none"):
        with pytest.raises(Unreadable, match="FATAL") as refused, opened(bad):
            pytest.fail("it was opened")
        assert "hush" not in str(refused.value)
        assert "s3cr" not in str(refused.value)
