"""Who may read and who may connect; each rule has a request that only it refuses."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.guard import Guard

LOCAL = Guard("127.0.0.1")
PEER = "127.0.0.1"


def _status(refusal):
    return None if refusal is None else refusal.status


def _control(headers, guard=LOCAL, peer=PEER):
    return _status(guard.refuse_control(peer, headers))


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:9000", "LOCALHOST", "[::1]:9000", "127.0.0.2"])
def test_loopback_names_are_ours(host):
    assert _control({"Host": host}) is None


@pytest.mark.parametrize(
    "host", ["evil.example:9000", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1", "", "[", "a@b:x"]
)
def test_another_host_name_is_dns_rebinding(host):
    assert _control({"Host": host}) == 403


def test_a_missing_host_is_refused():
    assert _control({}) == 403


def test_the_name_that_was_listened_on_is_ours():
    guard = Guard("CSMS.example")
    assert _control({"Host": "csms.example:9000"}, guard) is None
    assert _control({"Host": "csms.example:9000"}) == 403


@pytest.mark.parametrize(
    ("peer", "status"), [("::1", None), ("::ffff:127.0.0.1", None), ("192.0.2.7", 403), (None, 403)]
)
def test_without_a_token_only_loopback_clients_read(peer, status):
    assert _control({"Host": "localhost"}, peer=peer) == status


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", None), ("none", None), ("cross-site", 403), ("same-site", 403)]
)
def test_requests_that_another_site_caused_are_refused(site, status):
    assert _control({"Host": "localhost:9000", "Sec-Fetch-Site": site}) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:9000", None),
        ("http://localhost:8089", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_another_origin_is_refused(origin, status):
    assert _control({"Host": "localhost:9000", "Origin": origin}) == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer secret", None),
        ("Bearer secret ", 401),
        ("Bearer Secret", 401),
        ("bearer secret", 401),
        ("secret", 401),
        ("Bearer s\udcffcret", 401),
        (None, 401),
    ],
)
@pytest.mark.parametrize("peer", [PEER, "192.0.2.7"])
def test_a_token_is_needed_and_enough_everywhere(authorization, status, peer):
    headers = {"Host": "any.example"} | ({} if authorization is None else {"Authorization": authorization})
    refusal = Guard("0.0.0.0", token="secret").refuse_control(peer, headers)
    assert _status(refusal) == status
    assert refusal is None or refusal.challenge == "Bearer"


# ---- stations


def _basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "csms.internal:9000"])
def test_a_station_may_use_any_name_of_this_host(host):
    assert LOCAL.refuse_station("CP1", {"Host": host}) is None


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:9000", "http://localhost:9000", None),
        ("localhost:9000", "http://evil.example", 403),
        ("localhost:9000", "http://127.0.0.1:8089", 403),
        ("evil.example:9000", "http://evil.example:9000", 403),
    ],
)
def test_a_web_page_may_not_pose_as_a_station(host, origin, status):
    assert _status(LOCAL.refuse_station("CP1", {"Host": host, "Origin": origin})) == status


USERS = Guard("127.0.0.1", users={"CP1": "pässword:1", "CP2": "other"})


def test_the_right_password():
    assert USERS.refuse_station("CP1", _basic("CP1", "pässword:1")) is None


@pytest.mark.parametrize(
    ("station", "headers"),
    [
        ("CP1", {}),
        ("CP1", _basic("CP1", "other")),
        ("CP1", _basic("CP2", "other")),
        ("CP2", _basic("CP1", "pässword:1")),
        ("CP3", _basic("CP3", "None")),
        ("CP1", {"Authorization": "Bearer x"}),
        ("CP1", {"Authorization": "Basic"}),
        ("CP1", {"Authorization": "Basic !!"}),
        ("CP1", {"Authorization": "Basic ä"}),
        ("CP1", {"Authorization": "Basic " + base64.b64encode(b"\xff").decode()}),
    ],
)
def test_a_wrong_password_is_challenged(station, headers):
    refusal = USERS.refuse_station(station, headers)
    assert refusal is not None
    assert refusal.status == 401
    assert refusal.challenge.startswith("Basic ")


@given(st.text(), st.text())
def test_no_other_credentials_open_the_door(user, password):
    let_in = USERS.refuse_station("CP1", _basic(user, password)) is None if _encodes(user + password) else False
    assert let_in == ((user, password) == ("CP1", "pässword:1") or f"{user}:{password}" == "CP1:pässword:1")


def _encodes(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
