from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.axis import Axis, axis_over
from evsim_locust.analysis.latency import Point, latencies, typical
from evsim_locust.history.records import LatencyRecord

AXIS = axis_over(1000.0, 1600.0)  # sixty bins of ten seconds


def row(
    end_s: float, action: str = "Heartbeat", calls: int = 10, p95_ms: float | None = 20.0, direction: str = "sent"
) -> LatencyRecord:
    times = (None,) * 4 if p95_ms is None else (p95_ms / 2, p95_ms, p95_ms * 2, p95_ms * 3)
    return LatencyRecord(end_s, 10.0, action, direction, calls, 1, *times)


def points(rows: list[LatencyRecord], axis: Axis = AXIS) -> list[Point | None]:
    (line,) = latencies(rows, axis).lines
    return line.points


def test_an_interval_stands_where_its_middle_is() -> None:
    assert points([row(1030.0, p95_ms=40.0), row(1010.0)]) == [Point(1005.0, 20.0, 60.0), Point(1025.0, 40.0, 120.0)]


def test_a_line_is_broken_where_no_call_was_timed_for_a_while() -> None:
    assert points([row(1010.0), row(1035.0)]) == [Point(1005.0, 20.0, 60.0), Point(1030.0, 20.0, 60.0)]
    assert points([row(1010.0), row(1036.0)])[1] is None
    assert points([row(1010.0), row(1020.0, p95_ms=None), row(1036.0)])[1] is None


def test_intervals_that_are_longer_than_bins_make_one_line() -> None:
    short = axis_over(1000.0, 1030.0)
    assert short.width_s < 10
    found = points([row(1010.0), row(1020.0), row(1030.0)], short)
    assert [point.at_s for point in found if point is not None] == [1005.0, 1015.0, 1025.0]
    assert None not in found


def test_intervals_of_one_bin_give_their_median_by_calls_and_their_longest() -> None:
    rows = [row(1006.0, calls=1, p95_ms=1000.0), row(1008.0, calls=5, p95_ms=20.0), row(1010.0, calls=4, p95_ms=30.0)]
    assert points(rows, axis_over(1000.0, 2000.0)) == [Point(1003.0, 20.0, 3000.0)]


def test_directions_are_apart_and_those_with_most_calls_are_first() -> None:
    found = latencies([row(1010.0, "Reset", 2, direction="received"), row(1010.0, "Reset", 5), row(1020.0, "A")], AXIS)
    assert [(action.name, action.calls) for action in found.actions] == [
        ("A", 10),
        ("Reset", 5),
        ("Reset (received)", 2),
    ]
    assert [line.name for line in found.lines] == ["A", "Reset", "Reset (received)"]
    assert (found.calls, found.intervals) == (17, 3)


def test_what_was_not_timed_is_counted_and_not_drawn() -> None:
    found = latencies([row(1010.0, "Reset", p95_ms=None)], AXIS)
    assert (found.lines, found.calls) == ([], 10)
    (action,) = found.actions
    assert (action.failures, action.p50_ms, action.max_ms) == (1, None, None)


def test_actions_beyond_seven_share_a_line() -> None:
    rows = [row(1010.0, f"Action{n}", calls=100 - n, p95_ms=float(n)) for n in range(9)]
    found = latencies(rows, AXIS)
    assert [line.name for line in found.lines] == [*(f"Action{n}" for n in range(6)), "(3 others)"]
    assert found.lines[-1].points == [Point(1005.0, 7.0, 24.0)]
    assert len(found.actions) == 9
    assert len(latencies(rows[:7], AXIS).lines) == 7


def test_nothing_gives_nothing() -> None:
    found = latencies([], AXIS)
    assert (found.lines, found.actions, found.calls, found.intervals) == ([], [], 0, 0)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(1, 50)), min_size=1, max_size=20))
def test_the_median_is_that_of_the_calls_written_out(values: list[tuple[float, int]]) -> None:
    calls = sorted(value for value, weight in values for _ in range(weight))
    assert typical(values) == calls[(len(calls) - 1) // 2]


def test_a_median_needs_figures() -> None:
    assert typical([(None, 5), (3.0, 0)]) is None
    assert typical([(None, 50), (3.0, 1)]) == 3.0


@given(
    st.lists(
        st.builds(
            row,
            st.floats(900, 1700),
            st.sampled_from([f"Action{n}" for n in range(12)]),
            st.integers(1, 1000),
            st.none() | st.floats(0.001, 1e6),
            st.sampled_from(("sent", "received")),
        ),
        max_size=40,
    )
)
def test_no_call_is_lost_and_every_timed_one_is_drawn(rows: list[LatencyRecord]) -> None:
    found = latencies(rows, AXIS)
    assert found.calls == sum(one.calls for one in rows) == sum(action.calls for action in found.actions)
    assert len(found.lines) <= 7
    longest = [point.max_ms for line in found.lines for point in line.points if point is not None]
    assert max(longest, default=None) == max((one.max_ms for one in rows if one.max_ms is not None), default=None)
    counts = [action.calls for action in found.actions]
    assert all(a >= b for a, b in pairwise(counts))
