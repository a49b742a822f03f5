from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.axis import axis_over

SPANS = st.floats(0, 1e9)
STARTS = st.floats(0, 4e9)


@given(STARTS, SPANS)
def test_a_run_is_cut_into_a_few_bins_without_slivers(start_s: float, span_s: float) -> None:
    axis = axis_over(start_s, start_s + span_s)
    lengths = axis.lengths_s()
    assert 1 <= axis.bins == len(lengths) <= 61
    assert sum(lengths) == pytest.approx(axis.span_s)
    assert all(length == pytest.approx(axis.width_s) for length in lengths[:-1])
    if axis.bins > 1:
        assert 0.499 * axis.width_s <= lengths[-1] <= 1.501 * axis.width_s


@given(STARTS, SPANS, st.floats(0, 1))
def test_each_moment_of_the_run_lies_in_its_bin(start_s: float, span_s: float, share: float) -> None:
    axis = axis_over(start_s, start_s + span_s)
    at_s = axis.start_s + share * axis.span_s
    n = axis.index(at_s)
    begin = axis.ends_s()[n] - axis.lengths_s()[n]
    assert begin - 1e-3 <= at_s - axis.start_s <= axis.ends_s()[n] + 1e-3


def test_what_lies_outside_counts_at_the_edge() -> None:
    axis = axis_over(1000, 1600)
    assert (axis.index(0), axis.index(99_999)) == (0, axis.bins - 1)


@pytest.mark.parametrize(
    ("span_s", "width_s", "unit"),
    [
        (0.2, 1, "min"),
        (60, 1, "min"),
        (600, 10, "min"),
        (3600, 60, "min"),
        (8 * 3600, 600, "h"),
        (5 * 86_400, 7200, "days"),
    ],
)
def test_bins_have_round_lengths(span_s: float, width_s: int, unit: str) -> None:
    axis = axis_over(0, span_s)
    assert (axis.width_s, axis.unit) == (width_s, unit)


def test_elapsed_time_is_in_the_axis_unit() -> None:
    assert axis_over(100, 700).elapsed(400) == 5
    assert axis_over(0, 36_000).elapsed(7200) == 2
    assert axis_over(0, 1200).middles()[:2] == [0.25, 0.75]
