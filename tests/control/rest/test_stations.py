"""Lists, pages and the look at one station."""

from __future__ import annotations

from urllib.parse import quote

import pytest


def ids(answer) -> list[str]:
    assert answer.status_code == 200
    return [row["station_id"] for row in answer.json]


def test_a_row_has_the_keys_of_the_contract(client) -> None:
    answer = client.get("/stations")
    assert answer.headers["X-Total-Count"] == "3"
    assert answer.json[2] == {
        "station_id": "PY-SIM-0003",
        "profile": "busy",
        "running": True,
        "status": "Available",
        "usage_kw": 0.0,
        "energy_kwh": 0.0,
        "max_energy_kwh": 40.0,
        "charge_if_price_below": 30.0,
        "allow_peak": True,
        "energy_percent": 0.0,
        "worker": "local",
    }


@pytest.mark.parametrize(
    ("query", "found", "total"),
    [
        ("limit=2", ["PY-SIM-0001", "PY-SIM-0002"], "3"),
        ("offset=2", ["PY-SIM-0003"], "3"),
        ("offset=9", [], "3"),
        ("limit=10000", ["PY-SIM-0001", "PY-SIM-0002", "PY-SIM-0003"], "3"),
        ("q=sim-0002", ["PY-SIM-0002"], "1"),
        ("profile=busy", ["PY-SIM-0003"], "1"),
        ("status=Preparing", ["PY-SIM-0002"], "1"),
        ("sort=-station_id&limit=1", ["PY-SIM-0003"], "3"),
        ("q=%3Cb%3E", [], "0"),
        ("worker=local&limit=1", ["PY-SIM-0001"], "3"),
        ("worker=other", [], "0"),
        ("running=true&profile=busy", ["PY-SIM-0003"], "1"),
        ("running=false", [], "0"),
    ],
)
def test_pages(swarm, client, query: str, found: list[str], total: str) -> None:
    swarm.act("PY-SIM-0002", "plug_in", {})
    answer = client.get(f"/stations?{query}")
    assert (ids(answer), answer.headers["X-Total-Count"]) == (found, total)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "limit: "),
        ("limit=10001", "limit: "),
        ("limit=abc", "limit: "),
        ("limit=", "limit: "),
        ("limit=1&limit=2", "limit: given 2 times"),
        ("offset=-1", "offset: "),
        ("offset=99999999999999999999999", "offset: "),
        ("ofset=1", "Object contains unknown field `ofset`"),
        ("running=x", "running: "),
        ("sort=colour", "sort: no key 'colour'"),
        ("q=" + "x" * 101, "q: "),
    ],
)
def test_queries_that_cannot_be(client, query: str, detail: str) -> None:
    answer = client.get(f"/stations?{query}")
    assert answer.status_code == 422
    assert answer.json["detail"].startswith(detail)


def test_one_station_is_its_row_and_what_its_worker_knows(swarm, client) -> None:
    swarm.act("PY-SIM-0002", "plug_in", {})
    swarm.act("PY-SIM-0002", "swipe", {"id_tag": "ABC123"})
    answer = client.get("/api/v1/stations/PY-SIM-0002")
    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["connected"]) == ("Charging", True)
    assert answer.json["connectors"][0]["transaction"]["id_tag"] == "ABC123"
    assert "swipe" in [action["name"] for action in answer.json["actions"]]


def test_a_stopped_station_is_shown_without_asking_anybody(swarm, client) -> None:
    alive = client.get("/api/v1/stations/PY-SIM-0002").json
    swarm.stop("PY-SIM-0002")
    answer = client.get("/api/v1/stations/PY-SIM-0002")
    assert answer.status_code == 200
    assert answer.json.keys() == alive.keys()
    assert (answer.json["running"], answer.json["status"], answer.json["connected"]) == (False, "stopped", False)


@pytest.mark.parametrize("station_id", ["a|b", "a:b", "a@b", "a*b+c=d", "a.b_c-d", "A" * 48])
def test_every_character_that_an_id_may_have_passes_the_path(swarm, client, station_id: str) -> None:
    swarm.start(station_id, "")
    for path in (f"/api/v1/stations/{quote(station_id, safe='')}", f"/stations/{quote(station_id, safe='')}/logs"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["station_id"]) == (200, station_id)


@pytest.mark.parametrize(
    "station_id",
    ["PY-SIM-9999", "<script>alert(1)</script>", "x" * 10_240, "a/b", "../..", "a\nb", "a\n", "é", "", " "],
)
@pytest.mark.parametrize("path", ["/api/v1/stations/{}", "/stations/{}/logs", "/api/v1/stations/{}/actions/plug_in"])
def test_ids_that_no_station_has(client, station_id: str, path: str) -> None:
    path = path.format(quote(station_id, safe=""))
    answer = client.post(path) if path.endswith("plug_in") else client.get(path)
    assert (answer.status_code, answer.content_type) == (404, "application/json")
    assert 0 < len(answer.json["detail"]) < 100
