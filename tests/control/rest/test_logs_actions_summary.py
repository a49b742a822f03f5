"""Logs, actions and the summary."""

from __future__ import annotations

import re

import msgspec
import pytest

from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest.summary import Summary, SummaryFeed

PLUG_IN = "/api/v1/stations/PY-SIM-0001/actions/plug_in"


def test_logs_are_the_last_lines_newest_last(swarm, client) -> None:
    for number in range(60):
        swarm.say("PY-SIM-0001", f"line {number}")
    answer = client.get("/stations/PY-SIM-0001/logs").json
    assert (answer["station_id"], answer["count"], len(answer["logs"])) == ("PY-SIM-0001", 50, 50)
    assert re.fullmatch(r"\[\d\d:\d\d:\d\d\] line 59", answer["logs"][-1])
    assert client.get("/stations/PY-SIM-0001/logs?limit=2").json["count"] == 2
    assert client.get("/stations/PY-SIM-0001/logs?limit=1000").json["count"] == 61


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x"])
def test_limits_that_cannot_be(client, limit: str) -> None:
    assert client.get(f"/stations/PY-SIM-0001/logs?limit={limit}").status_code == 422


def test_actions_act(swarm, client) -> None:
    assert client.post(PLUG_IN).json == {"status": "ok"}  # no body at all
    assert client.post(PLUG_IN.replace("plug_in", "swipe"), json={"id_tag": "ABC123"}).status_code == 200
    assert swarm.fleet.get("PY-SIM-0001").status == "Charging"


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("swipe", {"id_tag": "ABC123"}, 409),
        ("swipe", {}, 422),
        ("swipe", {"id_tag": 7}, 422),
        ("plug_in", {"connector_id": True}, 422),
        ("plug_in", {"connector_id": 2**63}, 422),
        ("plug_in", {"connector_id": 9}, 422),
        ("plug_in", {"colour": "red"}, 422),
        ("plug_in", {"colour": {"deep": []}}, 422),
        ("plug_in", [], 422),
        ("explode", {}, 404),
        ("%3Cb%3E", {}, 404),
        ("x" * 10_240, {}, 404),
    ],
)
def test_actions_that_cannot_be(swarm, client, action: str, body: object, status: int) -> None:
    answer = client.post(PLUG_IN.replace("plug_in", action), json=body)
    assert answer.status_code == status
    assert 0 < len(answer.json["detail"]) < 400
    assert swarm.fleet.get("PY-SIM-0001").status == "Available"


def test_a_stopped_station_can_do_nothing(swarm, client) -> None:
    swarm.stop("PY-SIM-0001")
    assert client.post(PLUG_IN).status_code == 409


def test_the_summary_has_all_that_its_type_says(swarm, client) -> None:
    answer = client.get("/api/v1/summary")
    assert msgspec.json.decode(answer.data, type=Summary).stations == {"Available": 3}
    assert answer.json.keys() == set(Summary.__struct_fields__)


def test_a_feed_gives_the_summary_at_once_and_then_waits() -> None:
    feed = SummaryFeed(InMemorySwarm())
    text = feed.get(0.0)
    assert text is not None
    assert msgspec.json.decode(text, type=Summary).state == "ready"
    assert feed.get(0.0) is None


@pytest.mark.parametrize("path", ["/stations/PY-SIM-0001/logs/live", "/api/v1/summary/live"])
def test_a_live_endpoint_is_for_websockets_only(client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (400, "application/json")
    assert "WebSocket" in answer.json["detail"]
