"""Times of a search: read as they may be written, refused when they cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.errors import Refused
from evsim_locust.control.period import period
from evsim_locust.history.rows import stamp

NOON_S = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00",  # without an offset: UTC
        "2026-11-22 12:00:00.000",
        "2026-11-22T12:00:00+00:00",
        "2026-11-22T12:00:00.000 00:00",  # a plus that was lost in a URL
        "2026-11-22T13:30 01:30",
        "2026-11-22 13:30:00 0130",
        "2026-11-22T14:00:00 02",
        "2026-11-22T07:00:00-05:00",
    ],
)
def test_date_times(text: str) -> None:
    assert period(text, text) == (NOON_S, NOON_S)


def test_of_a_date_the_whole_day_is_meant() -> None:
    assert period("2026-11-22", "2026-11-22") == (NOON_S - 43_200, NOON_S + 43_200)


def test_an_empty_text_is_no_bound() -> None:
    assert period("", "") == (None, None)
    assert period("2026-11-22T12:00Z", "") == (NOON_S, None)
    assert period("", "2026-11-22T12:00Z") == (None, NOON_S)


def test_the_edges_of_the_calendar_are_dates() -> None:
    since_s, until_s = period("0001-01-01", "9999-12-31")
    assert since_s == datetime(1, 1, 1, tzinfo=UTC).timestamp()
    assert until_s == datetime(9999, 12, 31, tzinfo=UTC).timestamp() + 86_400


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "2026-02-30T00:00",
        "2026-11-22T25:00",
        "12:00",
        "1e9",
        "nan",
        " ",
        "2026-11-22x12:00",
        "20261122",
        "٢٠٢٦-١١-٢٢",
        "0001-01-01T00:00+14:00",
        "x" * 10_000,
        "\0",
        "2026-11-22T12:00 5",
    ],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_what_is_no_time(name: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        period(**{"since": "", "until": "", name: text})
    assert refused.value.status == 422
    assert refused.value.detail.startswith(f"{name}: no date or date-time: ")
    assert len(refused.value.detail) < 200


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-11-23", "2026-11-22"),
        ("2026-11-23", "2026-11-22T12:00"),
        ("2026-11-24", "2026-11-22"),
        ("2026-11-22T12:00:00.001", "2026-11-22T12:00"),
    ],
)
def test_an_end_before_the_beginning(since: str, until: str) -> None:
    with pytest.raises(Refused, match=r"since: .* is later than until") as refused:
        period(since, until)
    assert refused.value.status == 422


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=offsets), st.booleans())
def test_any_moment_with_any_offset_is_that_moment(moment: datetime, is_plus_lost: bool) -> None:
    text = moment.isoformat()
    since_s, _ = period(text.replace("+", " ") if is_plus_lost else text, "")
    assert since_s == moment.timestamp()


@given(st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds / 1000))
def test_a_time_of_the_history_finds_itself(at_s: float) -> None:
    since_s, until_s = period(stamp(at_s), stamp(at_s))
    assert stamp(since_s or 0.0) == stamp(until_s or 0.0) == stamp(at_s)


@given(st.text(max_size=45) | st.text(alphabet="0123456789-T: +.Z", max_size=45), st.text(max_size=45))
def test_any_text_is_a_time_or_refused(since: str, until: str) -> None:
    try:
        bounds = period(since, until)
    except Refused:
        return
    assert [bound is None for bound in bounds] == [not since, not until]


def test_the_end_may_be_within_the_day_of_the_beginning_and_at_it() -> None:
    assert period("2026-11-22T12:00", "2026-11-22") == (NOON_S, NOON_S + 43_200)
    assert period("2026-11-22T12:00", "2026-11-22T12:00") == (NOON_S, NOON_S)
