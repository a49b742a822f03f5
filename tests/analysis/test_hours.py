from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.hours import Hours


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "at", "hour"),
    [
        ("UTC", "2026-11-22T13:59:59", 13),
        ("Asia/Kolkata", "2026-11-22T13:29:59", 18),
        ("Asia/Kolkata", "2026-11-22T13:30:00", 19),
        ("Asia/Kathmandu", "2026-11-22T13:15:00", 19),
        ("Europe/Berlin", "2026-10-25T00:59:00", 2),  # the same hour again when summer time has ended
        ("Europe/Berlin", "2026-10-25T01:01:00", 2),
    ],
)
def test_the_hour_is_the_zone_s(zone: str, at: str, hour: int) -> None:
    assert Hours(ZoneInfo(zone), None).hour(seconds(at)) == hour


@given(st.floats(1e9, 2e9), st.floats(0, 200_000), st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
def test_every_second_is_spent_in_one_hour(start_s: float, span_s: float, zone: str) -> None:
    spent = Hours(ZoneInfo(zone), None).spent(start_s, start_s + span_s)
    assert sum(spent) == pytest.approx(span_s, abs=1e-3)


def test_spent_hours_are_the_clock_s() -> None:
    start_s = seconds("2026-11-22T07:30:00")
    spent = Hours(ZoneInfo("UTC"), {8}).spent(start_s, start_s + 3 * 3600)
    assert {hour: length for hour, length in enumerate(spent) if length} == {7: 1800, 8: 3600, 9: 3600, 10: 1800}
