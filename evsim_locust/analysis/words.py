"""Figures as people read them."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime


def hours_text(hours: Set[int]) -> str:
    """Hours of the day as spans, such as `8-17, 22`."""
    spans: list[list[int]] = []
    for hour in sorted(hours):
        if spans and spans[-1][1] == hour - 1:
            spans[-1][1] = hour
        else:
            spans.append([hour, hour])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans) or "none"


def duration_text(seconds: float) -> str:
    """A length of time in hours, minutes and seconds, such as `1 h 02 min 03 s`."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours:,} h {minutes:02} min {left:02} s"
    return f"{minutes} min {left:02} s" if minutes else f"{left} s"


def time_text(at_s: float) -> str:
    """A moment in UTC, to the second."""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"


def compact(count: int) -> str:
    """A count in five signs at most, such as `950`, `5.3k`, `124k` or `1.2M`."""
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit * 0.9995:
            amount = count / unit
            return f"{amount:.1f}{sign}" if amount < 9.95 else f"{amount:,.0f}{sign}"
    return str(count)
