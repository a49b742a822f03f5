"""Frames: what is written can be read, and whatever is read is a frame or `FrameRefused`."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evsim_locust.ocppj import frames
from evsim_locust.ocppj.errors import FrameRefused
from evsim_locust.ocppj.frames import Call, CallError, CallResult, Frame

ids = st.text(max_size=36)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=8), json_values, max_size=4)


def refusal(text: str | bytes) -> FrameRefused:
    with pytest.raises(FrameRefused) as refused:
        frames.decode(text)
    return refused.value


@given(ids, st.text(max_size=50), objects)
def test_a_call_comes_back_as_it_was_sent(unique_id: str, action: str, payload: dict[str, Any]) -> None:
    frame = frames.decode(frames.encode_call(unique_id, action, payload))
    assert isinstance(frame, Call)
    assert (frame.unique_id, frame.action, json.loads(bytes(frame.payload))) == (unique_id, action, payload)


@given(ids, objects)
def test_a_result_comes_back_as_it_was_sent(unique_id: str, payload: dict[str, Any]) -> None:
    frame = frames.decode(frames.encode_result(unique_id, payload))
    assert isinstance(frame, CallResult)
    assert (frame.unique_id, json.loads(bytes(frame.payload))) == (unique_id, payload)


@given(ids, st.text(max_size=30), st.text(min_size=200, max_size=300))
def test_an_error_comes_back_with_at_most_255_characters(unique_id: str, code: str, description: str) -> None:
    frame = frames.decode(frames.encode_error(unique_id, code, description))
    assert frame == CallError(unique_id, code, description[:255], {})


def test_the_notation_on_the_wire() -> None:
    assert frames.encode_call("a-1", "Heartbeat", {}) == b'[2,"a-1","Heartbeat",{}]'
    assert frames.encode_result("a-1", {}) == b'[3,"a-1",{}]'
    assert frames.encode_error("a-1", "InternalError", "oops") == b'[4,"a-1","InternalError","oops",{}]'


@pytest.mark.parametrize("text", [' [ 2 , "a" , "Heartbeat" , { } ]\r\n', b'[2,"a","Heartbeat",{}]'])
def test_white_space_and_bytes_are_fine(text: str | bytes) -> None:
    assert isinstance(frames.decode(text), Call)


def test_the_payload_is_left_unread() -> None:
    frame = frames.decode('[2,"a","Heartbeat", [ 1.50, {"x":null} ] ]')
    assert isinstance(frame, Call)
    assert bytes(frame.payload) == b'[ 1.50, {"x":null} ]'


@pytest.mark.parametrize(
    ("text", "message_type", "unique_id"),
    [
        ("", None, None),
        ("hello", None, None),
        ("null", None, None),
        ("{}", None, None),
        ('"[2]"', None, None),
        ("[]", None, None),
        ("[2]", 2, None),
        ('[2,"a"]', 2, "a"),
        ('[2,"a","Heartbeat"]', 2, "a"),
        ('[2,"a","Heartbeat",{},1]', 2, "a"),
        ('[2,"a",5,{}]', 2, "a"),
        ('[2,"a",null,{}]', 2, "a"),
        ('[2,5,"Heartbeat",{}]', 2, None),
        ('[2,null,"Heartbeat",{}]', 2, None),
        (f'[2,"{"x" * 37}","Heartbeat",{{}}]', 2, "x" * 37),
        ('[3,"a"]', 3, "a"),
        ('[3,"a",{},{}]', 3, "a"),
        ("[3,{},{}]", 3, None),
        ('[4,"a"]', 4, "a"),
        ('[4,"a","InternalError","no details"]', 4, "a"),
        ('[4,"a","InternalError","",null]', 4, "a"),
        ('[4,"a","InternalError","",[]]', 4, "a"),
        ('[4,"a","InternalError",null,{}]', 4, "a"),
        ('[4,"a",13,"",{}]', 4, "a"),
        ('[4,"a","InternalError","",{},0]', 4, "a"),
        ('[5,"a",{}]', 5, "a"),
        ('[-1,"a",{}]', -1, "a"),
        ('["2","a","Heartbeat",{}]', None, "a"),
        ('[2.0,"a","Heartbeat",{}]', None, "a"),
        ('[true,"a","Heartbeat",{}]', None, "a"),
        ('[null,"a","Heartbeat",{}]', None, "a"),
        ('[[2],"a","Heartbeat",{}]', None, "a"),
        ('[2,"a","Heartbeat",{}', None, None),
        ('[2,"a","Heartbeat",{}] [3]', None, None),
        ('[2,"a","Heartbeat",{"x":NaN}]', None, None),
        ('[2,"a","Heartbeat",{x:1}]', None, None),
        ("[2,'a','Heartbeat',{}]", None, None),
        ('\ufeff[2,"a","Heartbeat",{}]', None, None),
    ],
)
def test_of_a_malformed_frame_is_kept_what_could_be_read(
    text: str, message_type: int | None, unique_id: str | None
) -> None:
    refused = refusal(text)
    assert (refused.message_type, refused.unique_id) == (message_type, unique_id)
    assert refused.detail
    assert str(refused) == refused.detail


MEGABYTE = 1 << 20
HOSTILE: dict[str, str | bytes] = {
    "half a surrogate pair, escaped": '[2,"\\ud800","Heartbeat",{}]',
    "half a surrogate pair, raw": '[2,"\ud800","Heartbeat",{}]',
    "not UTF-8 in the id": b'[2,"\xff","Heartbeat",{}]',
    "not UTF-8 in the action": b'[2,"a","\xff",{}]',
    "not UTF-8 in the error's details": b'[4,"a","InternalError","",{"\xff":1}]',
    "a NUL": b'[2,"\0","Heartbeat",{}]',
    "deep arrays": "[" * 100_000,
    "deep arrays, closed": "[" * 100_000 + "]" * 100_000,
    "deep details": '[4,"a","InternalError","",{"a":' + "[" * 100_000 + "]" * 100_000 + "}]",
    "a huge message type": f'[{"9" * 100_000},"a",{{}}]',
    "a huge float": '[1e999,"a",{}]',
    "a huge number in the details": f'[4,"a","InternalError","",{{"a":{"9" * 5000}}}]',
    "an infinite number in the details": '[4,"a","InternalError","",{"a":-Infinity}]',
    "a megabyte of blanks": " " * MEGABYTE,
    "a megabyte of id": f'[3,"{"x" * MEGABYTE}",{{}}]',
    "a megabyte of digits": "1" * MEGABYTE,
    "a megabyte of zero bytes": b"\0" * MEGABYTE,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_texts_are_refused_in_few_words(what: str) -> None:
    assert 0 < len(refusal(HOSTILE[what]).detail) < 200


def test_what_only_looks_hostile_is_read() -> None:
    assert isinstance(frames.decode(f'[2,"a","DataTransfer",{{"data":"{"x" * MEGABYTE}"}}]'), Call)
    assert isinstance(frames.decode(f'[2,"a","DataTransfer",{"[" * 500}{"]" * 500}]'), Call)
    assert frames.decode('[3,"\\ud83d\\ude00",{}]') == CallResult("\U0001f600", msgspec.Raw(b"{}"))


def frame_or_refusal(text: str | bytes) -> Frame | FrameRefused:
    try:
        return frames.decode(text)
    except FrameRefused as refused:
        return refused


@given(st.text() | st.binary() | json_values.map(json.dumps))
@example("[" * 990 + "]" * 990)
def test_no_text_makes_it_fail_otherwise(text: str | bytes) -> None:
    outcome = frame_or_refusal(text)
    if isinstance(outcome, FrameRefused):
        assert outcome.detail
    else:
        assert isinstance(outcome, (Call, CallResult, CallError))
        assert len(outcome.unique_id) <= 36


almost_frames = st.lists(
    st.sampled_from([2, 3, 4, 5, "a", "x" * 37, "Heartbeat", "InternalError", None, {}, {"a": 1}, [], True, 1.0]),
    max_size=6,
)


@given(almost_frames)
def test_a_frame_is_read_exactly_when_its_shape_is_right(parts: list[Any]) -> None:
    def short(value: Any) -> bool:
        return isinstance(value, str) and len(value) <= 36

    match parts:
        case [2, unique_id, str(), _] | [3, unique_id, _] | [4, unique_id, str(), str(), dict()]:
            good = short(unique_id)
        case _:
            good = False
    if good:
        assert frames.decode(json.dumps(parts)).unique_id == parts[1]
    else:
        refused = refusal(json.dumps(parts))
        assert refused.unique_id == (parts[1] if len(parts) > 1 and isinstance(parts[1], str) else None)
