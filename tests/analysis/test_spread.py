from __future__ import annotations

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.spread import Spread, spread_of


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=200))
def test_percentiles_are_nearest_ranks(values: list[int]) -> None:
    ranked = sorted(values)
    # Ranks in whole numbers: 0.1 * 30 is a little above 3.
    low, middle, high = (ranked[max(ceil(tenths * len(ranked) / 10), 1) - 1] for tenths in (1, 5, 9))
    assert spread_of(Counter(values), 10.0) == Spread(low / 10, middle / 10, high / 10)


def test_nothing_has_no_spread() -> None:
    assert spread_of({}, 1.0) is None
