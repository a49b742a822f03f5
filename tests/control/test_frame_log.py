"""The last frames of stations that somebody looks at."""

from __future__ import annotations

import pytest

from evsim_locust.control.frame_log import FrameLog, FrameLogs, Record


class Wire:
    """Where frames of one station pass by."""

    def __init__(self) -> None:
        self.record: Record | None = None

    def attach(self, record: Record | None) -> None:
        self.record = record


def test_the_last_twenty_frames_are_kept_in_order() -> None:
    log = FrameLog()
    for number in range(25):
        log.add("sent" if number % 2 else "received", f"[2,{number}]")
    kept = list(log)
    assert kept[0] == ("sent", "[2,5]")
    assert kept[-1] == ("received", "[2,24]")
    assert len(kept) == 20


def test_long_frames_are_cut_and_bytes_are_text() -> None:
    log = FrameLog()
    log.add("sent", "é".encode() * 2001)
    log.add("sent", b"x" * 2000)
    log.add("received", b"\xff")
    assert [text for _, text in log] == ["é" * 2000 + "…", "x" * 2000, "\N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize("key", ["AuthorizationKey", "AUTHORIZATIONKEY", "authorizationkey"])
def test_a_frame_that_may_hold_a_password_is_not_kept(key: str) -> None:
    log = FrameLog()
    secret = "0123456789abcdef"
    log.add("received", f'[2,"1","ChangeConfiguration",{{"key":"{key}","value":"{secret}"}}]')
    ((direction, text),) = log
    assert direction == "received"
    assert secret not in text
    assert "withheld" in text


def test_a_station_is_recorded_from_the_first_look_on() -> None:
    logs, wire = FrameLogs(), Wire()
    assert wire.record is None
    assert list(logs.of("S-1", wire.attach)) == []
    assert wire.record is not None
    wire.record("sent", b"[2]")
    assert list(logs.of("S-1", wire.attach)) == [("sent", "[2]")]


def test_a_station_that_has_ended_is_recorded_no_more_and_its_successor_begins_anew() -> None:
    logs, wire, successor = FrameLogs(), Wire(), Wire()
    logs.of("S-1", wire.attach)
    assert wire.record is not None
    wire.record("sent", b"[2]")
    logs.close("S-1")
    logs.close("S-1")
    assert wire.record is None
    assert list(logs.of("S-1", successor.attach)) == []
    assert successor.record is not None


def test_the_station_that_was_looked_at_longest_ago_makes_room() -> None:
    logs, wires = FrameLogs(most=2), {name: Wire() for name in "ABC"}
    for name in ("A", "B", "A", "C"):
        logs.of(name, wires[name].attach)
    assert {name: wire.record is not None for name, wire in wires.items()} == {"A": True, "B": False, "C": True}
