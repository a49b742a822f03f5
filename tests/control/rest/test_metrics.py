"""The metrics on the port of the API."""

from __future__ import annotations

import pytest
from flask import Flask

from evsim_locust.control.rest import register


def test_the_text_of_now_with_its_content_type(swarm) -> None:
    scraped = iter((b"evsim_price 20.0\n", b"evsim_price 21.5\n"))
    app = Flask("web")
    register(app, swarm, metrics=lambda: (next(scraped), "text/plain; version=0.0.4; charset=utf-8"))
    for text in ("evsim_price 20.0\n", "evsim_price 21.5\n"):
        answer = app.test_client().get("/metrics")
        assert (answer.status_code, answer.text) == (200, text)
        assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"


def test_without_metrics_they_are_off(swarm) -> None:
    app = Flask("web")
    register(app, swarm)
    answer = app.test_client().get("/metrics")
    assert (answer.status_code, answer.json) == (404, {"detail": "metrics are off"})


def test_a_bug_in_them_is_a_500_without_a_trace(swarm) -> None:
    app = Flask("web")
    app.debug = True
    register(app, swarm, metrics=lambda: 1 // 0)
    answer = app.test_client().get("/metrics")
    assert (answer.status_code, list(answer.json)) == (500, ["detail"])
    assert "Zero" not in answer.text


@pytest.mark.parametrize(("path", "method", "status"), [("/metrics", "DELETE", 405), ("/metrics/", "GET", 404)])
def test_what_is_refused_is_said_in_json(client, path: str, method: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, list(answer.json)) == (status, ["detail"])
