from __future__ import annotations

import pytest

from evsim_locust.analysis.words import compact, duration_text, hours_text, time_text


@pytest.mark.parametrize(
    ("hours", "text"), [(set(), "none"), ({8}, "8"), ({8, 9, 10, 22, 0}, "0, 8-10, 22"), (set(range(24)), "0-23")]
)
def test_hours(hours: set[int], text: str) -> None:
    assert hours_text(hours) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.6, "1 min 00 s"), (605, "10 min 05 s"), (3723, "1 h 02 min 03 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_times() -> None:
    assert time_text(1_795_323_600.9) == "2026-11-22 05:00:00 UTC"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (5264, "5.3k"),
        (9949, "9.9k"),
        (9960, "10k"),
        (124_400, "124k"),
        (999_499, "999k"),
        (999_600, "1.0M"),
        (12_000_000, "12M"),
    ],
)
def test_counts_in_little_room(count: int, text: str) -> None:
    assert compact(count) == text
