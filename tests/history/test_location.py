from __future__ import annotations

import re

import pytest
from sqlalchemy.exc import OperationalError

from evsim_locust.history.errors import HistoryRefused
from evsim_locust.history.location import parse_location, reading_engine, writing_engine


def test_a_path_and_the_url_of_the_same_file_are_one_place(tmp_path):
    path = tmp_path / "a b%41?#.db"
    assert parse_location(str(path)).path == path
    assert parse_location(f"sqlite:///{tmp_path}/x.db").path == tmp_path / "x.db"
    assert parse_location(f"sqlite+pysqlite:///{tmp_path}/x.db").path == tmp_path / "x.db"


def test_two_names_of_one_file_are_one_place(tmp_path):
    (tmp_path / "link.db").symlink_to(tmp_path / "x.db")
    assert parse_location(str(tmp_path / "link.db")).path == parse_location(str(tmp_path / "x.db")).path


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_by_psycopg_3(scheme):
    assert parse_location(f"{scheme}://u:p@h/d").url.drivername == "postgresql+psycopg"


def test_passwords_are_never_shown():
    place = parse_location("postgresql://user:s3cr%40t@host/name?password=s3cr@t&sslmode=require")
    assert place.shown == "postgresql://user:***@host/name"
    assert "s3cr" not in place.words(ValueError("no s3cr@t here"))


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://h/d?password=hush",
        "postgresql://h/d?password=hush&password=hush2&sslpassword=hush3",
        "postgresql://me:hush@h/d?passWord=hush2",
    ],
)
def test_passwords_among_the_parameters_are_never_shown_either(text):
    place = parse_location(text)
    assert "hush" not in place.shown
    told = [secret for secret in ("hush", "hush2", "hush3") if re.search(f"[=:]{secret}(?![0-9])", text)]
    assert place.words(ValueError(f"bad: {', '.join(told)} here")) == f"bad: {', '.join(['***'] * len(told))} here"


def test_what_a_driver_calls_a_password_is_not_shown():
    words = parse_location("postgresql://h/d").words(ValueError("cannot: host=h password=hush&x Password=hush"))
    assert words == "cannot: host=h password=***&x Password=***"


REFUSED = [
    ("", "needs a file"),
    (":memory:", "needs a file"),
    ("sqlite://", "needs a file"),
    ("sqlite:///:memory:", "needs a file"),
    ("sqlite:///file:x?uri=true", "needs a file"),
    ("://", "not a database URL"),
    ("postgresql://u:s3cret@h:port/d", "not a database URL"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_no_place_is_refused_with_words(text, words):
    with pytest.raises(HistoryRefused, match=words) as refused:
        parse_location(text)
    assert "s3cret" not in str(refused.value)


def test_a_folder_and_a_missing_folder_are_refused(tmp_path):
    with pytest.raises(HistoryRefused, match="a folder; give"):
        parse_location(str(tmp_path))
    with pytest.raises(HistoryRefused, match="there is no folder"):
        parse_location(str(tmp_path / "none" / "x.db"))


@pytest.mark.parametrize("url", ["nosuchdb://u:s3cret@h/d", "mysql://u:s3cret@h/d"])
def test_a_database_without_a_driver_is_refused(url):
    with pytest.raises(HistoryRefused) as refused:
        writing_engine(parse_location(url), "name")
    assert "s3cret" not in str(refused.value)


def test_a_reader_makes_no_file_and_cannot_write(tmp_path):
    place = parse_location(str(tmp_path / "x.db"))
    with pytest.raises(OperationalError):
        reading_engine(place).connect()
    assert not (tmp_path / "x.db").exists()
    with writing_engine(place, "").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
    with reading_engine(place).connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
