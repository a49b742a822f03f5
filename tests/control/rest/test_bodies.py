"""What no endpoint takes as a body."""

from __future__ import annotations

import pytest
from flask import Flask

from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register
from evsim_locust.control.rest.reading import BODY_LIMIT

POSTS = (
    "/stations/scale",
    "/stations/start",
    "/stations/stop",
    "/pricing",
    "/api/v1/environment",
    "/api/v1/stations/PY-SIM-0001/actions/plug_in",
)
DEEP = b'{"price":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def test_these_are_all_the_posts() -> None:
    app = Flask("web")
    register(app, InMemorySwarm())
    posts = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {rule.replace("<station_id>", "PY-SIM-0001").replace("<action>", "plug_in") for rule in posts} == set(POSTS)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"price=20", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"price": "\xff"}', "application/json", 400),
        (rb'{"price": "\ud800"}', "application/json", 400),
        (b'{"price": 1e400}', "application/json", 400),
        (b'{"a": 1} {"b": 2}', "application/json", 400),
        (b'{"a": ' + b"1" * 10_000 + b"}", "application/json", 400),
        (DEEP, "application/json", 400),
        (b"price=20", "application/x-www-form-urlencoded", 400),
        (b'{"price": 20}', "text/plain", 400),
        (b'{"price": 20}', None, 400),
        (b"x" * (BODY_LIMIT + 1), "application/json", 413),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"<b>": []}', "application/json", 422),
        (b'{"' + b"x" * 100_000 + b'": []}', "application/json", 422),
    ],
)
def test_refused(client, path: str, data: bytes, content_type: str | None, status: int) -> None:
    answer = client.post(path, data=data, content_type=content_type)
    assert (answer.status_code, answer.content_type) == (status, "application/json")
    assert list(answer.json) == ["detail"]
    assert 0 < len(answer.json["detail"]) < 400


def test_other_types_of_json_are_json(client) -> None:
    for content_type in ("application/json; charset=utf-8", "application/merge-patch+json"):
        assert client.post("/pricing", data=b'{"price": 5}', content_type=content_type).status_code == 200


def test_a_body_of_one_mebibyte_is_read(client) -> None:
    body = b'{"price": 5}'.ljust(BODY_LIMIT)
    assert client.post("/pricing", data=body, content_type="application/json").status_code == 200
