"""Multiples of 0.1, as the smart-charging schemas ask for."""

from __future__ import annotations

from math import isfinite

from msgspec import UnsetType


def require_tenths(name: str, value: float | UnsetType) -> None:
    """Refuse a number with more than one decimal; 0.3 is no multiple of 0.1 in floats, but it is its own rounding.

    Raises ValueError, which msgspec turns into a `ValidationError` with the path of the object.
    """
    if isinstance(value, UnsetType):
        return
    if not isfinite(value) or round(value, 1) != value:
        raise ValueError(f"`{name}` must be a multiple of 0.1, not {value}")
