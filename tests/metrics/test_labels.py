"""However much peers and files invent, the values of labels stay few and fit to be shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.metrics import labels
from evsim_locust.ocppj.errors import ErrorCode
from evsim_locust.ocppj.v16.messages import REQUESTS
from evsim_locust.station.words import StopReason
from evsim_locust.transport.errors import Kind, OpenFailed, Stage

FUNCTIONS: dict[str, Callable[[str], str]] = {
    "OCPP name": lambda told: labels.name("OCPP", told),
    "CSMS name": lambda told: labels.name("CSMS", told),
    "WS name": lambda told: labels.name("WS", told),
    "OCPP failure": lambda told: labels.failure("OCPP", told),
    "WS failure": lambda told: labels.failure("WS", told),
    "close_code": labels.close_code,
    "reconnecting": labels.reconnecting,
    "phase": labels.phase,
    "ending": labels.ending,
    "profile": labels.profile,
}
told = st.text(max_size=80) | st.from_regex(r"(http )?[0-9]{1,5}|[1-5]x{1,3}", fullmatch=True)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@given(told=told)
def test_a_master_names_alike_what_a_worker_has_named(function: Callable[[str], str], told: str) -> None:
    assert function(function(told)) == function(told) != ""


@pytest.mark.parametrize("function", [f for n, f in FUNCTIONS.items() if n != "profile"])
def test_invented_words_are_one(function: Callable[[str], str]) -> None:
    words = ["", "ok", "Heartbeat\n", "x" * 10_000, "http 99", "http 600", "tcp <b>", "1006 ", "١٠٠٦", "Local "]
    assert len({function(word) for word in words}) == 1


def test_close_codes_are_few() -> None:
    kept = {labels.close_code(str(code)) for code in range(70_000)}
    assert kept == {*(str(code) for code in range(1000, 1016)), "1xxx", "2xxx", "3xxx", "4xxx", "other"}
    assert [labels.close_code(code) for code in ("1006", "4123", "999", "-1006")] == ["1006", "4xxx", "other", "other"]


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("stage", get_args(Stage))
def test_all_that_the_transport_tells_of_an_opening_stays(stage: Stage, kind: Kind) -> None:
    label = OpenFailed(stage, "", kind=kind).label
    assert labels.failure("WS", label) == labels.reconnecting(label) == label


def test_http_statuses_are_few() -> None:
    kept = {labels.failure("WS", OpenFailed("http", "", status).label) for status in range(1000) if status != 101}
    assert {"http 401", "http 404", "http 503", "http 1xx", "http 4xx", "http 5xx", "http malformed"} <= kept
    assert len(kept) == 14 + 5 + 1


def test_ocpp_words_stay() -> None:
    assert {labels.name(kind, action) for kind in ("OCPP", "CSMS") for action in REQUESTS} == set(REQUESTS)
    assert [labels.failure("OCPP", code) for code in ErrorCode] == list(ErrorCode)
    assert [labels.failure("OCPP", word) for word in ("Timeout", "1006", "UnknownErrorCode")] == [
        "Timeout",
        "1006",
        "UnknownErrorCode",
    ]
    assert [labels.ending(reason) for reason in get_args(StopReason)] == list(get_args(StopReason))
    assert labels.name("OCPP", "MessageDropped") == "MessageDropped"
    assert labels.name("CSMS", "MessageDropped") == labels.UNKNOWN_ACTION


@given(st.text(alphabet=st.characters(), max_size=100))
def test_a_profile_can_be_written_and_is_short(told: str) -> None:
    shown = labels.profile(told)
    assert shown.isprintable()
    assert len(shown.encode()) <= 4 * 64


def test_profiles_are_told_by_their_names() -> None:
    assert [labels.profile(name) for name in ("night-bus", "Straße 7", "", "a\nb", "\ud800")] == [
        "night-bus",
        "Straße 7",
        "other",
        "a?b",
        "?",
    ]
