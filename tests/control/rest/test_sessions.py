"""Charging sessions: found by filters, and as files."""

from __future__ import annotations

import csv
import io

import pytest

from evsim_locust.history.records import Batch, SessionRecord

ALL = ["A|1", "OLD-2", "OLD-1"]  # newest first
FILTERS = [
    ("", ALL),
    ("station_id=&run_id=&since=&until=", ALL),  # as an empty form sends it
    ("station_id=OLD-1", ["OLD-1"]),
    ("station_id=A|1", ["A|1"]),
    ("station_id=nobody", []),
    ("run_id=one", ["OLD-2", "OLD-1"]),
    ("run_id=two&station_id=OLD-1", []),
    ("since=2026-11-22&until=2026-11-22", ["OLD-2", "OLD-1"]),
    ("since=2026-11-23", ["A|1"]),
    ("since=2026-11-22T12:01:00.000%2B00:00&until=2026-11-23T12:00:00Z", ["OLD-2"]),
    ("since=2026-11-22T12:01:00.000+00:00", ["A|1", "OLD-2"]),
    ("until=2026-11-22T13:01%2B01:00", ["OLD-1"]),
    ("since=2026-11-22T12:00&until=2026-11-22T12:00", []),
    ("until=1969-01-01", []),
    ("limit=1", ["A|1"]),
]
REFUSED = [
    ("limit=-1", 422, "limit: "),
    ("limit=x", 422, "limit: "),
    ("limit=99999999999999999999", 422, "limit: "),
    ("limit=1&limit=2", 422, "limit: given 2 times"),
    ("since=yesterday", 422, "since: no date or date-time: 'yesterday'"),
    ("until=2026-02-30", 422, "until: no date or date-time: '2026-02-30'"),
    ("until=" + "1" * 41, 422, "until: "),
    ("since=2026-11-23&until=2026-11-22", 422, "since: '2026-11-23' is later than until"),
    ("station_id=a/b", 422, "station_id: "),
    ("station_id=%00", 422, "station_id: "),
    ("station_id=a%0A", 422, "station_id: "),
    ("run_id=%00", 422, "run_id: "),
    ("run_id=" + "x" * 37, 422, "run_id: "),
    ("run_id=three", 404, "no run 'three'"),
    ("sine=2026-11-22", 422, "Object contains unknown field `sine`"),
]


@pytest.mark.parametrize(("query", "stations"), FILTERS)
def test_filters_are_those_of_the_page_and_of_both_files(client, query: str, stations: list[str]) -> None:
    page = client.get(f"/api/v1/sessions?{query}")
    assert page.status_code == 200
    assert [row["station_id"] for row in page.json["sessions"]] == stations
    assert page.json["count"] == len(stations)
    assert client.get(f"/api/v1/sessions.json?{query}").json == page.json["sessions"]
    table = csv.DictReader(io.StringIO(client.get(f"/api/v1/sessions.csv?{query}").text, newline=""))
    assert [row["station_id"] for row in table] == stations


@pytest.mark.parametrize(("query", "status", "detail"), REFUSED)
@pytest.mark.parametrize("path", ["sessions", "sessions.csv", "sessions.json"])
def test_what_cannot_be(client, path: str, query: str, status: int, detail: str) -> None:
    answer = client.get(f"/api/v1/{path}?{query}")
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert answer.json["detail"].startswith(detail)
    assert len(answer.json["detail"]) < 300
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize("limit", ["0", "10001"])
def test_a_page_has_a_length(client, limit: str) -> None:
    assert client.get(f"/api/v1/sessions?limit={limit}").status_code == 422
    assert len(client.get(f"/api/v1/sessions.json?limit={limit}").json) == 3


def test_a_session_has_the_keys_of_the_contract(client) -> None:
    assert client.get("/api/v1/sessions?station_id=OLD-1").json == {
        "count": 1,
        "sessions": [
            {
                "session_id": "s-OLD-1-0",
                "station_id": "OLD-1",
                "start_time": "2026-11-22T12:00:00.000+00:00",
                "stop_time": "2026-11-22T12:01:00.000+00:00",
                "energy_kwh": 1.5,
                "id_tag": "=TAG",
                "profile": "default",
                "reason": "Local",
                "cost": 30.125,
            }
        ],
    }


def test_the_table_is_a_file_without_formulas(client) -> None:
    answer = client.get("/api/v1/sessions.csv?station_id=OLD-1")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sessions.csv"'
    assert answer.text == (
        "session_id,station_id,start_time,stop_time,energy_kwh,id_tag,profile,reason,cost\r\n"
        "s-OLD-1-0,OLD-1,2026-11-22T12:00:00.000+00:00,2026-11-22T12:01:00.000+00:00,1.5,'=TAG,default,Local,30.125\r\n"
    )


def test_the_array_is_a_file(client) -> None:
    answer = client.get("/api/v1/sessions.json?station_id=nobody")
    assert (answer.content_type, answer.text) == ("application/json", "[]\n")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sessions.json"'


@pytest.mark.parametrize("path", ["/api/v1/sessions.csv", "/api/v1/sessions.json"])
def test_a_file_is_sent_as_it_is_made_and_never_looks_whole_when_it_is_not(client, archive, caplog, path: str) -> None:
    many = [SessionRecord(f"s{n}", "A", 1, "T", "p", n, n + 1, 0, n, "Local", 20.0, 1.0) for n in range(2000)]
    archive.put(Batch(sessions=many))
    answer = client.get(path, buffered=False)
    assert answer.status_code == 200
    blocks = answer.iter_encoded()
    assert b"s1999" in next(blocks)
    archive.broken = True
    with pytest.raises(ConnectionResetError):
        list(blocks)
    assert "broken off: the history cannot be read" in caplog.text


def test_every_session_is_in_the_file_and_a_page_ends(client, archive) -> None:
    many = [SessionRecord(f"s{n}", "A", 1, "T", "p", n, n + 1, 0, n, "Local", 20.0, 1.0) for n in range(12_345)]
    archive.put(Batch(sessions=many))
    assert len(client.get("/api/v1/sessions.json?station_id=A").json) == 12_345
    assert client.get("/api/v1/sessions.csv?station_id=A").text.count("\r\n") == 12_346
    assert client.get("/api/v1/sessions?station_id=A").json["count"] == 200
    assert client.get("/api/v1/sessions?station_id=A&limit=10000").json["count"] == 10_000
