"""Each rule has a request that only it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.guard import (
    BODY_LIMIT,
    GuardRules,
    Request,
    authenticated,
    decide,
    guard_rules,
    host_name,
    is_ours,
    origin_of,
)

OPEN = guard_rules()
TOKEN = guard_rules(token="s3cret")
LOGIN = guard_rules(login=True)
LISTED = guard_rules(hosts=["Swarm.example"], origins=["https://board.example"])
HERE = "localhost:8089"
RIGHT = "Bearer s3cret"


def status(rules: GuardRules, method: str = "GET", **facts: Any) -> int | None:
    refused = decide(rules, Request(method, **{"host": HERE, **facts}))
    return None if refused is None else refused.status


# ---- Host


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8089", "127.0.0.1:1", "[::1]", "[::1]:8089"])
def test_loopback_names_are_ours_on_any_port(host: str) -> None:
    assert status(OPEN, host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8089",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example,localhost",
        "evil.example@localhost",
        "localhost@evil.example",
        "localhost:8089:1",
        "localhost:8089/x",
        "localhost ",
        "192.0.2.1",
        "::1",
        "[::1",
        "",
    ],
)
def test_a_name_that_was_pointed_at_us_is_refused(host: str) -> None:
    assert status(OPEN, host=host) == 421


def test_hosts_are_listed_without_port_and_case() -> None:
    assert status(LISTED, host="SWARM.example:1234") is None
    assert status(OPEN, host="swarm.example") == 421


def test_listening_everywhere_names_no_host() -> None:
    assert guard_rules(hosts=["", "*", "0.0.0.0", "::", " "]) == OPEN


@pytest.mark.parametrize("host", ["swarm.example:8089", "http://swarm.example", "a b", "ä.example", "[::1]:80", "a,b"])
def test_what_is_no_host_is_no_rule(host: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        guard_rules(hosts=[host])


def test_addresses_are_written_as_browsers_write_them() -> None:
    assert host_name("2001:DB8::1") == "[2001:db8::1]"
    assert is_ours(guard_rules(hosts=["2001:db8::1"]), "[2001:DB8::1]:8089")


# ---- pages of other sites


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "post", "BREW"])
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, None),
        ({"fetch_site": "same-origin"}, None),
        ({"fetch_site": "none"}, None),
        ({"fetch_site": "cross-site"}, 403),
        ({"fetch_site": "same-site"}, 403),
        ({"fetch_site": ""}, 403),
        ({"origin": "http://localhost:8089"}, None),
        ({"origin": "http://LOCALHOST:8089"}, None),
        ({"origin": "http://localhost:8090"}, 403),
        ({"origin": "https://localhost:8089"}, 403),
        ({"origin": "http://127.0.0.1:8089"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://localhost:8089, http://evil.example"}, 403),
        ({"origin": "http://evil.example", "fetch_site": "same-origin"}, 403),
        ({"origin": "http://localhost:8089", "fetch_site": "cross-site"}, 403),
    ],
)
def test_only_pages_of_ours_may_change_something(method: str, facts: dict[str, str], expected: int | None) -> None:
    assert status(OPEN, method, **facts) == expected


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_link_from_elsewhere_may_be_followed(method: str) -> None:
    assert status(OPEN, method, origin="http://evil.example", fetch_site="cross-site") is None


def test_a_websocket_is_held_to_the_same_as_a_change() -> None:
    assert status(OPEN, upgrade="WebSocket", origin="http://evil.example") == 403
    assert status(OPEN, upgrade="websocket", fetch_site="cross-site") == 403
    assert status(OPEN, upgrade="websocket", origin="http://localhost:8089") is None
    assert status(OPEN, upgrade="websocket") is None
    assert status(OPEN, "POST", upgrade="websocket") == 400


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [("http", "localhost", "http://localhost:80"), ("https", "localhost:443", "https://localhost")],
)
def test_the_default_port_may_be_left_out(scheme: str, host: str, origin: str) -> None:
    assert status(OPEN, "POST", scheme=scheme, host=host, origin=origin) is None


def test_a_listed_page_may_ask_from_elsewhere() -> None:
    assert status(LISTED, "POST", origin="https://board.example", fetch_site="cross-site") is None
    assert status(LISTED, "POST", origin="http://board.example", fetch_site="cross-site") == 403
    assert status(LISTED, "POST", fetch_site="cross-site") == 403


@pytest.mark.parametrize("origin", ["null", "*", "board.example", "https://board.example/", "ftp://board.example", ""])
def test_what_is_no_origin_is_no_rule(origin: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        guard_rules(origins=[origin])


# ---- who asks


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [
        (RIGHT, None),
        ("", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Bearer s3cre", 401),
        ("Bearer s3crets", 401),
        ("Basic s3cret", 401),
        ("s3cret", 401),
        ("Bearer \u20ac", 401),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/swarm", "/login", "/assets/x.js", "/stations"])
def test_a_configured_token_is_needed_everywhere(
    path: str, method: str, authorization: str, expected: int | None
) -> None:
    assert status(TOKEN, method, path=path, authorization=authorization) == expected


def test_a_token_may_hold_any_character() -> None:
    as_wsgi_has_it = "Bearer schlüssel".encode().decode("latin-1")
    assert status(guard_rules(token="schlüssel"), authorization=as_wsgi_has_it) is None


def test_the_token_does_not_excuse_a_foreign_page_or_host() -> None:
    assert status(TOKEN, "POST", authorization=RIGHT, origin="http://evil.example") == 403
    assert status(TOKEN, authorization=RIGHT, host="evil.example") == 421


def test_a_session_counts_like_the_token() -> None:
    both = guard_rules(token="s3cret", login=True)
    for rules in (LOGIN, both):
        assert status(rules) == 401
        assert status(rules, logged_in=True) is None
        assert status(rules, "POST", logged_in=True, origin="http://localhost:8089") is None
        assert status(rules, "POST", logged_in=True, fetch_site="same-origin") is None


def test_a_session_alone_changes_nothing_since_cookies_travel_with_foreign_forms() -> None:
    assert status(LOGIN, "POST", logged_in=True) == 403
    assert status(LOGIN, upgrade="websocket", logged_in=True) == 403


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/base/login", None),
        ("HEAD", "/base/login", None),
        ("POST", "/base/login", None),
        ("PUT", "/base/login", 401),
        ("GET", "/base/assets/x.js", None),
        ("POST", "/base/assets/x.js", 401),
        ("GET", "/base/login/", 401),
        ("GET", "/base/logins", 401),
        ("GET", "/login", 401),
        ("GET", "/assets/x.js", 401),
        ("GET", "/base/", 401),
        ("GET", "/base/stats/requests", 401),
        ("GET", "/static/x.js", 401),
        ("POST", "/base/logout", 401),
        ("OPTIONS", "/base/swarm", 401),
    ],
)
def test_without_a_session_only_the_form_can_be_reached(method: str, path: str, expected: int | None) -> None:
    assert status(guard_rules(login=True, base_path="/base/"), method, path=path) == expected


def test_the_form_is_for_pages_of_ours_only() -> None:
    assert status(LOGIN, "POST", path="/login", origin="http://evil.example") == 403
    assert status(LOGIN, path="/login", upgrade="websocket") == 401


def test_a_listed_page_may_ask_whether_it_may_ask() -> None:
    rules = guard_rules(origins=["https://board.example"], token="s3cret")
    assert status(rules, "OPTIONS", origin="https://board.example") is None
    assert status(rules, "OPTIONS", origin="https://evil.example") == 401
    assert status(rules, "GET", origin="https://board.example") == 401


def test_without_a_token_nobody_bears_it() -> None:
    assert not authenticated(OPEN, Request("GET", authorization="Bearer "))
    assert authenticated(TOKEN, Request("GET", authorization=RIGHT))
    assert authenticated(LOGIN, Request("GET", logged_in=True))


def test_rules_are_shown_without_the_token() -> None:
    assert "s3cret" not in repr(TOKEN)
    assert "s3cret" not in str([decide(TOKEN, Request("GET", host=HERE))])


# ---- bodies


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("", None),
        ("0", None),
        (str(BODY_LIMIT), None),
        (str(BODY_LIMIT + 1), 413),
        ("9" * 5000, 413),
        ("-1", 400),
        ("+1", 400),
        ("1_0", 400),
        ("1e3", 400),
        ("²", 400),
    ],
)
def test_a_body_has_its_limit(length: str, expected: int | None) -> None:
    assert status(OPEN, "POST", content_length=length) == expected


# ---- whatever comes

TEXTS = st.one_of(st.text(), st.sampled_from([HERE, "null", "http://localhost:8089", "websocket", RIGHT, "/login"]))
REQUESTS = st.builds(
    Request,
    method=st.one_of(st.sampled_from(["GET", "POST", "OPTIONS"]), st.text()),
    path=TEXTS,
    scheme=st.sampled_from(["http", "https"]),
    host=TEXTS,
    origin=st.none() | TEXTS,
    fetch_site=st.none() | TEXTS,
    authorization=TEXTS,
    upgrade=TEXTS,
    content_length=TEXTS,
    logged_in=st.booleans(),
)


@given(REQUESTS, st.sampled_from([OPEN, TOKEN, LOGIN, LISTED]))
def test_every_request_gets_a_decision_and_what_passes_keeps_the_rules(request: Request, rules: GuardRules) -> None:
    refused = decide(rules, request)
    if refused is not None:
        assert refused.status in (400, 401, 403, 413, 421)
        assert refused.detail
        return
    assert is_ours(rules, request.host)
    if rules is TOKEN:
        assert request.authorization == RIGHT or request.logged_in
    if request.changes_state and request.origin is not None and rules is not LISTED:
        assert origin_of(request.origin) == origin_of(f"{request.scheme}://{request.host}")
