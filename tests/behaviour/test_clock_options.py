"""Hours of the day and time zones as users write them."""

from __future__ import annotations

from importlib.util import find_spec
from zoneinfo import reset_tzpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.clock_options import parse_peak_hours, parse_timezone
from evsim_locust.behaviour.errors import SettingRefused


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("8-17", range(8, 18)),
        ("18,19,20", {18, 19, 20}),
        ("7-9, 17-20", {7, 8, 9, 17, 18, 19, 20}),
        ("22-5", {22, 23, 0, 1, 2, 3, 4, 5}),
        ("23-0", {23, 0}),
        ("5-5", {5}),
        ("0-23", range(24)),
        ("07 - 09", {7, 8, 9}),
        ("none", set()),
        (" None ", set()),
    ],
)
def test_peak_hours(text: str, hours: set[int]) -> None:
    assert parse_peak_hours(text) == frozenset(hours)


@pytest.mark.parametrize("text", ["", "8-", "-8", "8-17-20", "8,,9", "eight", "8.5", "1e1", "٨", "8-17,none", "123"])
def test_what_is_no_span_of_hours_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match="is no hour or span of hours; right are 8-17"):
        parse_peak_hours(text)


@pytest.mark.parametrize("text", ["24", "8-24", "24-3", "99"])
def test_what_is_no_hour_of_a_day_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match="the hours of a day are 0 to 23"):
        parse_peak_hours(text)


@given(st.sets(st.integers(0, 23), min_size=1))
def test_a_list_of_hours_is_that_list(hours: set[int]) -> None:
    assert parse_peak_hours(",".join(map(str, hours))) == hours


@given(st.integers(0, 23), st.integers(0, 23))
def test_a_span_and_the_one_between_its_ends_make_a_day(first: int, last: int) -> None:
    span = parse_peak_hours(f"{first}-{last}")
    assert {first, last} <= span
    assert len(span) == (last - first) % 24 + 1


def test_time_zones() -> None:
    berlin = parse_timezone(" Europe/Berlin ")
    assert berlin is not None
    assert berlin.key == "Europe/Berlin"


@pytest.mark.parametrize("text", ["", "local", "LOCAL", " "])
def test_the_machines_own_time_zone(text: str) -> None:
    assert parse_timezone(text) is None


def test_a_misspelt_time_zone_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(SettingRefused, match=r"no time zone 'Asia/Kolkatta'; did you mean Asia/Kolkata\?"):
        parse_timezone("Asia/Kolkatta")


@pytest.mark.parametrize("text", ["Europe", "../passwd", "/etc/localtime", "\0", "x" * 5000, "+05:30"])
def test_what_is_no_time_zone_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match="no time zone "):
        parse_timezone(text)


@pytest.mark.skipif(find_spec("tzdata") is not None, reason="the tzdata package brings a database of its own")
def test_a_machine_without_a_time_zone_database_is_told_of_the_package() -> None:
    try:
        reset_tzpath(to=[])
        with pytest.raises(SettingRefused, match=r"no time zone 'Asia/Tokio'; .* install the tzdata package"):
            parse_timezone("Asia/Tokio")
    finally:
        reset_tzpath()
    with pytest.raises(SettingRefused, match=r"did you mean Asia/Tokyo\?"):
        parse_timezone("Asia/Tokio")
