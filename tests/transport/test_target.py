"""Base URLs and station ids become targets; what is wrong is said without secrets."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.transport.target import Target, parse_base_url, target_of

CONTEXT = object()  # a target only carries it


@pytest.mark.parametrize(
    ("base", "host", "port", "path"),
    [
        ("ws://csms.example", "csms.example", 80, "/CP1"),
        ("ws://csms.example/", "csms.example", 80, "/CP1"),
        ("ws://csms.example:8887/ocpp", "csms.example", 8887, "/ocpp/CP1"),
        ("ws://csms.example:8887/ocpp/", "csms.example", 8887, "/ocpp/CP1"),
        ("WS://CSMS.example/OCPP", "csms.example", 80, "/OCPP/CP1"),
        ("ws://10.0.0.1/ocpp/{station_id}/v16", "10.0.0.1", 80, "/ocpp/CP1/v16"),
        ("ws://[::1]:9000/ocpp", "::1", 9000, "/ocpp/CP1"),
        ("ws://[fe80::1]/", "fe80::1", 80, "/CP1"),
        ("ws://h/ocpp?tenant=7", "h", 80, "/ocpp/CP1?tenant=7"),
        ("ws://h/ocpp?id={station_id}&x=1", "h", 80, "/ocpp?id=CP1&x=1"),
        ("ws://h?id={station_id}", "h", 80, "/?id=CP1"),
        ("ws://h/a%20b", "h", 80, "/a%20b/CP1"),
        ("ws://h/a;v=1/b;v=2", "h", 80, "/a%3Bv=1/b%3Bv=2/CP1"),
    ],
)
def test_the_station_id_finds_its_place(base, host, port, path):
    assert target_of(base, "CP1") == Target(host, port, path)


def test_wss_needs_a_context_and_has_its_own_port():
    target = target_of("wss://h/ocpp", "CP1", context=CONTEXT)
    assert (target.port, target.context) == (443, CONTEXT)
    with pytest.raises(ValueError, match="TLS context"):
        target_of("wss://h/ocpp", "CP1")


def test_ws_is_not_made_wss_by_a_context():
    assert target_of("ws://h", "CP1", context=CONTEXT).context is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("http://h/ocpp", "ws:// or wss://"),
        ("h:9000/ocpp", "ws:// or wss://"),
        ("", "ws:// or wss://"),
        ("ws:///ocpp", "no host"),
        ("ws://:80/ocpp", "no host"),
        ("ws://h:0/", "port 0"),
        ("ws://h:65536/", "malformed"),
        ("ws://h:x/", "malformed"),
        ("ws://[::1/", "malformed"),
        ("ws://h/ocpp#top", "fragment"),
        ("ws://h/ocpp#", "fragment"),
        ("ws://h/ocpp path", "percent-encode"),
        ("ws://h/\r\nX-Evil: 1", "percent-encode"),
        ("ws://h/öcpp", "percent-encode"),
        ("ws://{station_id}.example/", "impossible characters"),
        ("ws://h/{id}", "brace"),
        ("ws://h/?a={", "brace"),
    ],
)
def test_a_wrong_base_url_says_what_is_wrong_and_what_would_be_right(wrong, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")) as raised:
        parse_base_url(wrong)
    assert (
        ": write " in str(raised.value)
        or ": percent-encode" in str(raised.value)
        or "leave it out" in str(raised.value)
    )


@pytest.mark.parametrize(
    "base",
    [
        "ws://user:hunter2@h/",
        "ws://user:hunter2@h:x/",
        "ws://user:hunter2@h:99999/",
        "ws://user:hunter2@[h/",
        "ws://hunter2@/",
        "ws://u:hunter2@h/ #",
    ],
)
def test_a_password_in_the_url_is_refused_and_never_quoted(base):
    with pytest.raises(ValueError, match="base URL") as raised:
        parse_base_url(base)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("wrong", ["", ".", ".."])
def test_an_id_that_is_no_path_segment_is_refused(wrong):
    with pytest.raises(ValueError, match="station id"):
        target_of("ws://h/ocpp", wrong)


def test_the_password_is_not_shown():
    target = target_of("ws://h/ocpp", "CP1", password=("CP1", "hunter2"))
    assert target.password == ("CP1", "hunter2")
    assert "hunter2" not in repr(target)
    assert "hunter2" not in target.url


@pytest.mark.parametrize(("host", "url"), [("h", "ws://h:9000/x"), ("::1", "ws://[::1]:9000/x")])
def test_the_url_has_brackets_where_they_belong(host, url):
    assert Target(host, 9000, "/x").url == url


@given(st.text(min_size=1, max_size=48).filter(lambda text: text not in (".", "..")))
def test_every_id_comes_back_whole_from_one_path_segment(station_id):
    try:
        station_id.encode()
    except UnicodeEncodeError:
        return  # a lone surrogate has no UTF-8
    path = target_of("ws://h/ocpp/{station_id}/end?x=1", station_id).path
    assert path.isascii()
    parts = urlsplit("ws://h" + path)
    assert (parts.query, parts.fragment) == ("x=1", "")
    assert [unquote(segment) for segment in parts.path.split("/")] == ["", "ocpp", station_id, "end"]


@given(st.text("abAB09*+=:|@._-", min_size=1, max_size=48).filter(lambda text: text not in (".", "..")))
def test_only_the_bar_of_the_usual_ids_is_encoded(station_id):
    assert target_of("ws://h", station_id).path == "/" + station_id.replace("|", "%7C")


@given(st.text(max_size=60))
def test_a_base_url_is_taken_or_refused_with_value_error(tail):
    refused = None
    try:
        base = parse_base_url("ws://" + tail)
    except ValueError as error:
        refused = str(error)
    if refused is not None:
        assert refused.startswith("base URL ")
    else:
        assert base.template.startswith("/")
        assert "{station_id}" in base.template
        assert 0 < base.port < 65536
