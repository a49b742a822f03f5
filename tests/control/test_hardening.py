"""The door before an application that is as open as Locust's: flask-cors for everybody, debug on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from flask_cors import CORS
from werkzeug.test import TestResponse, run_wsgi_app

from evsim_locust.control.guard import BODY_LIMIT, guard_rules
from evsim_locust.control.hardening import AUTHENTICATED, CHANGES_AT_ONCE, harden

HERE = "localhost:8089"
EVIL = "http://evil.example"
BOARD = "https://board.example"


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Site:
    def __init__(self, tmp_path: Path, **rules: Any) -> None:
        (tmp_path / "page.html").write_text("<script>known()</script>{{ x }}", encoding="utf-8")
        self.app = Flask(__name__, template_folder=str(tmp_path))
        CORS(self.app)
        self.app.debug = True
        self.clock = Clock()
        self.logged_in = False
        self.changes = 0
        _add_routes(self)
        harden(self.app, guard_rules(**rules), self.clock, lambda environ: self.logged_in)
        self._client = self.app.test_client()

    def ask(self, path: str, method: str = "GET", headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        return self._client.open(path, method=method, headers={"Host": HERE, **(headers or {})}, **more)


def _add_routes(site: Site) -> None:
    app = site.app

    @app.post("/swarm")
    def swarm() -> Response:
        request.get_data()
        site.changes += 1
        return jsonify(success=True, known=request.environ[AUTHENTICATED])

    @app.get("/stats")
    def stats() -> Response:
        return jsonify(rps=1)

    @app.get("/page")
    def page() -> str:
        return "<html><script>known()</script><script>alert(1)</script></html>"

    @app.get("/own")
    def own() -> Response:
        return Response("<p>", headers={"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "ALLOW"})

    @app.get("/fails")
    def fails() -> str:
        raise RuntimeError("<script>planted-secret</script>")

    _add_odd_routes(app)


def _add_odd_routes(app: Flask) -> None:
    @app.get("/answers/<int:status>")
    def answers(status: int) -> Response:
        return Response("<b>planted-secret</b>", status)

    @app.get("/closes")
    def closes() -> Response:
        return jsonify(detail="why"), 504  # type: ignore[return-value]

    @app.get("/swallowed")
    def swallowed() -> str:
        return "Locust auth exception: planted-secret<br/>"

    @app.get("/file")
    def file() -> Response:
        return Response((part for part in (b"a", b"b")), mimetype="text/csv")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_what_is_ours_passes(site: Site) -> None:
    assert site.ask("/stats").json == {"rps": 1}
    assert site.ask("/swarm", "POST").json == {"success": True, "known": False}
    assert site.ask("/file").data == b"ab"


# ---- who may ask


def test_a_name_pointed_at_us_reads_nothing(site: Site) -> None:
    answer = site.ask("/stats", headers={"Host": "evil.example:8089"})
    assert (answer.status, answer.mimetype) == ("421 Misdirected Request", "application/json")
    assert list(answer.json) == ["detail"]
    assert "evil.example" not in str(answer.headers) + answer.text


@pytest.mark.parametrize(
    "headers", [{"Origin": EVIL}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_form_on_another_site_starts_nothing(site: Site, headers: dict[str, str]) -> None:
    answer = site.ask("/swarm", "POST", headers, data={"user_count": "1", "host": "ws://victim.example"})
    assert (answer.status_code, site.changes) == (403, 0)
    assert "sent this request" in answer.json["detail"]
    site.ask("/swarm", "POST", {"Origin": f"http://{HERE}", "Sec-Fetch-Site": "same-origin"})
    assert site.changes == 1


def test_a_websocket_for_another_site_is_refused_before_the_route(site: Site) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert site.ask("/stats", headers={**upgrade, "Origin": EVIL}).status_code == 403
    answer = site.ask("/stats", headers={**upgrade, "Origin": f"http://{HERE}"})
    assert answer.status_code == 400  # Flask: this route is none for WebSockets


def test_a_token_is_asked_for_and_enough(tmp_path: Path) -> None:
    site = Site(tmp_path, token="s3cret")
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = site.ask("/stats", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert site.ask("/swarm", "POST", {"Authorization": "Bearer s3cret"}).json["known"] is True


def test_who_has_to_log_in_is_led_there_if_it_is_a_browser(tmp_path: Path) -> None:
    site = Site(tmp_path, login=True, base_path="/base")
    answer = site.ask("/base/", headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/base/login")
    assert site.ask("/stats", headers={"Accept": "*/*"}).status_code == 401
    assert site.ask("/swarm", "POST", {"Accept": "text/html"}).status_code == 401
    site.logged_in = True
    assert site.ask("/stats").status_code == 200
    assert site.ask("/swarm", "POST").status_code == 403
    assert site.ask("/swarm", "POST", {"Origin": f"http://{HERE}"}).json["known"] is True


def test_a_session_counts_for_nothing_without_login(tmp_path: Path) -> None:
    site = Site(tmp_path, token="s3cret")
    site.logged_in = True
    assert site.ask("/stats").status_code == 401


# ---- how much


def test_changes_have_a_rate_and_reading_has_none(site: Site) -> None:
    statuses = [site.ask("/swarm", "POST").status_code for _ in range(CHANGES_AT_ONCE + 1)]
    assert statuses == [200] * CHANGES_AT_ONCE + [429]
    assert site.ask("/swarm", "POST").headers["Retry-After"] == "1"
    assert site.ask("/stats").status_code == 200
    site.clock.now += 0.006  # 1.2 changes
    assert [site.ask("/swarm", "POST").status_code for _ in range(2)] == [200, 429]
    assert site.changes == CHANGES_AT_ONCE + 1


def test_who_is_known_is_not_limited(tmp_path: Path) -> None:
    site = Site(tmp_path, token="s3cret")
    statuses = {site.ask("/swarm", "POST", {"Authorization": "Bearer s3cret"}).status_code for _ in range(1100)}
    assert statuses == {200}


def test_a_body_above_the_limit_is_not_read(site: Site) -> None:
    assert site.ask("/swarm", "POST", data=b"x" * BODY_LIMIT).status_code == 200
    answer = site.ask("/swarm", "POST", data=b"x" * (BODY_LIMIT + 1))
    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")
    assert site.changes == 1


def test_a_body_without_a_length_is_counted_while_it_is_read(site: Site) -> None:
    def send(size: int) -> tuple[str, bytes, str | None]:
        environ = _environ("POST", "/swarm", io.BytesIO(b"x" * size))
        body, status, headers = run_wsgi_app(site.app.wsgi_app, {**environ, "wsgi.input_terminated": True})
        return status[:3], b"".join(body), headers.get("Connection")

    assert send(BODY_LIMIT)[::2] == ("200", None)
    assert send(BODY_LIMIT + 1) == ("413", b'{"detail": "Request Entity Too Large"}', "close")
    assert site.changes == 1


# ---- what comes back


def test_no_page_elsewhere_may_read(site: Site) -> None:
    for path in ("/stats", "/fails", "/none", "/page"):
        answer = site.ask(path, headers={"Origin": EVIL})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
    preflight = {"Origin": EVIL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
    answer = site.ask("/swarm", "OPTIONS", preflight)
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_a_listed_page_may_read_and_ask(tmp_path: Path) -> None:
    site = Site(tmp_path, origins=[BOARD], token="s3cret")
    answer = site.ask("/swarm", "OPTIONS", {"Origin": BOARD, "Access-Control-Request-Method": "POST"})
    assert answer.status_code == 200
    assert answer.headers.getlist("Access-Control-Allow-Origin") == [BOARD]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    answer = site.ask("/stats", headers={"Origin": BOARD, "Authorization": "Bearer s3cret"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, BOARD)
    assert "Origin" in answer.headers["Vary"]
    assert site.ask("/stats", headers={"Origin": EVIL}).headers.get("Access-Control-Allow-Origin") is None


@pytest.mark.parametrize("path", ["/stats", "/page", "/file", "/fails", "/none", "/swarm"])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    headers = site.ask(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert f"connect-src 'self' ws://{HERE}" in headers["Content-Security-Policy"]


def test_scripts_of_templates_may_run_and_no_others(site: Site) -> None:
    policy = site.ask("/page").headers["Content-Security-Policy"]
    assert policy.count("'sha256-") == 1
    assert "script-src 'self' 'sha256-" in policy
    assert "script-src 'self';" in site.ask("/stats").headers["Content-Security-Policy"]


def test_a_route_may_bring_its_own_policy_and_no_other_frame_rule(site: Site) -> None:
    headers = site.ask("/own").headers
    assert headers.getlist("Content-Security-Policy") == ["default-src 'none'"]
    assert headers.getlist("X-Frame-Options") == ["DENY"]


def test_an_error_tells_the_client_nothing_of_itself(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    answer = site.ask("/fails")
    assert (answer.status_code, answer.json) == (500, {"detail": "Internal Server Error"})
    assert "RuntimeError: <script>planted-secret" in caplog.text  # the log has it
    assert not site.app.debug


def test_an_error_outside_flask_is_met_too(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    @site.app.teardown_request
    def fail(_error: BaseException | None) -> None:
        raise RuntimeError("planted-secret")

    answer = site.ask("/stats")
    assert (answer.status_code, answer.json) == (500, {"detail": "Internal Server Error"})
    assert "GET '/stats' failed" in caplog.text


def test_what_locust_swallows_under_login_is_an_error(site: Site) -> None:
    answer = site.ask("/swallowed")
    assert (answer.status_code, answer.json) == (500, {"detail": "Internal Server Error"})


def test_errors_are_json_whoever_made_them(site: Site) -> None:
    assert site.ask("/none").json == {"detail": "Not Found"}
    assert site.ask("/swarm").json == {"detail": "Method Not Allowed"}
    assert "POST" in site.ask("/swarm").headers["Allow"]
    assert site.ask("/answers/409").json == {"detail": "Conflict"}
    assert site.ask("/answers/477").json == {"detail": "Error"}
    assert site.ask("/closes").json == {"detail": "why"}


@pytest.mark.parametrize("path", ["/page", "/none", "/stats"])
def test_an_answer_to_head_has_no_body(site: Site, path: str) -> None:
    answer = site.ask(path, "HEAD")
    assert answer.data == b""
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_body_that_is_replaced_is_closed(tmp_path: Path) -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"<p>"])

        def close(self) -> None:
            closed.append(True)

    site = Site(tmp_path)
    site.app.add_url_rule("/body", "body", lambda: Response(Body(), 404))
    assert site.ask("/body").json == {"detail": "Not Found"}
    assert closed == [True]


def test_the_socket_of_a_websocket_is_handed_on_untouched(site: Site) -> None:
    seen = []
    stream = io.BytesIO()

    class Taken(Response):
        def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
            seen.append(environ["wsgi.input"])
            return []  # flask-sock on gevent: the answer went out on the bare socket

    site.app.add_url_rule("/live", "live", Taken)
    environ = {**_environ("GET", "/live", stream), "HTTP_UPGRADE": "websocket"}
    assert site.app.wsgi_app(environ, _never) == []
    assert seen == [stream]


def _environ(method: str, path: str, stream: io.BytesIO) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8089",
        "HTTP_HOST": HERE,
        "wsgi.url_scheme": "http",
        "wsgi.input": stream,
    }


def _never(*_args: Any) -> Any:
    raise AssertionError("an answer was started")
