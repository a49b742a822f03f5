"""The shipped form on Locust's real web application, with the door before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from locust.env import Environment
from werkzeug.test import TestResponse

from evsim_locust.plugin import login
from evsim_locust.plugin.login import Sessions
from evsim_locust.plugin.reading import OptionRefused
from tests.plugin.web import CREDENTIALS, Clock, Site

ORIGIN = {"Origin": "http://localhost:8089"}
RIGHT = {"username": "operator", "password": "pässword"}


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site(web_login=True)
    yield made
    made.close()


def log_in(site: Site, base: str = "", **fields: str) -> TestResponse:
    return site.ask(f"{base}/login", "POST", ORIGIN, data={**RIGHT, **fields})


def error_on_form(site: Site) -> bool:
    return "Wrong user name or password" in site.ask("/login").text


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, "set EVSIM_WEB_USER and EVSIM_WEB_PASSWORD in"),
        ({"EVSIM_WEB_USER": "x"}, "set EVSIM_WEB_PASSWORD in"),
        ({"EVSIM_WEB_USER": "", "EVSIM_WEB_PASSWORD": "x"}, "set EVSIM_WEB_USER in"),
    ],
)
def test_a_login_that_nobody_passes_is_refused(environ: dict[str, str], missing: str) -> None:
    web_ui = Environment(user_classes=[]).create_web_ui("127.0.0.1", 0, web_login=True, delayed_start=True)
    with pytest.raises(OptionRefused, match=f"^--web-login: .*{missing}"):
        login.install(web_ui, environ)


def test_the_form_of_locust_posts_to_us(site: Site) -> None:
    page = site.ask("/login")
    assert page.status_code == 200
    assert '"username_password_callback": "/login"' in page.text


def test_before_and_after(site: Site) -> None:
    assert site.ask("/stats/requests").status_code == 401
    assert site.ask("/swarm", "POST", ORIGIN).status_code == 401
    answer = log_in(site)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert site.ask("/stats/requests").json["state"] == "ready"
    assert "window.templateArgs" in site.ask("/").text
    assert site.ask("/swarm", "POST", ORIGIN).json["success"] is False  # no user count: it is the route that answers


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "wrong"},
        {"password": ""},
        {"password": "pässwor"},
        {"password": "pässword "},
        {"username": "Operator"},
        {"username": "", "password": ""},
        {"username": "pässword", "password": "operator"},
        {"password": "\ufffd"},
    ],
)
def test_wrong_credentials_open_nothing(site: Site, fields: dict[str, str]) -> None:
    assert log_in(site, **fields).headers["Location"] == "/login"
    assert site.ask("/stats/requests").status_code == 401
    assert error_on_form(site)


def test_an_empty_form_opens_nothing(site: Site) -> None:
    assert site.ask("/login", "POST", ORIGIN).headers["Location"] == "/login"
    assert site.ask("/stats/requests").status_code == 401


def test_attempts_are_counted_for_all_clients_together(site: Site) -> None:
    statuses = [log_in(site, password=str(attempt)).status_code for attempt in range(21)]
    assert statuses == [303] * 20 + [429]
    refused = log_in(site)  # even the right one waits, else guessing would go on
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")
    assert refused.json == {"detail": "more than 20 attempts a minute"}
    site.clock.now += 3.1
    assert log_in(site).headers["Location"] == "/"


def test_logging_out_ends_every_copy_of_the_cookie(site: Site) -> None:
    log_in(site)
    cookie = site.client.get_cookie("evsim_session_8089")
    assert cookie is not None
    copy = f"{cookie.key}={cookie.value}"
    answer = site.ask("/logout", "POST", ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert site.ask("/stats/requests").status_code == 401
    assert site.app.test_client(use_cookies=False).get(
        "/stats/requests", headers={"Host": "localhost", "Cookie": copy}
    ).status_code == 401  # fmt: skip


def test_another_site_can_neither_log_out_nor_use_the_session(site: Site) -> None:
    log_in(site)
    for path in ("/logout", "/swarm", "/stats/reset"):
        assert site.ask(path, "POST", {"Origin": "http://evil.example"}).status_code == 403
        assert site.ask(path, "POST").status_code == 403
    assert site.ask("/stats/requests").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    cookie = log_in(site).headers["Set-Cookie"]
    assert cookie.startswith("evsim_session_8089=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert cookie.endswith("Path=/") or "Path=/;" in cookie
    assert "pässword" not in cookie


@pytest.mark.parametrize("cookie", ["evsim_session_8089=x", "evsim_session_8089=eyJldnNpbV9sb2dpbiI6IngifQ.x.y"])
def test_a_made_up_cookie_opens_nothing(site: Site, cookie: str) -> None:
    assert site.ask("/stats/requests", headers={"Cookie": cookie}).status_code == 401


def test_a_cookie_of_another_process_opens_nothing(site: Site) -> None:
    other = Site(web_login=True)
    log_in(other)
    cookie = other.client.get_cookie("evsim_session_8089")
    other.close()
    assert cookie is not None
    assert site.ask("/stats/requests", headers={"Cookie": f"{cookie.key}={cookie.value}"}).status_code == 401


def test_a_session_ends_after_half_a_day(site: Site) -> None:
    log_in(site)
    site.clock.now += 12 * 3600.0 - 1
    assert site.ask("/stats/requests").status_code == 200
    site.clock.now += 2
    assert site.ask("/stats/requests").status_code == 401


def test_the_token_serves_on_locusts_routes_too() -> None:
    site = Site(web_login=True, token="s3cret")
    bearer = {"Authorization": "Bearer s3cret"}
    assert site.ask("/stats/requests", headers=bearer).json["state"] == "ready"
    assert site.ask("/swarm", "POST", bearer).json["success"] is False
    assert site.ask("/stats/requests", headers={"Authorization": "Bearer wrong"}).status_code == 401
    site.close()


def test_under_a_base_path() -> None:
    site = Site(base_path="/swarm-1", web_login=True)
    assert site.ask("/swarm-1/", headers={"Accept": "text/html"}).headers["Location"] == "/swarm-1/login"
    assert '"username_password_callback": "/swarm-1/login"' in site.ask("/swarm-1/login").text
    answer = log_in(site, "/swarm-1")
    assert answer.headers["Location"] == "/swarm-1/"
    assert answer.headers["Set-Cookie"].startswith("evsim_session_8089_swarm_1=")
    assert site.ask("/swarm-1/stats/requests").status_code == 200
    site.close()


def test_a_route_that_fails_under_login_is_an_error_and_tells_nothing(site: Site) -> None:
    log_in(site)
    answer = site.ask("/user", "POST", ORIGIN, data=b"<script>planted")
    assert (answer.status_code, answer.json) == (500, {"detail": "Internal Server Error"})


def test_there_are_only_so_many_sessions() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    first, *others = [sessions.open() for _ in range(1001)]
    assert len(set(others) | {first}) == 1001
    assert not sessions.holds(first)
    assert all(sessions.holds(name) for name in others)
    for name in (None, 1, ["x"], ""):
        assert not sessions.holds(name)
        sessions.close(name)


def test_the_credentials_are_nowhere_in_the_application(site: Site) -> None:
    log_in(site)
    shown = site.ask("/").text + site.ask("/tasks").text + site.ask("/login").text + repr(site.app.config)
    assert CREDENTIALS["EVSIM_WEB_PASSWORD"] not in shown
