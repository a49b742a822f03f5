"""The ring of frames: bounded in number and in bytes, read from a number on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from csms.messages import MessageLog


def _filled(count, **limits):
    log = MessageLog(**limits)
    for n in range(1, count + 1):
        log.add(float(n), f"CP{n % 2}", "in", f"text {n}".encode())
    return log


def _numbers(rows):
    return [row["n"] for row in rows]


def test_the_oldest_make_room():
    rows = _filled(25, max_frames=10).rows()
    assert _numbers(rows) == list(range(16, 26))
    assert rows[0]["frame"] == "text 16"


@given(
    total=st.integers(0, 30),
    kept=st.integers(1, 12),
    after=st.integers(0, 40),
    limit=st.none() | st.integers(1, 40),
    station=st.sampled_from([None, "CP0", "CP1", "CP7"]),
)
def test_reading_on_from_a_number_is_a_slice_of_everything(total, kept, after, limit, station):
    everything = range(max(1, total - kept + 1), total + 1)
    wanted = [n for n in everything if n > after and station in (None, f"CP{n % 2}")]
    assert _numbers(_filled(total, max_frames=kept).rows(station, after, limit)) == wanted[:limit]


def test_a_reader_who_goes_on_from_the_last_number_misses_nothing_and_sees_nothing_twice():
    log, seen, after = MessageLog(), [], 0
    for n in range(30):
        log.add(0.0, "CP1", "in", str(n))
        rows = log.rows(after=after, limit=1 + n % 3)
        seen += [row["frame"] for row in rows]
        after = rows[-1]["n"] if rows else after
    assert seen == [str(n) for n in range(30)]


def test_large_texts_share_their_room_and_are_cut_when_it_is_gone():
    log = MessageLog(max_large=20_000)
    for letter in "abc":
        log.add(0.0, "CP1", "in", letter * 9_000)
    assert [(row["frame"][0], len(row["frame"])) for row in log.rows()] == [("a", 4096), ("b", 9_000), ("c", 9_000)]


def test_small_texts_are_never_cut():
    log = MessageLog(max_large=1)
    log.add(0.0, "CP1", "in", "x" * 4096)
    assert len(log.rows()[0]["frame"]) == 4096


def test_bytes_that_are_no_utf8_can_be_shown():
    log = MessageLog()
    log.add(0.0, "CP1", "in", b"\xff[")
    assert log.rows() == [
        {"n": 1, "time": "1970-01-01T00:00:00.000Z", "station_id": "CP1", "direction": "in", "frame": "\ufffd["}
    ]
