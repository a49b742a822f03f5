"""Quantiles are within 0.1 %, bounds are exact, and parts make the whole."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evsim_locust.metrics.collector import BOUNDS_S
from evsim_locust.metrics.histogram import BUCKETS, Histogram, HistogramData

HOUR = 3600.0
nanoseconds = st.integers(0, 4_000_000_000_000) | st.builds(
    lambda digits, exponent, off: max(0, digits * 10**exponent + off),
    st.integers(1, 9999),
    st.integers(0, 9),
    st.integers(-1, 1),
)
times = nanoseconds.map(lambda ns: ns / 1e9)
within_range = st.floats(1e-6, HOUR) | st.integers(1_000, 3_600_000_000_000).map(lambda ns: ns / 1e9)


def of(recorded: list[float]) -> Histogram:
    histogram = Histogram()
    for seconds in recorded:
        histogram.record(seconds)
    return histogram


@given(st.lists(within_range, min_size=1, max_size=50), st.integers(0, 1000))
@example([1e-6], 500)
@example([1.0005e-6], 0)
@example([1e-6, 1.001e-6], 0)
@example([HOUR], 1000)
def test_a_quantile_is_off_by_at_most_a_thousandth(recorded: list[float], permille: int) -> None:
    rank = max(1, math.ceil(Fraction(permille, 1000) * len(recorded)))
    exact = sorted(recorded)[rank - 1]
    assert of(recorded).quantile(permille / 1000) == pytest.approx(exact, rel=0.001, abs=0.0)


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 1000))
@example(7, 93, 70)  # 0.07 * 100 is 7.000000000000001
@example(29, 71, 290)
def test_the_rank_is_exact_although_shares_are_floats(short: int, long: int, permille: int) -> None:
    rank = math.ceil(Fraction(permille, 1000) * (short + long))
    found = of([0.001] * short + [1.0] * long).quantile(permille / 1000)
    assert found == pytest.approx(0.001 if rank <= short else 1.0, rel=0.001)


@given(st.lists(st.tuples(times, st.integers(0, 3)), max_size=60))
def test_parts_make_the_whole(dealt: list[tuple[float, int]]) -> None:
    whole = of([seconds for seconds, _part in dealt])
    merged, from_messages = Histogram(), Histogram()
    for part in range(4):
        histogram = of([seconds for seconds, where in dealt if where == part])
        merged.merge(histogram)
        message = msgspec.msgpack.encode(histogram.to_data())
        from_messages.merge_data(msgspec.msgpack.decode(message, type=HistogramData))
    assert merged.to_data() == from_messages.to_data() == whole.to_data()


@given(st.lists(times, max_size=60))
def test_what_is_sent_arrives(recorded: list[float]) -> None:
    sent = of(recorded)
    arrived = Histogram.from_data(msgspec.convert(msgspec.to_builtins(sent.to_data()), HistogramData))
    assert arrived.to_data() == sent.to_data()
    assert (arrived.count, arrived.sum, arrived.max) == (len(recorded), sent.sum, max(recorded, default=0.0))
    assert arrived.sum == pytest.approx(sum(recorded), abs=1e-9 * len(recorded))


@given(st.lists(nanoseconds | st.sampled_from(BOUNDS_S).map(lambda s: round(s * 1e9)), max_size=60))
@example([25_000_000, 25_000_001])
def test_what_is_at_or_below_a_bound_is_counted_exactly(recorded: list[int]) -> None:
    counted = of([ns / 1e9 for ns in recorded]).cumulative(BOUNDS_S)
    assert counted == [sum(ns <= round(bound * 1e9) for ns in recorded) for bound in BOUNDS_S]


def test_bounds_may_be_any_usual_ones_of_a_decade() -> None:
    bounds = [digit * 10.0**exponent for exponent in range(-6, 4) for digit in (1.0, 1.2, 2.0, 2.5, 5.0, 7.5)]
    bounds = [*[bound for bound in bounds if bound < HOUR], HOUR]
    assert of([HOUR]).cumulative(bounds) == [0] * (len(bounds) - 1) + [1]


@pytest.mark.parametrize("bounds", [(0.0011111,), (0.0,), (3601.0,), (0.5, 0.25), (0.5, 0.5)])
def test_bounds_that_would_be_guesses_are_refused(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"edge|rise"):
        Histogram().cumulative(bounds)


def test_below_and_above_its_range_it_is_coarse_but_loses_nothing() -> None:
    histogram = of([0.0, 4e-7, 1e-6, 5000.0, 7000.0])
    assert (histogram.count, histogram.max, histogram.sum) == (5, 7000.0, 12000.0000014)
    assert histogram.quantile(0.5) == 1e-6
    assert histogram.quantile(1.0) == 7000.0
    assert histogram.cumulative([1e-6, HOUR]) == [3, 3]


def test_a_single_time_is_told_as_it_is() -> None:
    assert [of([1.049]).quantile(q) for q in (0.0, 0.5, 1.0)] == [1.049] * 3


@pytest.mark.parametrize("nonsense", [-2e-9, -5.0, math.nan, math.inf, -math.inf, 1e12])
def test_what_is_no_time_is_refused_and_not_counted(nonsense: float) -> None:
    histogram = Histogram()
    with pytest.raises((ValueError, OverflowError)):
        histogram.record(nonsense)
    with pytest.raises((ValueError, OverflowError)):
        histogram.record_all([1.0, nonsense, 2.0])
    assert histogram.to_data() == HistogramData([], [], 0, 0.0)


@pytest.mark.parametrize("share", [-0.1, 1.1, math.nan])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        of([1.0]).quantile(share)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="0 times"):
        Histogram().quantile(0.5)


@pytest.mark.parametrize(
    "data",
    [
        [[1], [], 0, 0.0],
        [[1, 0], [1, 1], 0, 0.0],
        [[-1], [1], 0, 0.0],
        [[1], [0], 0, 0.0],
        [[BUCKETS], [1], 0, 0.0],
        [[BUCKETS - 1, 1], [1, 1], 0, 0.0],
        [[1], [1], -1, 0.0],
        [[1], [1], 0, -1.0],
        [[1], [1], 0, math.nan],
        [[1], [1], 0, math.inf],
        [[1.5], [1], 0, 0.0],
    ],
)
def test_what_no_histogram_sends_is_refused(data: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, HistogramData)


def test_the_last_bucket_may_be_sent() -> None:
    assert msgspec.convert([[BUCKETS - 1], [1], 1, 1.0], HistogramData) == HistogramData([BUCKETS - 1], [1], 1, 1.0)
    assert of([9999.0]).to_data().gaps == [BUCKETS - 1]
