"""Locust's own routes behind our door, and what only a real connection can show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response

from evsim_locust.control.content_policy import inline_scripts, script_source
from evsim_locust.control.guard import BODY_LIMIT
from tests.plugin.web import HOST, Site, exchange

LOCUSTS_ROUTES = ["/", "/stats/requests", "/stats/report", "/exceptions", "/tasks", "/logs", "/worker-count", "/login"]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def post(path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost:8089", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_every_route_of_locust_asks_for_the_token() -> None:
    site = Site(token="s3cret")
    rules = [rule for rule in site.app.url_map.iter_rules() if "websocket" not in rule.endpoint]
    assert len(rules) > 15
    for rule in rules:
        path = rule.rule.replace("<path:path>", "x").replace("<path:filename>", "x")
        for method in rule.methods or ():
            assert site.ask(path, method).status_code == 401, (method, path)
    site.close()


@pytest.mark.parametrize("path", LOCUSTS_ROUTES)
def test_locusts_routes_answer_only_under_our_names(site: Site, path: str) -> None:
    assert site.ask(path).status_code in (200, 302)
    assert site.ask(path, headers={"Host": "evil.example:8089"}).status_code == 421


@pytest.mark.parametrize("path", LOCUSTS_ROUTES)
def test_locusts_routes_let_no_page_elsewhere_read(site: Site, path: str) -> None:
    headers = site.ask(path, headers={"Origin": "http://evil.example"}).headers
    assert not [name for name, _ in headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("path", ["/swarm", "/stop", "/stats/reset", "/user"])
def test_a_form_elsewhere_changes_nothing(site: Site, path: str) -> None:
    form = {"user_count": "1", "spawn_rate": "1", "host": "ws://victim.example"}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        if path != "/stats/reset":
            assert site.ask(path, "POST", headers, data=form).status_code == 403
        assert site.ask(path, "POST", headers).status_code == 403
    assert site.environment.host == HOST


def test_a_form_of_ours_changes_the_target_as_before(site: Site) -> None:
    form = {"host": "ws://127.0.0.1:9000/ocpp"}
    site.ask("/swarm", "POST", {"Origin": "http://localhost:8089", "Sec-Fetch-Site": "same-origin"}, data=form)
    assert site.environment.host == "ws://127.0.0.1:9000/ocpp"


@pytest.mark.parametrize("path", ["/", "/stats/report", "/stats/report?theme=dark&download=1"])
def test_the_scripts_of_locusts_pages_may_run(site: Site, path: str) -> None:
    answer = site.ask(path)
    scripts = list(inline_scripts(answer.data))
    policy = answer.headers["Content-Security-Policy"]
    assert scripts
    assert all(script_source(script) in policy for script in scripts)
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


def test_an_error_of_locusts_own_is_json_without_its_words(site: Site) -> None:
    answer = site.ask("/user", "POST", data=b"<script>planted")
    assert (answer.status_code, answer.json) == (500, {"detail": "Internal Server Error"})
    assert site.ask("/stats/requests_full_history/csv").json == {"detail": "Not Found"}


# ---- over a real connection


def test_a_chunked_body_over_the_limit_is_refused_and_nothing_is_set(site: Site) -> None:
    form = b"host=ws%3A%2F%2Fvictim.example&filler=" + b"x" * BODY_LIMIT
    head = ("Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded")
    with site.listening() as port:
        answer = exchange(port, post("/swarm", *head, body=chunked(form[:1000], form[1000:])))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'{"detail": ' in answer
    assert site.environment.host == HOST


def test_a_chunked_body_within_the_limit_is_read(site: Site) -> None:
    head = ("Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded")
    with site.listening() as port:
        answer = exchange(port, post("/swarm", *head, body=chunked(b"host=ws%3A%2F%2F", b"localhost")))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert site.environment.host == "ws://localhost"


def test_malformed_chunks_are_the_clients_error(site: Site) -> None:
    head = ("Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded")
    with site.listening() as port:
        answer = exchange(port, post("/swarm", *head, body=b"zz\r\nhost=x\r\n"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Connection: close" in answer
    assert b"Traceback" not in answer


def test_a_body_that_calls_itself_an_upgrade_has_the_limit_too(site: Site) -> None:
    """gevent hands over the bare socket then, from which werkzeug would read until the client closes."""
    head = ("Connection: upgrade", "Content-Type: application/x-www-form-urlencoded", "Transfer-Encoding: chunked")
    with site.listening() as port:
        answer = exchange(port, post("/swarm", *head, body=chunked(b"host=ws%3A%2F%2Fvictim.example")))
        assert exchange(port, post("/swarm", "Upgrade: websocket", *head)).startswith(b"HTTP/1.1 400 ")
    assert answer.startswith(b"HTTP/1.1 200 ")  # no body was found
    assert site.environment.host == HOST


def test_a_websocket_of_ours_opens_and_a_foreign_one_does_not(site: Site) -> None:
    class Opened(Response):
        """As flask-sock does it: the bare socket is taken from where gevent puts it, and no answer is started."""

        def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
            environ["wsgi.input"].raw._sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x05hello")
            return []

    site.app.add_url_rule("/live", "live", Opened, websocket=True)

    def opening(origin: str) -> bytes:
        lines = [
            "GET /live HTTP/1.1",
            "Host: localhost:8089",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Origin: {origin}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    with site.listening() as port:
        ours = exchange(port, opening("http://localhost:8089"))
        foreign = exchange(port, opening("http://evil.example"))
    assert ours.startswith(b"HTTP/1.1 101 ")
    assert ours.endswith(b"\r\n\r\n\x81\x05hello")
    assert foreign.startswith(b"HTTP/1.1 403 ")
    assert json.loads(foreign.partition(b"\r\n\r\n")[2])["detail"]
    assert b"hello" not in foreign
