"""What runs have left behind of stations, and the list of runs."""

from __future__ import annotations

import pytest
from flask import Flask

from evsim_locust.control.rest import register


def test_a_station_of_an_earlier_run(client) -> None:
    answer = client.get("/api/v1/history/OLD-1?limit_logs=2&limit_snapshots=1")
    assert answer.status_code == 200
    assert answer.json == {
        "station_id": "OLD-1",
        "logs": [
            {"timestamp": "2026-11-22T12:00:02.000+00:00", "station_id": "OLD-1", "message": "line 2"},
            {"timestamp": "2026-11-22T12:00:01.000+00:00", "station_id": "OLD-1", "message": "line 1"},
        ],
        "energy_snapshots": [
            {"timestamp": "2026-11-22T12:00:02.000+00:00", "station_id": "OLD-1", "energy_delivered_kwh": 0.2}
        ],
    }


@pytest.mark.parametrize(
    ("query", "lengths"),
    [
        ("", (3, 3)),
        ("?limit_logs=10000&limit_snapshots=10000", (3, 3)),
        ("?limit_logs=0", (0, 3)),
        ("?limit_snapshots=0", (3, 0)),
    ],
)
def test_limits(client, query: str, lengths: tuple[int, int]) -> None:
    answer = client.get(f"/api/v1/history/OLD-1{query}")
    assert (answer.status_code, len(answer.json["logs"]), len(answer.json["energy_snapshots"])) == (200, *lengths)


@pytest.mark.parametrize("station_id", ["LINE-1", "SAMPLE-1", "OLD-2", "PY-SIM-0003"])
def test_a_station_is_known_by_a_line_a_sample_a_session_or_the_swarm(client, station_id: str) -> None:
    answer = client.get(f"/api/v1/history/{station_id}?limit_logs=0&limit_snapshots=0")
    assert answer.json == {"station_id": station_id, "logs": [], "energy_snapshots": []}


@pytest.mark.parametrize("station_id", ["PY-SIM-0003", "OLD-2"])
def test_a_station_that_is_known_without_lines_or_samples(client, station_id: str) -> None:
    answer = client.get(f"/api/v1/history/{station_id}")
    assert (answer.status_code, answer.json) == (
        200,
        {"station_id": station_id, "logs": [], "energy_snapshots": []},
    )


@pytest.mark.parametrize("station_id", ["OLD-3", "%3Cb%3E", "x" * 10_000, "a%2Fb", "%27; DROP TABLE runs --"])
def test_a_station_that_nobody_knows(client, station_id: str) -> None:
    answer = client.get(f"/api/v1/history/{station_id}")
    assert (answer.status_code, answer.content_type) == (404, "application/json")
    assert 0 < len(answer.json["detail"]) < 100


@pytest.mark.parametrize("value", ["-1", "10001", "x", "", "1.5", "9" * 30])
@pytest.mark.parametrize("name", ["limit_logs", "limit_snapshots"])
def test_limits_that_cannot_be(client, name: str, value: str) -> None:
    answer = client.get(f"/api/v1/history/OLD-1?{name}={value}")
    assert answer.status_code == 422
    assert answer.json["detail"].startswith(f"{name}: ")


def test_runs_newest_first(client) -> None:
    answer = client.get("/api/v1/runs")
    assert (answer.status_code, answer.json) == (
        200,
        [
            {"id": "two", "started_at": "2026-11-23T12:00:00.000+00:00", "stopped_at": None, "sessions": 1},
            {
                "id": "one",
                "started_at": "2026-11-22T12:00:00.000+00:00",
                "stopped_at": "2026-11-22T13:00:00.000+00:00",
                "sessions": 2,
            },
        ],
    )


PATHS = (
    "/api/v1/history/PY-SIM-0001",
    "/api/v1/runs",
    "/api/v1/sessions",
    "/api/v1/sessions.csv",
    "/api/v1/sessions.json",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_history_that_cannot_be_read(client, archive, path: str) -> None:
    archive.broken = True
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (504, "application/json")
    assert answer.json == {"detail": "the history cannot be read: it is broken"}


@pytest.mark.parametrize("path", PATHS)
def test_without_a_history_they_say_how_to_have_one(swarm, path: str) -> None:
    app = Flask("web")
    register(app, swarm)
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.json) == (404, {"detail": "history is off: start with --history"})
