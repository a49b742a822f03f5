"""The page and its files: types, policy, caching, and nothing but them."""

from __future__ import annotations

import mimetypes
import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import evsim_locust.dashboard
from evsim_locust.dashboard.page import policy, register

HERE = Path(evsim_locust.dashboard.__file__).parent
STATIC = HERE / "static"
FILES = [path.relative_to(STATIC).as_posix() for path in sorted(STATIC.rglob("*")) if path.is_file()]
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def client_of(base_path: str = "", login: bool = False, beside_locust: bool = True) -> FlaskClient:
    app = Flask("web", static_folder=None)
    register(app, base_path, login, beside_locust)
    return app.test_client()


@pytest.fixture
def client() -> FlaskClient:
    return client_of()


@pytest.mark.parametrize("base", ["", "/lab"])
def test_the_page_and_all_that_it_names_are_there(base: str) -> None:
    client = client_of(base and f"{base}/")
    page = client.get(f"{base}/dashboard")
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert f'data-base="{base}"' in page.text
    assert not re.search(r"\{(base|login|locust)\}", page.text)
    named = re.findall(r'(?:src|href)="([^"]*/static/[^"]*)"', page.text)
    assert f"{base}/dashboard/static/js/main.js" in named
    assert {path: client.get(path).status_code for path in named} == dict.fromkeys(named, 200)


def test_no_script_and_no_style_is_in_the_page(client: FlaskClient) -> None:
    page = client.get("/dashboard").text
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)


@pytest.mark.parametrize("login", [False, True])
def test_the_page_knows_whether_one_can_log_out(login: bool) -> None:
    tag = re.search(r"<html[^>]*>", client_of(login=login).get("/dashboard").text)
    assert tag is not None
    assert ("data-login" in tag[0]) is login


@pytest.mark.parametrize("beside_locust", [False, True])
def test_it_leads_to_locust_s_own_page_where_there_is_one(beside_locust: bool) -> None:
    page = client_of("/lab", beside_locust=beside_locust).get("/lab/dashboard").text
    assert ('<a href="/lab/">Locust</a>' in page) is beside_locust


def test_a_base_path_cannot_break_out_of_the_page() -> None:
    assert '"><b>' not in client_of('/"><b>').get('/"><b>/dashboard').text


@pytest.mark.parametrize("base", ["", "/lab"])
def test_a_slash_too_many_leads_to_the_page(base: str) -> None:
    answer = client_of(base).get(f"{base}/dashboard/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{base}/dashboard")


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_as_what_it_is_whatever_the_machine_thinks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for suffix in TYPES:
        monkeypatch.setitem(mimetypes.types_map, suffix, "text/plain")
    answer = client_of().get(f"/dashboard/static/{name}")
    assert answer.data == (STATIC / name).read_bytes()
    assert answer.mimetype == TYPES[Path(name).suffix]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == policy("localhost")


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard/static/",
        "/dashboard/static/js",
        "/dashboard/static/none.js",
        "/dashboard/static/../page.py",
        "/dashboard/static/%2e%2e/page.py",
        "/dashboard/static//etc/passwd",
        "/dashboard/static/js/main.js/",
        "/dashboard/page.py",
        "/dashboards",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/static/js/main.js"])
def test_it_is_asked_for_anew_each_time_and_sent_only_when_it_differs(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"of an older version"'}).data == first.data != b""


def test_pages_that_differ_have_tags_that_differ() -> None:
    tags = {client_of(base, login).get(f"{base}/dashboard").headers["ETag"] for base in ("", "/a") for login in (0, 1)}
    assert len(tags) == 4


def test_the_policy_is_strict_and_names_this_host_s_sockets(client: FlaskClient) -> None:
    answer = client.get("/dashboard", headers={"Host": "sim.example:8089"})
    directives = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self' ws://sim.example:8089 wss://sim.example:8089",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8089", "[::1]:8089", "a_b.example"])
def test_a_host_is_named_in_the_policy(host: str) -> None:
    assert f"connect-src 'self' ws://{host} wss://{host};" in policy(host)


@pytest.mark.parametrize("host", ["", "a; script-src *", "a b", "*", "a,b", "a:99999999", "x'y", "a\nb"])
def test_what_is_no_host_is_not(host: str) -> None:
    assert "connect-src 'self';" in policy(host)


def test_all_of_it_is_packaged() -> None:
    text = (HERE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    globs = tomllib.loads(text)["tool"]["setuptools"]["package-data"]["*"]
    packaged = {path for glob in globs for path in HERE.glob(glob)}
    assert {path for path in HERE.rglob("*") if path.is_file() and path.parent.name != "__pycache__"} - packaged == set(
        HERE.glob("*.py")
    )
