"""The API on Locust's real web application: both keep their routes and their way to fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from locust.argument_parser import get_parser
from locust.env import Environment

from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register


def client_of(base_path: str) -> tuple[FlaskClient, Any]:
    options = get_parser(default_config_files=[]).parse_args([])
    environment: Any = Environment(user_classes=[], host="ws://csms.example/", parsed_options=options)
    web_ui = environment.create_web_ui("127.0.0.1", 0, delayed_start=True, web_base_path=base_path or None)
    before = {rule.endpoint: rule.rule for rule in web_ui.app.url_map.iter_rules()}
    register(web_ui.app, InMemorySwarm(), base_path)
    after = {rule.endpoint: rule.rule for rule in web_ui.app.url_map.iter_rules()}
    assert before.items() <= after.items()
    assert set(before.values()).isdisjoint(after[name] for name in after.keys() - before.keys())
    return web_ui.app.test_client(), web_ui


@pytest.fixture(params=["", "/lab"])
def site(request: pytest.FixtureRequest) -> Iterator[tuple[FlaskClient, str]]:
    client, web_ui = client_of(request.param)
    yield client, request.param
    web_ui.greenlet and web_ui.stop()


def test_our_routes_answer_in_json(site: tuple[FlaskClient, str]) -> None:
    client, base = site
    assert client.post(f"{base}/stations/start", json={"station_id": "A|1"}).json == {"status": "ok"}
    assert [row["station_id"] for row in client.get(f"{base}/stations").json] == ["A|1"]
    for path in ("/stations/no/logs", "/stations/none", "/api/v1/none", "/pricing/"):
        assert client.get(base + path).status_code == 404
        assert list(client.get(base + path).json) == ["detail"]
    assert client.delete(f"{base}/pricing").status_code == 405


def test_the_routes_of_locust_answer_as_before(site: tuple[FlaskClient, str]) -> None:
    client, base = site
    assert client.get(f"{base}/stats/requests").status_code == 200
    assert client.get(f"{base}/assets/none.js").text.startswith("404 Not Found: ")
    assert client.get(f"{base}/none").content_type == "text/html; charset=utf-8"
    assert client.get(f"{base}/swarm").content_type == "text/html; charset=utf-8"
