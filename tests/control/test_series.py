"""The series: numbered, bounded, and never the same point twice to one who asks for what is new."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.series import KEPT, Excerpt, Point, Series


def point(at_s: float) -> Point:
    return Point(at_s, 7.4, 1.5, None, 3)


def times(excerpt: Excerpt) -> list[float]:
    return [one.at_s for one in excerpt.points]


def test_only_what_is_new() -> None:
    series = Series(map(point, range(5)))
    assert times(series.after(0)) == [0, 1, 2, 3, 4]
    assert times(series.after(3)) == [3, 4]
    assert times(series.after(5)) == []
    assert series.after(5).last == series.last == 5


def test_a_number_that_was_never_reached_is_another_process_s() -> None:
    assert times(Series(map(point, range(3))).after(4)) == [0, 1, 2]


def test_beyond_the_bound_the_oldest_are_gone() -> None:
    series = Series(map(point, range(KEPT + 10)))
    assert times(series.after(0)) == list(range(10, KEPT + 10))
    assert times(series.after(5)) == list(range(10, KEPT + 10))  # a tab that slept gets all there are
    assert times(series.after(KEPT + 8)) == [KEPT + 8, KEPT + 9]


def test_a_new_run_goes_on_counting_and_its_time_falls_back() -> None:
    series = Series(map(point, (2, 4, 6)))
    series.begin()
    series.add(point(2))
    assert series.last == 5
    assert times(series.after(3)) == times(series.after(1)) == times(series.after(0)) == [0, 2]
    assert series.after(3).points[0] == Point(0.0, 0.0, 0.0, None, 0)


def test_a_point_travels_as_a_list() -> None:
    excerpt = Series([Point(2.0, 7.4, 1.5, None, 3)]).after(0)
    assert msgspec.to_builtins(excerpt) == {"period_s": 2.0, "last": 1, "points": [[2.0, 7.4, 1.5, None, 3]]}


@given(st.lists(st.one_of(st.integers(0, 400), st.just("begin")), max_size=8), st.data())
def test_who_asks_in_turn_has_what_is_kept(steps: list[int | str], data: st.DataObject) -> None:
    """A reader that keeps what it gets, and begins anew when time falls, has the same points as the series."""
    series, added, seen, kept = Series(), 0, 0, []
    for step in steps:
        if step == "begin":
            series.begin()
            run = [0.0]
        else:
            run = [added + number + 1.0 for number in range(int(step))]
            added += int(step)
            for at_s in run:
                series.add(point(at_s))
        if data.draw(st.booleans()):
            got = series.after(seen)
            fresh = times(got)
            if fresh and kept and fresh[0] <= kept[-1]:
                kept = []
            kept, seen = (kept + fresh)[-KEPT:], got.last
            assert kept == times(series.after(0))
