"""The codec, rule by rule (RFC 6455, section 5)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.protocol import OPEN, SERVER, Protocol

from evsim_locust.transport import frames
from evsim_locust.transport.frames import Close, FrameReader, Ping, Pong, Violation


def frame(payload: bytes, opcode: int = 1, fin: bool = True) -> bytes:
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | opcode])
    if size < 126:
        return head + bytes([size]) + payload
    if size < 1 << 16:
        return head + b"\x7e" + size.to_bytes(2, "big") + payload
    return head + b"\x7f" + size.to_bytes(8, "big") + payload


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536])
def test_a_text_of_every_length_form(size):
    assert FrameReader().feed(frame(b"x" * size)) == ["x" * size]


def test_control_frames_between_fragments_come_first():
    data = frame(b"a", 1, False) + frame(b"p", 9) + frame(b"b", 0, False) + frame(b"q", 10) + frame(b"c", 0)
    assert FrameReader().feed(data) == [Ping(b"p"), Pong(b"q"), "abc"]


def test_a_short_frame_alone_is_judged_by_what_came_before_it():
    """Bytes that are one short text on their own, inside a message and inside a frame."""
    short, reader = frame(b"b"), FrameReader()
    assert reader.feed(short) == ["b"]
    assert reader.feed(frame(b"a", 1, False)) == []
    assert [event.code for event in reader.feed(short)] == [1002]
    around, reader = frame(b"ab" + short), FrameReader()
    assert reader.feed(around[: -len(short)]) == []
    assert [event.code for event in reader.feed(short)] == [1007]  # 0x81 is no UTF-8
    assert reader.feed(short) == []


PIECES = st.one_of(
    st.text(max_size=130).map(lambda text: frame(text.encode())),
    st.binary(max_size=6).map(frame),
    st.builds(frame, st.binary(max_size=3), st.sampled_from([0, 1, 2, 9, 10]), st.booleans()),
    st.binary(max_size=4),
)


@given(st.lists(PIECES, max_size=8))
def test_a_lone_text_is_what_its_single_bytes_would_give(pieces):
    whole, in_bytes = FrameReader(), FrameReader()
    for piece in pieces:
        text = whole.lone_text(piece)
        one_by_one = [event for byte in piece for event in in_bytes.feed(bytes((byte,)))]
        assert (whole.feed(piece) if text is None else [text]) == one_by_one


@pytest.mark.parametrize("size", [0, 1, 125])
def test_a_short_text_alone_is_a_lone_text(size):
    assert FrameReader().lone_text(frame(b"x" * size)) == "x" * size


def test_a_character_may_be_cut_by_a_fragment():
    euro = "€".encode()
    assert FrameReader().feed(frame(euro[:1], 1, False) + frame(euro[1:], 0)) == ["€"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\xc1\x00", 1002, id="rsv1"),
        pytest.param(b"\xa1\x00", 1002, id="rsv2"),
        pytest.param(b"\x91\x00", 1002, id="rsv3"),
        pytest.param(b"\x83\x00", 1002, id="reserved opcode"),
        pytest.param(b"\x8b\x00", 1002, id="reserved control opcode"),
        pytest.param(b"\x81\x81abcdx", 1002, id="masked"),
        pytest.param(b"\x80\x00", 1002, id="continuation of nothing"),
        pytest.param(frame(b"a", 1, False) + frame(b"b"), 1002, id="message inside a message"),
        pytest.param(frame(b"x" * 126, 9), 1002, id="long ping"),
        pytest.param(frame(b"", 9, False), 1002, id="fragmented ping"),
        pytest.param(b"\x81\x7e\x00\x7d", 1002, id="16-bit length for 125"),
        pytest.param(b"\x81\x7f" + (65535).to_bytes(8, "big"), 1002, id="64-bit length for 65535"),
        pytest.param(b"\x81\x7f" + (1 << 63).to_bytes(8, "big"), 1002, id="top bit of 64"),
        pytest.param(frame(b"x", 2), 1003, id="binary"),
        pytest.param(frame(b"\xff"), 1007, id="not UTF-8"),
        pytest.param(frame(b"\xed\xa0\x80"), 1007, id="surrogate"),
        pytest.param(frame(b"\xc3", 1, False) + frame(b"", 0), 1007, id="cut character"),
        pytest.param(frame(b"\x03", 8), 1002, id="close of one byte"),
        pytest.param(frame((1005).to_bytes(2, "big"), 8), 1002, id="close 1005 on the wire"),
        pytest.param(frame((1006).to_bytes(2, "big"), 8), 1002, id="close 1006 on the wire"),
        pytest.param(frame((5000).to_bytes(2, "big"), 8), 1002, id="close 5000"),
        pytest.param(frame(b"\x03\xe8\xff", 8), 1007, id="close reason not UTF-8"),
    ],
)
def test_what_a_server_must_not_send(data, code):
    events = FrameReader().feed(data)
    assert [type(event) for event in events] == [Violation]
    assert events[0].code == code
    assert events[0].reason


def test_a_message_over_the_limit_is_refused_on_its_header():
    header = frame(b"x" * 1001)[:4]
    assert FrameReader(1000).feed(header) == [Violation(1009, "message over 1000 bytes")]
    assert FrameReader(1000).feed(frame(b"x" * 1000)) == ["x" * 1000]


def test_fragments_count_together():
    reader = FrameReader(1000)
    assert reader.feed(frame(b"x" * 600, 1, False)) == []
    assert reader.feed(frame(b"x" * 401, 0)[:4]) == [Violation(1009, "message over 1000 bytes")]


def test_a_close_without_a_body_has_code_1005():
    assert FrameReader().feed(frame(b"", 8)) == [Close(1005, "")]


def test_nothing_counts_after_the_end():
    reader = FrameReader()
    assert reader.feed(frame(b"a") + frame(b"\x03\xf4bye", 8) + frame(b"b")) == ["a", Close(1012, "bye")]
    assert reader.feed(frame(b"c")) == []


def test_texts_before_a_violation_are_kept():
    assert FrameReader().feed(frame(b"a") + b"\xc1\x00")[0] == "a"


def test_a_close_without_a_code_has_no_body():
    assert len(frames.encode_close(frames.NO_STATUS)) == 6


@given(st.text(max_size=300))
def test_close_reasons_are_cut_at_a_character(reason):
    server = Protocol(SERVER, state=OPEN)
    server.receive_data(frames.encode_close(1000, reason))
    assert reason.startswith(server.close_rcvd.reason)


@given(st.lists(st.text(max_size=200), max_size=6), st.lists(st.integers(0, 2000), max_size=8))
def test_texts_survive_every_cut_of_the_stream(texts, cuts):
    stream = b"".join(frame(text.encode()) for text in texts)
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    reader = FrameReader()
    parts = [stream[a:b] for a, b in pairwise(places)]
    assert [event for part in parts for event in reader.feed(part)] == texts


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_raise(data):
    events = FrameReader().feed(data)
    assert not any(isinstance(event, Violation | Close) for event in events[:-1])


@given(st.text(max_size=300))
def test_encoded_frames_are_masked_and_undo_themselves(text):
    data = frames.encode(frames.TEXT, text.encode())
    assert data[1] & 0x80
    start = 2 if data[1] & 0x7F < 126 else 4
    mask, masked = data[start : start + 4], data[start + 4 :]
    assert bytes(byte ^ mask[i % 4] for i, byte in enumerate(masked)) == text.encode()
    assert data[:2] == bytes([0x81, 0x80 | min(len(text.encode()), 126)])
