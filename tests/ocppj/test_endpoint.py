"""The endpoint, one situation at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evsim_locust.ocppj.endpoint import Endpoint
from evsim_locust.ocppj.errors import ErrorCode
from evsim_locust.ocppj.events import TIMEOUT, CallEnded, CallReceived, CallRefused, Event, FrameIgnored
from evsim_locust.ocppj.v16 import V16, messages

HEARTBEAT = messages.Heartbeat()
NOON = messages.HeartbeatResponse(current_time="2026-11-22T12:00:00Z")
NOON_TEXT = '{"currentTime":"2026-11-22T12:00:00Z"}'
NEVER = float("inf")


def station() -> Endpoint:
    return Endpoint(V16, "s-", timeout_s=30.0)


def central_system() -> Endpoint:
    return Endpoint(V16, "c-", timeout_s=30.0, answers_unreadable=True)


def sent(endpoint: Endpoint) -> list[list[Any]]:
    return [json.loads(text) for text in endpoint.take_outbox()]


def said(endpoint: Endpoint) -> list[Event]:
    return list(endpoint.take_events())


def calling(*tokens: str) -> Endpoint:
    """A station with a Heartbeat in flight since 100.0 and others waiting, its outbox taken."""
    endpoint = station()
    for token in tokens or ("first",):
        endpoint.call(HEARTBEAT, 100.0, token)
    assert sent(endpoint) == [[2, "s-1", "Heartbeat", {}]]
    return endpoint


# ---- our CALLs


def test_a_new_endpoint_has_nothing_to_say() -> None:
    endpoint = station()
    assert endpoint.idle
    assert endpoint.next_deadline() == NEVER
    assert (endpoint.take_outbox(), endpoint.take_events()) == ((), ())


def test_a_call_is_sent_at_once_and_ends_with_the_typed_answer() -> None:
    endpoint = calling()
    assert not endpoint.idle
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 100.25)
    size = len(f'[3,"s-1",{NOON_TEXT}]')
    assert said(endpoint) == [CallEnded("Heartbeat", HEARTBEAT, NOON, None, "", 0.25, size, "first")]
    assert endpoint.idle
    assert endpoint.next_deadline() == NEVER


def test_later_calls_wait_in_order() -> None:
    endpoint = calling("first", "second", "third")
    for number, token in enumerate(("first", "second", "third"), start=1):
        assert sent(endpoint) == ([] if number == 1 else [[2, f"s-{number}", "Heartbeat", {}]])
        endpoint.receive(f'[3,"s-{number}",{NOON_TEXT}]', 100.0 + number)
        assert [event.token for event in said(endpoint) if isinstance(event, CallEnded)] == [token]
    assert endpoint.idle


def test_a_waiting_call_is_timed_from_when_it_is_sent() -> None:
    endpoint = calling("first", "second")
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 120.0)
    assert endpoint.next_deadline() == 150.0
    endpoint.receive(f'[3,"s-2",{NOON_TEXT}]', 121.5)
    assert [event.latency_s for event in said(endpoint) if isinstance(event, CallEnded)] == [20.0, 1.5]


def test_the_peers_error_ends_the_call_as_its_verdict() -> None:
    endpoint = calling()
    endpoint.receive('[4,"s-1","InternalError","out of memory",{"at":1}]', 101.0)
    (ended,) = said(endpoint)
    assert isinstance(ended, CallEnded)
    assert (ended.answer, ended.error, ended.description, ended.by_peer) == (
        None,
        "InternalError",
        "out of memory",
        True,
    )


def test_the_peers_error_is_bounded() -> None:
    endpoint = calling()
    endpoint.receive(json.dumps([4, "s-1", "x" * 1000, "y" * 100_000, {}]), 101.0)
    (ended,) = said(endpoint)
    assert isinstance(ended, CallEnded)
    assert (ended.error, ended.description) == ("UnknownErrorCode", "y" * 255)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('[3,"s-1",{}]', "OccurenceConstraintViolation"),
        ('[3,"s-1",{"currentTime":5}]', "TypeConstraintViolation"),
        ('[3,"s-1",null]', "TypeConstraintViolation"),
        ('[3,"s-1",{"currentTime":"","more":1}]', "FormationViolation"),
        ('[3,"s-1"]', "FormationViolation"),
        (f'[3,"s-1",{NOON_TEXT},0]', "FormationViolation"),
        ('[4,"s-1","InternalError"]', "FormationViolation"),
        ('[4,"s-1","InternalError","",null]', "FormationViolation"),
    ],
)
def test_a_broken_answer_ends_the_call_by_our_own_verdict(text: str, error: str) -> None:
    endpoint = calling("first", "second")
    endpoint.receive(text, 101.0)
    (ended,) = said(endpoint)
    assert isinstance(ended, CallEnded)
    assert (ended.answer, ended.error, ended.by_peer, ended.size) == (None, error, False, len(text))
    assert ended.description
    assert sent(endpoint) == [[2, "s-2", "Heartbeat", {}]]


# ---- time


def test_an_answer_just_before_the_deadline_counts() -> None:
    endpoint = calling()
    assert endpoint.next_deadline() == 130.0
    endpoint.wake(129.999)
    assert said(endpoint) == []
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 129.999)
    endpoint.wake(130.0)
    (ended,) = said(endpoint)
    assert isinstance(ended, CallEnded)
    assert ended.answer == NOON


def test_an_answer_just_after_the_deadline_is_late() -> None:
    endpoint = calling("first", "second")
    endpoint.wake(130.0)
    assert sent(endpoint) == [[2, "s-2", "Heartbeat", {}]]
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 130.001)
    ended, ignored = said(endpoint)
    assert isinstance(ended, CallEnded)
    assert (ended.answer, ended.error, ended.latency_s, ended.token) == (None, TIMEOUT, 30.0, "first")
    assert ended.description == "no answer in 30 s"
    assert ignored == FrameIgnored("LateAnswer", "s-1")
    assert endpoint.next_deadline() == 160.0


def test_an_answer_read_before_anyone_looked_at_the_clock_counts() -> None:
    """Who was asleep reads what arrived before it declares a time-out: the answer is better than none."""
    endpoint = calling()
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 131.0)
    endpoint.wake(131.0)
    (ended,) = said(endpoint)
    assert isinstance(ended, CallEnded)
    assert (ended.error, ended.latency_s) == (None, 31.0)


def test_each_call_of_a_silent_peer_has_its_own_deadline() -> None:
    endpoint = calling("first", "second", "third")
    for now in (130.0, 160.0, 190.0):
        assert endpoint.next_deadline() == now
        endpoint.wake(now)
    assert [event.token for event in said(endpoint) if isinstance(event, CallEnded)] == ["first", "second", "third"]
    assert (endpoint.idle, endpoint.next_deadline()) == (True, NEVER)


def test_waking_an_idle_endpoint_changes_nothing() -> None:
    endpoint = station()
    endpoint.wake(1e9)
    assert (endpoint.take_outbox(), endpoint.take_events(), endpoint.idle) == ((), (), True)


# ---- answers that belong to nothing


def test_a_second_answer_is_a_duplicate() -> None:
    endpoint = calling()
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 101.0)
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 101.0)
    endpoint.receive('[4,"s-1","GenericError","",{}]', 101.0)
    assert said(endpoint)[1:] == [FrameIgnored("DuplicateAnswer", "s-1")] * 2


def test_a_late_answer_is_late_once() -> None:
    endpoint = calling()
    endpoint.wake(130.0)
    endpoint.receive('[4,"s-1","GenericError","",{}]', 131.0)
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 131.0)
    assert said(endpoint)[1:] == [FrameIgnored("LateAnswer", "s-1"), FrameIgnored("DuplicateAnswer", "s-1")]


@pytest.mark.parametrize(
    "unique_id", ["s-2", "s-0", "s-01", "s-", "1", "s-x", "s--1", "c-1", "s-١", "", "s-" + "1" * 34]
)
def test_an_answer_to_what_was_never_asked_is_unknown(unique_id: str) -> None:
    endpoint = calling()
    endpoint.receive(json.dumps([3, unique_id, {}]), 101.0)
    assert said(endpoint) == [FrameIgnored("UnknownAnswer", unique_id)]
    assert not endpoint.idle


def test_the_memory_for_late_answers_is_bounded() -> None:
    endpoint = station()
    for number in range(100):
        endpoint.call(HEARTBEAT, number * 30.0)
        endpoint.wake(number * 30.0 + 30.0)
    endpoint.take_events()
    endpoint.receive('[3,"s-100",{}]', 3000.0)
    endpoint.receive('[3,"s-1",{}]', 3000.0)
    assert said(endpoint) == [FrameIgnored("LateAnswer", "s-100"), FrameIgnored("DuplicateAnswer", "s-1")]


# ---- the peer's CALLs


def test_a_call_is_handed_over_and_answered() -> None:
    endpoint = station()
    endpoint.receive('[2,"x","Reset",{"type":"Hard"}]', 1.0)
    assert said(endpoint) == [CallReceived("x", "Reset", messages.Reset(type="Hard"))]
    assert sent(endpoint) == []
    endpoint.answer("x", messages.ResetResponse(status="Accepted"))
    assert sent(endpoint) == [[3, "x", {"status": "Accepted"}]]


def test_a_call_may_be_refused() -> None:
    endpoint = station()
    endpoint.receive('[2,"x","Reset",{"type":"Hard"}]', 1.0)
    endpoint.refuse("x", ErrorCode.NOT_SUPPORTED, "not today")
    assert sent(endpoint) == [[4, "x", "NotSupported", "not today", {}]]


def test_a_call_may_cross_a_pending_one_of_ours() -> None:
    endpoint = calling()
    endpoint.receive('[2,"s-1","Reset",{"type":"Soft"}]', 101.0)
    assert said(endpoint) == [CallReceived("s-1", "Reset", messages.Reset(type="Soft"))]
    endpoint.answer("s-1", messages.ResetResponse(status="Accepted"))
    assert sent(endpoint) == [[3, "s-1", {"status": "Accepted"}]]
    assert not endpoint.idle
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 102.0)
    assert endpoint.idle


@pytest.mark.parametrize(
    ("text", "action", "code"),
    [
        ('[2,"x","Explode",{}]', "UnknownAction", "NotImplemented"),
        ('[2,"x","Reset",{}]', "Reset", "OccurenceConstraintViolation"),
        ('[2,"x","Reset",{"type":"Gentle"}]', "Reset", "PropertyConstraintViolation"),
        ('[2,"x","Reset",null]', "Reset", "TypeConstraintViolation"),
    ],
)
def test_a_bad_call_is_answered_here(text: str, action: str, code: str) -> None:
    endpoint = station()
    endpoint.receive(text, 1.0)
    (refused,) = said(endpoint)
    assert isinstance(refused, CallRefused)
    assert (refused.action, refused.code) == (action, code)
    assert sent(endpoint) == [[4, "x", code, refused.description, {}]]


# ---- texts that are no frames


@pytest.mark.parametrize(
    ("text", "to_station", "to_central"),
    [
        ("hello", None, "-1"),
        ("[]", None, "-1"),
        ('["2","x","Reset",{}]', None, "-1"),
        ('[2,5,"Reset",{}]', None, "-1"),
        ("[2]", None, "-1"),
        ('[2,"x","Reset"]', "x", "x"),
        ('[2,"x","Reset",{},0]', "x", "x"),
        ('[2,"x",null,{}]', "x", "x"),
        (f'[2,"{"y" * 37}","Reset",{{}}]', "y" * 37, "y" * 37),
        ('[3,"x"]', None, None),
        ("[3,5,{}]", None, None),
        ('[4,"x","GenericError"]', None, None),
    ],
)
def test_a_malformed_frame_is_answered_as_far_as_it_can_be_read(
    text: str, to_station: str | None, to_central: str | None
) -> None:
    for endpoint, unique_id in ((station(), to_station), (central_system(), to_central)):
        endpoint.receive(text, 1.0)
        (ignored,) = said(endpoint)
        assert isinstance(ignored, FrameIgnored)
        assert ignored.kind == "MalformedFrame"
        wanted = [] if unique_id is None else [[4, unique_id, "FormationViolation", ignored.detail, {}]]
        assert sent(endpoint) == wanted


@pytest.mark.parametrize("text", ['[5,"x",{}]', "[0]", '[-3,"x"]', f"[{'9' * 30}]"])
def test_unknown_message_types_are_ignored(text: str) -> None:
    for endpoint in (station(), central_system()):
        endpoint.receive(text, 1.0)
        assert [event.kind for event in said(endpoint) if isinstance(event, FrameIgnored)] == ["UnknownMessageType"]
        assert sent(endpoint) == []


def test_two_endpoints_do_not_answer_each_others_complaints_for_ever() -> None:
    ours, theirs = station(), central_system()
    theirs.receive("garbage", 1.0)
    for _ in range(3):
        for sender, receiver in ((theirs, ours), (ours, theirs)):
            for text in sender.take_outbox():
                receiver.receive(text, 1.0)
    assert (ours.take_outbox(), theirs.take_outbox()) == ((), ())
    assert said(ours) == [FrameIgnored("UnknownAnswer", "-1")]


@pytest.mark.parametrize("text", ["garbage", '[3,"s-2",{}]', '[5,"s-1"]', '[2,"x","Explode",{}]', '[3,"s-2"]'])
def test_garbage_does_not_touch_the_call_in_flight(text: str) -> None:
    endpoint = calling()
    endpoint.receive(text, 101.0)
    endpoint.take_events()
    assert (endpoint.idle, endpoint.next_deadline()) == (False, 130.0)


parts = st.sampled_from(
    [
        2,
        3,
        4,
        5,
        "s-1",
        "s-2",
        "x" * 37,
        "Heartbeat",
        "SetChargingProfile",
        "InternalError",
        None,
        [],
        1e30,
        {},
        {"a": 1},
    ]
)
PROFILE = (
    '[2,"x","SetChargingProfile",{"connectorId":1,"csChargingProfiles":{"chargingProfileId":1,"stackLevel":0,'
    '"chargingProfilePurpose":"TxProfile","chargingProfileKind":"Absolute","chargingSchedule":{"chargingRateUnit":"A",'
    '"chargingSchedulePeriod":[{"startPeriod":0,"limit":%s}]}}}]'
)


@given(st.text() | st.binary() | st.lists(parts, max_size=6).map(json.dumps))
@example(b'[2,"x","Authorize",{"idTag":"\xff"}]')
@example(PROFILE % "1e30")
@example(PROFILE % ("9" * 400))
@example('[2,"x","Authorize",{"idTag":' + "[" * 960 + "]" * 960 + "}]")
def test_whatever_arrives_is_told_in_one_event_and_answered_at_most_once(text: str | bytes) -> None:
    endpoint = calling()
    endpoint.receive(text, 101.0)
    assert len(said(endpoint)) == 1
    assert len(sent(endpoint)) <= 1


# ---- the connection


def test_the_end_of_the_connection_ends_all_calls_in_order() -> None:
    endpoint = calling("first", "second", "third")
    endpoint.disconnected(105.0, "1006")
    ended = [event for event in said(endpoint) if isinstance(event, CallEnded)]
    assert [(event.token, event.error, event.latency_s) for event in ended] == [
        ("first", "1006", 5.0),
        ("second", "1006", None),
        ("third", "1006", None),
    ]
    assert (endpoint.idle, endpoint.next_deadline(), sent(endpoint)) == (True, NEVER, [])


def test_what_was_not_sent_yet_dies_with_its_connection() -> None:
    endpoint = station()
    endpoint.receive('[2,"x","Explode",{}]', 1.0)
    endpoint.disconnected(1.0, "1006")
    assert sent(endpoint) == []


def test_an_answer_that_arrives_on_the_next_connection_is_late() -> None:
    endpoint = calling()
    endpoint.disconnected(105.0, "1006")
    endpoint.call(HEARTBEAT, 110.0, "next")
    endpoint.receive(f'[3,"s-1",{NOON_TEXT}]', 111.0)
    assert said(endpoint)[1:] == [FrameIgnored("LateAnswer", "s-1")]
    assert sent(endpoint) == [[2, "s-2", "Heartbeat", {}]]
    assert not endpoint.idle
