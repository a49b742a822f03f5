"""What goes wrong is said in JSON, below our paths only, and never with a trace."""

from __future__ import annotations

import logging
from typing import NoReturn

import pytest
from flask import Blueprint, Flask, Response, abort
from werkzeug.exceptions import HTTPException

from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register


class Broken(InMemorySwarm):
    """A swarm with a bug."""

    def conditions(self) -> NoReturn:
        raise ZeroDivisionError("planted /secret/path")


def test_a_bug_is_a_500_without_a_trace_and_with_one_in_the_log(caplog) -> None:
    app = Flask("web")
    app.debug = app.testing = True
    register(app, Broken())
    with caplog.at_level(logging.ERROR, "evsim_locust"):
        answer = app.test_client().get("/pricing")
    assert (answer.status_code, answer.content_type) == (500, "application/json")
    assert answer.json == {"detail": "an error inside the simulator; its log says more"}
    assert "planted /secret/path" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("path", ["/stations/", "/stations/a/b/c", "/stations//logs", "/pricing/x", "/api/v2", "/api"])
def test_no_such_path_below_ours(client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/stations", {"GET", "HEAD", "OPTIONS"}), ("GET", "/stations/scale", {"POST", "OPTIONS"})],
)
def test_no_such_method(client, method: str, path: str, allowed: set[str]) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json) == (405, {"detail": "Method Not Allowed"})
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_other_paths_of_the_application_fail_in_their_own_way(app) -> None:
    theirs = Blueprint("theirs", __name__)
    theirs.register_error_handler(Exception, lambda error: (f"theirs: {error}", getattr(error, "code", 500)))
    theirs.add_url_rule("/swarm", view_func=lambda: 1 / 0, endpoint="swarm")
    theirs.add_url_rule("/stationsx", view_func=lambda: abort(403), endpoint="near")
    app.register_blueprint(theirs)
    client = app.test_client()
    assert client.get("/swarm").text == "theirs: division by zero"
    assert client.get("/stationsx").status_code == 403
    for path in ("/nothing", "/stationsy", "/"):
        assert client.get(path).content_type == "text/html; charset=utf-8"


def test_a_handler_that_the_application_has_keeps_its_other_paths(swarm) -> None:
    app = Flask("web")
    app.register_error_handler(HTTPException, lambda error: (f"theirs: {error.code}", error.code))
    register(app, swarm)
    assert app.test_client().get("/nothing").text == "theirs: 404"
    assert app.test_client().get("/pricing/x").json == {"detail": "Not Found"}


def test_what_others_refuse_for_us_is_said_in_json(app) -> None:
    app.before_request(lambda: abort(403, "not from there"))
    answer = app.test_client().get("/pricing")
    assert (answer.status_code, answer.json) == (403, {"detail": "not from there"})


def test_a_response_made_elsewhere_stays_as_it_is(app) -> None:
    app.before_request(lambda: abort(403, response=Response("as I made it", 418)))
    answer = app.test_client().get("/pricing")
    assert (answer.status_code, answer.text) == (418, "as I made it")


@pytest.mark.parametrize("base_path", ["/lab", "/lab/"])
def test_all_paths_are_below_the_base_path(swarm, base_path: str) -> None:
    app = Flask("web")
    register(app, swarm, base_path)
    client = app.test_client()
    assert client.get("/lab/stations").status_code == 200
    assert client.get("/lab/stations/no/logs").json == {"detail": "no station 'no'"}
    assert client.get("/lab/stations/nothing").json == {"detail": "Not Found"}
    assert client.get("/stations").content_type == "text/html; charset=utf-8"
    assert client.get("/lab/api/v1/openapi.json").json["servers"] == [{"url": "/lab"}]
