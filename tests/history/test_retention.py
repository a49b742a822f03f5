from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.history.retention import parse_retention


@given(st.integers(1, 36_500), st.sampled_from("dhm"))
def test_a_number_and_a_unit(number, unit):
    assert parse_retention(f" {number}{unit.upper()} ") == number * {"d": 86_400, "h": 3_600, "m": 60}[unit]


def test_none_is_for_ever():
    assert parse_retention("None") is None


@pytest.mark.parametrize(
    "text", ["", "7", "d", "0d", "-1d", "1.5h", "7 d", "7w", "٣d", "36501d", "9999999999m", "7d7d"]
)
def test_anything_else_is_refused_and_the_text_says_what_is_right(text):
    with pytest.raises(SettingRefused, match="7d, 12h, 30m, or none"):
        parse_retention(text)
