"""Multiples of 0.1, against decimal arithmetic."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from evsim_locust.ocppj.tenths import require_tenths


def is_accepted(value: float | UnsetType) -> bool:
    try:
        require_tenths("limit", value)
    except ValueError:
        return False
    return True


@given(st.integers(-(10**15), 10**15))
def test_every_number_with_one_decimal_is_accepted(tenths: int) -> None:
    assert is_accepted(float(Decimal(tenths) / 10))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_verdict_is_that_of_the_shortest_decimal_text(value: float) -> None:
    digits = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(digits.exponent, int)
    assert is_accepted(value) == (digits.exponent >= -1)


def test_the_refusal_names_field_and_value() -> None:
    with pytest.raises(ValueError, match=r"^`limit` must be a multiple of 0\.1, not 7\.41$"):
        require_tenths("limit", 7.41)


@pytest.mark.parametrize("value", [16, -3, 0.0, -0.0, 1e300, UNSET])
def test_whole_numbers_and_absent_ones_are_accepted(value: float | UnsetType) -> None:
    assert is_accepted(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_json_cannot_write_is_refused(value: float) -> None:
    assert not is_accepted(value)
