"""Growing and shrinking, and one station by name."""

from __future__ import annotations

import pytest


def running(swarm) -> list[str]:
    return [row.station_id for row in swarm.fleet.page(0, 100)[0] if row.running]


def test_scaling_adds_or_removes_the_difference(swarm, client) -> None:
    assert client.post("/stations/scale", json={"count": 5, "profile": "busy", "spawn_rate": 2}).json == {
        "status": "ok"
    }
    assert running(swarm) == [f"PY-SIM-000{number}" for number in (1, 2, 3, 4, 5)]
    assert [swarm.fleet.get(f"PY-SIM-000{number}").profile for number in (2, 5)] == ["default", "busy"]
    assert client.post("/stations/scale", json={"count": 1}).status_code == 200
    assert running(swarm) == ["PY-SIM-0001"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "missing required field `count`"),
        ({"count": -1}, "count: "),
        ({"count": 100_001}, "count: "),
        ({"count": 10**9}, "count: "),
        ({"count": 10**30}, "count: "),
        ({"count": 3.0}, "count: Expected `int`, got `float`"),
        ({"count": 3.5}, "count: "),
        ({"count": True}, "count: "),
        ({"count": "3"}, "count: "),
        ({"count": None}, "count: "),
        ({"count": 3, "spawn_rate": 0}, "spawn_rate: "),
        ({"count": 3, "spawn_rate": -1}, "spawn_rate: "),
        ({"count": 3, "spawn_rate": 10_001}, "spawn_rate: "),
        ({"count": 3, "spawn_rate": True}, "spawn_rate: "),
        ({"count": 3, "profile": "bussy"}, "profile: no profile 'bussy'; did you mean busy?"),
        ({"count": 3, "profile": 1}, "profile: "),
        ({"count": 3, "colour": "red"}, "unknown field `colour`"),
        ([3], "Expected `object`, got `array`"),
    ],
)
def test_scales_that_cannot_be(swarm, client, body: object, detail: str) -> None:
    answer = client.post("/stations/scale", json=body)
    assert answer.status_code == 422
    assert detail in answer.json["detail"]
    assert len(running(swarm)) == 3


def test_start_and_stop_of_one(swarm, client) -> None:
    assert client.post("/stations/start", json={"station_id": "A|1", "profile": "busy"}).json == {"status": "ok"}
    assert (swarm.fleet.get("A|1").running, swarm.fleet.get("A|1").profile) == (True, "busy")
    assert client.post("/stations/stop", json={"station_id": "A|1"}).json == {"status": "ok"}
    assert not swarm.fleet.get("A|1").running


@pytest.mark.parametrize("profile", [None, ""])
def test_no_profile_is_the_mix(swarm, client, profile: str | None) -> None:
    assert client.post("/stations/start", json={"station_id": "A1", "profile": profile}).status_code == 200
    assert swarm.fleet.get("A1").profile == "default"


def test_what_already_is_so_is_a_conflict(swarm, client) -> None:
    assert client.post("/stations/start", json={"station_id": "PY-SIM-0001"}).status_code == 409
    swarm.stop("PY-SIM-0002")
    answer = client.post("/stations/stop", json={"station_id": "PY-SIM-0002"})
    assert (answer.status_code, answer.json["detail"]) == (409, "PY-SIM-0002 does not run")


def test_a_ramp_refuses_named_stations_and_lets_scaling_pass(swarm, client) -> None:
    swarm.ramping = True
    for verb, station_id in (("start", "A1"), ("stop", "PY-SIM-0001")):
        answer = client.post(f"/stations/{verb}", json={"station_id": station_id})
        assert (answer.status_code, "ramp" in answer.json["detail"]) == (409, True)
    assert running(swarm) == ["PY-SIM-0001", "PY-SIM-0002", "PY-SIM-0003"]
    assert client.post("/stations/scale", json={"count": 4}).status_code == 200


@pytest.mark.parametrize("station_id", ["", "<b>", "a/b", "x" * 10_240, "é", "a\n", "-a", "a b"])
def test_ids_that_may_not_be(swarm, client, station_id: str) -> None:
    started = client.post("/stations/start", json={"station_id": station_id})
    stopped = client.post("/stations/stop", json={"station_id": station_id})
    assert (started.status_code, stopped.status_code) == (422, 404)
    assert len(started.json["detail"]) < 400
    assert len(stopped.json["detail"]) < 100
    assert len(running(swarm)) == 3


@pytest.mark.parametrize("verb", ["start", "stop"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"station_id": 7},
        {"station_id": None},
        {"station_id": "A1", "x": 1},
        {"station_id": "PY-SIM-0001", "profile": "no"},
    ],
)
def test_bodies_that_cannot_be(swarm, client, verb: str, body: object) -> None:
    assert client.post(f"/stations/{verb}", json=body).status_code == 422
    assert len(running(swarm)) == 3


def test_a_bad_id_is_refused_in_words(client) -> None:
    answer = client.post("/stations/start", json={"station_id": "<b>"})
    assert answer.status_code == 422
    assert answer.json["detail"] == (
        "station_id: must be 1 to 48 letters, digits and * + = : | @ . _ -, a letter or digit first"
    )
