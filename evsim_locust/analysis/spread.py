"""Percentiles of what was counted."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Spread(Struct, frozen=True):
    """The value below which a tenth, half and nine tenths of the sessions lie."""

    p10: float
    p50: float
    p90: float


def spread_of(counts: Mapping[int, int], unit: float) -> Spread | None:
    """The spread of values counted by `1/unit`; None when there are none."""
    if not counts:
        return None
    values = sorted(counts)
    low, middle, high = (_percentile(values, counts, share) / unit for share in (0.1, 0.5, 0.9))
    return Spread(low, middle, high)


def _percentile(values: list[int], counts: Mapping[int, int], share: float) -> int:
    """By nearest rank: the smallest value that at least this share of all does not exceed."""
    wanted = share * sum(counts.values())
    reached = 0
    for value in values:
        reached += counts[value]
        if reached >= wanted:
            return value
    return values[-1]
