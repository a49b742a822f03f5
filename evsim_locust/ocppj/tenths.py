"""Multiples of 0.1, as the smart-charging schemas ask for."""

from __future__ import annotations

from decimal import Decimal

from msgspec import UnsetType

_TENTH = Decimal("0.1")


def require_tenths(name: str, value: float | UnsetType) -> None:
    """Refuse a number with more than one decimal; judged on the shortest decimal text, as 0.3 is no float multiple.

    Raises ValueError, which msgspec turns into a `ValidationError` with the path of the object.
    """
    if isinstance(value, UnsetType):
        return
    if Decimal(repr(value)) % _TENTH:
        raise ValueError(f"`{name}` must be a multiple of 0.1, not {value}")
