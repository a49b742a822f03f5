"""Quantiles of the last minute, against all samples remembered one by one."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.metrics.histogram import Histogram, HistogramData
from evsim_locust.metrics.recent import SLICE_S, WINDOW_S, Recent


def data_of(*seconds: float) -> HistogramData:
    histogram = Histogram()
    for one in seconds:
        histogram.record(one)
    return histogram.to_data()


def test_without_times_there_is_no_quantile() -> None:
    recent = Recent()
    assert recent.quantile(0.0, 0.95) is None
    recent.add(0.0, data_of())
    assert recent.quantile(0.0, 0.95) is None


def test_what_was_slow_a_minute_ago_is_forgotten() -> None:
    recent = Recent()
    recent.add(1.0, data_of(2.0))
    recent.add(50.0, data_of(0.005))
    assert recent.quantile(61.0, 0.95) == 2.0
    assert recent.quantile(66.0, 0.95) == 0.005  # exact: the maximum is the slices' own, not that of all times
    assert recent.quantile(200.0, 0.95) is None


def test_a_new_run_begins_with_nothing() -> None:
    recent = Recent()
    recent.add(1.0, data_of(2.0))
    recent.forget()
    assert recent.quantile(1.0, 0.5) is None


STEPS = st.lists(st.tuples(st.floats(0.0, 40.0), st.lists(st.integers(1, 5000), max_size=5)), max_size=30)


@given(STEPS, st.floats(0.0, 80.0), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_it_is_the_quantile_of_the_last_60_to_65_seconds(
    steps: list[tuple[float, list[int]]], wait_s: float, q: float
) -> None:
    recent, now, told = Recent(), 1000.0, []
    for pause_s, milliseconds in steps:
        now += pause_s
        recent.add(now, data_of(*(ms / 1000 for ms in milliseconds)))
        told += [(now, ms / 1000) for ms in milliseconds]
    now += wait_s
    found = recent.quantile(now, q)
    counted = sorted(s for at, s in told if (at // SLICE_S + 1) * SLICE_S > now - WINDOW_S)
    if not counted:
        assert found is None
        return
    assert found == pytest.approx(counted[max(1, ceil(round(q * len(counted), 6))) - 1], rel=1e-3)
    ages = [now - at for at, _ in told]
    assert sum(age < WINDOW_S for age in ages) <= len(counted) <= sum(age <= WINDOW_S + SLICE_S for age in ages)
