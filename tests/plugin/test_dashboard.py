"""The dashboard on Locust's real web application and on a control port: as the plugin opens them."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.event import Events
from werkzeug.test import TestResponse

from evsim_locust.plugin import StationUser, state, surface
from tests.plugin.cluster import wait_until
from tests.plugin.web import CREDENTIALS

ORIGIN = {"Origin": "http://localhost:8089"}


class Idle(StationUser):
    """Never started here."""


class Opened:
    """An environment whose surface the plugin has opened, without any run."""

    def __init__(self, *arguments: str, base: str = "", login: bool = False, headless: bool = False) -> None:
        options = get_parser(default_config_files=[]).parse_args(["--history", "none", *arguments])
        options.web_base_path, options.web_login = base, login
        self.environment: Any = Environment(
            user_classes=[Idle], events=Events(), host="ws://127.0.0.1:1/", parsed_options=options
        )
        self.environment.create_local_runner()
        self.web_ui: Any = None
        if not headless:
            self.web_ui = self.environment.create_web_ui(
                "127.0.0.1", 0, web_base_path=base, web_login=login, delayed_start=True
            )
        surface.open_for(self.environment, self.web_ui)
        if self.web_ui is not None:
            self.web_ui.start()
            wait_until(lambda: self.web_ui.server is not None and self.web_ui.server.started)
        server = state.of(self.environment).control_server
        app = server.app if server is not None else self.web_ui.app
        self.client = app.test_client()

    def ask(self, path: str, method: str = "GET", **more: Any) -> TestResponse:
        headers = {"Host": "localhost:8089", **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def close(self) -> None:
        server = state.of(self.environment).control_server
        if server is not None:
            server.stop()
        if self.web_ui is not None:
            self.web_ui.stop()
        self.environment.runner.quit()


@contextmanager
def opened(*arguments: str, **how: Any) -> Iterator[Opened]:
    made = Opened(*arguments, **how)
    try:
        yield made
    finally:
        made.close()


def free_port() -> int:
    """Port 0 would be none at all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(autouse=True)
def _locusts_own_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["locust"])  # Locust reads its command line again for each page
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("base", ["", "/lab"])
def test_the_dashboard_is_there_and_locusts_page_links_to_it(base: str) -> None:
    with opened(base=base) as site:
        page = site.ask(f"{base}/dashboard")
        assert page.status_code == 200
        assert f'data-base="{base}"' in page.text
        assert "data-login" not in page.text
        found = re.search(r"window\.templateArgs = (\{.*\})", site.ask(f"{base}/").text)
        assert found is not None
        assert [link["href"] for link in json.loads(found[1])["extended_csv_files"]] == ["./dashboard"]
        assert site.ask(f"{base}/dashboard/").headers["Location"] == f"{base}/dashboard"
        assert site.ask(f"{base}/api/v1/overview").json["run"]["state"] == "ready"


def test_the_door_leaves_the_strict_policy_and_adds_its_own_headers() -> None:
    with opened() as site:
        for path in ("/dashboard", "/dashboard/static/js/main.js"):
            answer = site.ask(path)
            (policy,) = answer.headers.getlist("Content-Security-Policy")
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
            assert "ws://localhost:8089 wss://localhost:8089" in policy
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
            assert site.ask(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
            assert site.ask(path, headers={"Host": "evil.example"}).status_code == 421
        missing = site.ask("/dashboard/static/none.js")
        assert (missing.status_code, missing.json) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("base", ["", "/lab"])
def test_page_and_files_need_a_login_like_all_else(base: str) -> None:
    with opened(base=base, login=True) as site:
        for path in ("/dashboard", "/dashboard/", "/dashboard/static/js/main.js", "/api/v1/overview"):
            assert site.ask(base + path).status_code == 401, path
        led = site.ask(f"{base}/dashboard", headers={"Accept": "text/html"})
        assert (led.status_code, led.headers["Location"]) == (302, f"{base}/login")
        form = {"username": CREDENTIALS["EVSIM_WEB_USER"], "password": CREDENTIALS["EVSIM_WEB_PASSWORD"]}
        assert site.ask(f"{base}/login", "POST", headers=ORIGIN, data=form).status_code == 303
        assert "data-login" in site.ask(f"{base}/dashboard").text
        assert site.ask(f"{base}/dashboard/static/js/main.js").status_code == 200
        assert site.ask(f"{base}/api/v1/overview").status_code == 200


def test_a_headless_run_has_it_on_its_control_port() -> None:
    with opened("--control-port", str(free_port()), headless=True) as site:
        assert site.ask("/dashboard").status_code == 200
        assert site.ask("/dashboard/static/js/main.js").mimetype == "text/javascript"
        assert site.ask("/api/v1/overview").json["history"] is False
