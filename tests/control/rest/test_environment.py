"""The environment and the totals."""

from __future__ import annotations

import pytest

NOTHING = {"demand_response": None, "grid_load": None, "carbon_intensity": None, "charging_slots_free": None}


def test_some_conditions_change_and_the_others_stay(swarm, client) -> None:
    assert client.get("/api/v1/environment").json == NOTHING
    first = client.post("/api/v1/environment", json={"grid_load": 0.9, "demand_response": True})
    assert first.json == {**NOTHING, "grid_load": 0.9, "demand_response": True}
    second = client.post("/api/v1/environment", json={"grid_load": None, "charging_slots_free": 0})
    assert second.json == {**NOTHING, "demand_response": True, "charging_slots_free": 0}
    assert client.get("/api/v1/environment").json == second.json
    assert swarm.conditions().price == 20.0


def test_an_empty_change_changes_nothing(client) -> None:
    assert client.post("/api/v1/environment", json={}).json == NOTHING


@pytest.mark.parametrize(
    "body",
    [
        {"grid_load": -1},
        {"grid_load": "high"},
        {"grid_load": True},
        {"grid_load": 1e10},
        {"demand_response": 1},
        {"charging_slots_free": 1.5},
        {"price": 3},  # has an endpoint of its own
        {"colour": "red"},
        {"demand_response": True, "carbon_intensity": -1},  # all or nothing
    ],
)
def test_conditions_that_cannot_be(client, body: object) -> None:
    answer = client.post("/api/v1/environment", json=body)
    assert answer.status_code == 422
    assert list(body)[-1] in answer.json["detail"]
    assert client.get("/api/v1/environment").json == NOTHING


def test_earnings_are_at_the_price_of_the_moment(swarm, client) -> None:
    assert client.get("/totals").json == {"total_energy_kwh": 0.0, "total_earnings": 0.0, "price_per_kwh": 20.0}
    swarm.deliver("PY-SIM-0001", 1234.5678)
    client.post("/pricing", json={"price": 30.126})
    swarm.deliver("PY-SIM-0002", 1000)
    assert client.get("/totals").json == {
        "total_energy_kwh": 2.235,
        "total_earnings": 54.82,
        "price_per_kwh": 30.13,
    }
