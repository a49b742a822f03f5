"""The bucket, held against what it promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.rate_limit import RateLimit


def test_a_burst_and_then_the_rate() -> None:
    limit = RateLimit(per_s=2.0, burst=3)
    assert [limit.take(10.0) for _ in range(4)] == [True, True, True, False]
    assert not limit.take(10.4)
    assert limit.take(10.5)
    assert not limit.take(10.9)
    assert limit.take(11.0)


def test_rest_fills_it_no_further_than_the_burst() -> None:
    limit = RateLimit(per_s=2.0, burst=3)
    assert limit.take(0.0)
    assert [limit.take(1000.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_stands_or_goes_back_gives_nothing() -> None:
    limit = RateLimit(per_s=1.0, burst=1)
    assert limit.take(5.0)
    assert not limit.take(5.0)
    assert not limit.take(4.0)
    assert limit.take(5.0)  # a second after 4


@given(
    st.floats(0.5, 500.0),
    st.integers(1, 50),
    st.lists(st.floats(0.0, 0.5), min_size=1, max_size=200),
)
def test_never_more_than_burst_and_rate_allow(per_s: float, burst: int, waits_s: list[float]) -> None:
    limit, now, taken = RateLimit(per_s, burst), 0.0, 0
    for index, wait_s in enumerate(waits_s):
        now += wait_s
        taken += limit.take(now)
        since_first_s = now - waits_s[0]
        assert taken <= burst + since_first_s * per_s + 1e-6
        assert index >= burst or taken == index + 1
