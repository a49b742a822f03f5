"""The overview: one answer from the same sources as the other endpoints, typed, paged, shared among tabs."""

from __future__ import annotations

import msgspec
import pytest
from flask import Flask

from evsim_locust.control.fleet import Change
from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register
from evsim_locust.control.rest.overview import Overview, RunFigures, SharedSummary
from evsim_locust.control.series import Point

PATH = "/api/v1/overview"


class Counting(InMemorySwarm):
    """Counts how often it is asked for a summary."""

    asked = 0

    def summary(self):
        self.asked += 1
        return super().summary()


def test_it_has_all_that_its_type_says(client) -> None:
    answer = client.get(PATH)
    assert answer.status_code == 200
    msgspec.json.decode(answer.data, type=Overview)
    assert answer.json.keys() == set(Overview.__struct_fields__)
    assert answer.json["run"].keys() == set(RunFigures.__struct_fields__)


def test_it_says_what_the_other_endpoints_say(swarm, client) -> None:
    swarm.act("PY-SIM-0001", "plug_in", {})
    swarm.act("PY-SIM-0001", "swipe", {"id_tag": "ONE"})
    swarm.deliver("PY-SIM-0001", 1500.0)
    swarm.change(price=18.5, grid_load=0.5)
    swarm.stop("PY-SIM-0003")
    told = client.get(PATH).json
    assert told["rows"] == client.get("/stations").json
    assert told["totals"] == client.get("/totals").json
    assert told["environment"] == client.get("/api/v1/environment").json
    assert told["statuses"] == client.get("/api/v1/summary").json["stations"]
    assert told["statuses"] == {"Charging": 1, "Available": 1, "stopped": 1}
    assert (told["price"], told["initial_price"], told["currency"]) == (18.5, 20.0, "₹")
    assert (told["profiles"], told["history"], told["total"]) == (["default", "busy"], True, 3)
    assert (told["run"]["state"], told["run"]["wanted"]) == ("running", 2)
    counts = told["run"]["stations"]
    assert [counts[name] for name in ("total", "running", "connected", "booted", "charging")] == [3, 2, 2, 2, 1]


def test_without_an_archive_there_is_no_history() -> None:
    app = Flask("web")
    register(app, InMemorySwarm())
    assert app.test_client().get(PATH).json["history"] is False


@pytest.mark.parametrize(
    ("query", "found", "total"),
    [
        ("limit=2", ["PY-SIM-0001", "PY-SIM-0002"], 3),
        ("offset=2&limit=2", ["PY-SIM-0003"], 3),
        ("sort=-station_id&limit=1", ["PY-SIM-0003"], 3),
        ("profile=busy", ["PY-SIM-0003"], 1),
        ("q=0002&status=stopped", ["PY-SIM-0002"], 1),
        ("running=true", ["PY-SIM-0001", "PY-SIM-0003"], 2),
        ("running=false", ["PY-SIM-0002"], 1),
        ("worker=local&running=true&q=3", ["PY-SIM-0003"], 1),
        ("worker=other", [], 0),
    ],
)
def test_pages(swarm, client, query: str, found: list[str], total: int) -> None:
    swarm.stop("PY-SIM-0002")
    told = client.get(f"{PATH}?{query}").json
    assert ([row["station_id"] for row in told["rows"]], told["total"]) == (found, total)
    assert sum(told["statuses"].values()) == 3  # the run's, whatever is looked for


def test_a_page_has_50_rows_and_at_most_500(swarm, client) -> None:
    swarm.scale(501, "", None)
    assert len(client.get(PATH).json["rows"]) == 50
    assert len(client.get(f"{PATH}?limit=500").json["rows"]) == 500
    for query in ("limit=501", "limit=0", "running=maybe", "running=", "after=-1", "after=x", "sort=colour", "x=1"):
        assert client.get(f"{PATH}?{query}").status_code == 422, query


def test_the_series_goes_on_from_what_was_seen(swarm, client) -> None:
    for number in range(3):
        swarm.series.add(Point(2.0 * number, 7.4, 1.5, None if number else 4.2, number))
    told = client.get(PATH).json["series"]
    assert told == {
        "period_s": 2.0,
        "last": 3,
        "points": [[0.0, 7.4, 1.5, 4.2, 0], [2.0, 7.4, 1.5, None, 1], [4.0, 7.4, 1.5, None, 2]],
    }
    assert client.get(f"{PATH}?after=2").json["series"] == {**told, "points": told["points"][2:]}
    assert client.get(f"{PATH}?after=3").json["series"]["points"] == []
    assert client.get(f"{PATH}?after=99").json["series"] == told


def test_tabs_that_ask_together_share_a_summary() -> None:
    swarm, now = Counting(), 100.0
    swarm.scale(2, "", None)
    shared = SharedSummary(swarm, lambda: now)
    first = shared.get(swarm.fleet)
    now = 100.4
    assert shared.get(swarm.fleet) is first
    now = 100.5
    assert shared.get(swarm.fleet) is not first
    assert swarm.asked == 2


def test_a_station_that_begins_or_ends_is_counted_at_once(swarm, client) -> None:
    swarm.start("A1", "")
    assert client.get(PATH).json["statuses"] == {"Available": 4}
    swarm.stop("A1")
    told = client.get(PATH).json
    assert (told["statuses"], told["run"]["stations"]["running"]) == ({"Available": 3, "stopped": 1}, 3)


def test_a_price_of_another_tab_is_shown_at_once(swarm, client) -> None:
    for price in (15.0, 16.0):
        client.post("/pricing", json={"price": price})
        assert client.get(PATH).json["price"] == price


def test_rows_are_as_new_as_they_can_be(swarm, client) -> None:
    client.get(PATH)
    swarm.fleet.apply("local", [Change("PY-SIM-0001", "Charging", 7.4, 1.0)], 0.0, 0.0)
    assert client.get(f"{PATH}?status=Charging").json["rows"][0]["usage_kw"] == 7.4
