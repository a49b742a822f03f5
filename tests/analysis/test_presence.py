from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.axis import axis_over
from evsim_locust.analysis.presence import Presence, Sampled
from evsim_locust.analysis.rows import PresenceRow, SampledRow

AXIS = axis_over(0, 60)


def test_stations_come_and_go() -> None:
    presence = Presence(AXIS)
    for row in [
        PresenceRow(1, "A", True),
        PresenceRow(2, "B", True),
        PresenceRow(3, "A", True),  # booted again
        PresenceRow(4, "B", False),
        PresenceRow(5, "C", False),  # was never seen
    ]:
        presence.add(row)
    assert presence.counts()[:6] == [0, 1, 2, 2, 1, 1]
    assert presence.rows == 5


@given(st.lists(st.tuples(st.integers(0, 59), st.sampled_from("ABC"), st.booleans()), max_size=30))
def test_the_last_count_is_of_those_whose_last_line_was_a_boot(lines: list[tuple[int, str, bool]]) -> None:
    presence, last = Presence(AXIS), {}
    for at_s, station, came in sorted(lines, key=lambda line: line[0]):
        presence.add(PresenceRow(at_s, station, came))
        last[station] = came
    assert presence.counts()[-1] == sum(last.values())
    assert all(0 <= count <= 3 for count in presence.counts())


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ABCDE")), max_size=60))
def test_samples_count_each_station_once_a_slot(rows: list[tuple[int, str]]) -> None:
    sampled = Sampled(60)
    for slot, station in rows:
        sampled.add(SampledRow(slot * 60.0, station))
    slots = [slot for slot, _ in rows]
    every = range(min(slots), max(slots) + 1) if slots else range(0)
    expected = [(slot * 60 + 30, len({station for at, station in rows if at == slot})) for slot in every]
    assert sampled.counts() == expected
    assert sampled.samples == len(set(rows))
