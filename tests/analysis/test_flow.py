from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.axis import axis_over
from evsim_locust.analysis.flow import Flow

AXIS = axis_over(1000, 1097)
PIECES = st.lists(st.tuples(st.integers(900, 1200), st.integers(0, 150), st.integers(0, 1000)), max_size=8)


@given(PIECES)
def test_means_are_those_of_adding_second_by_second(pieces: list[tuple[int, int, int]]) -> None:
    flow = Flow(AXIS)
    brute = [0.0] * AXIS.bins
    for start_s, length_s, rate in pieces:
        flow.add(AXIS.place(start_s), AXIS.place(start_s + length_s), rate)
        for second in range(max(start_s, 1000), min(start_s + length_s, 1097)):
            brute[AXIS.index(second)] += rate
    expected = [total / length_s for total, length_s in zip(brute, AXIS.lengths_s(), strict=True)]
    assert flow.means() == pytest.approx(expected, abs=1e-6)


def test_what_begins_within_a_bin_fills_its_part() -> None:
    axis = axis_over(0, 600)
    flow = Flow(axis)
    flow.add(axis.place(5), axis.place(20), 2.0)
    assert flow.means()[:3] == [1.0, 2.0, 0.0]
