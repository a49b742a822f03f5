"""Prices by hour and by date, across changes of summer time too."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.control.price_schedule import PriceSchedule, parse_schedule

BERLIN, KOLKATA, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")
ST_JOHNS, UTC_ZONE = ZoneInfo("America/St_Johns"), ZoneInfo("UTC")
ZONES = st.sampled_from([BERLIN, KOLKATA, LORD_HOWE, ST_JOHNS, UTC_ZONE, ZoneInfo("Pacific/Apia")])
HOUR_S = 3600.0


def parse(text: str) -> PriceSchedule:
    return parse_schedule(text, "prices.csv")


def refusal(text: str) -> str:
    with pytest.raises(SettingRefused) as refused:
        parse(text)
    return str(refused.value)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def changes(schedule: PriceSchedule, zone: ZoneInfo, begin: str, end: str) -> list[tuple[str, float | None]]:
    """The price at the beginning, and each change after it until the end, in UTC."""
    moment: float | None = at(begin)
    found = []
    while moment is not None and moment < at(end):
        found.append((f"{datetime.fromtimestamp(moment, UTC):%dT%H:%M}", schedule.price_at(moment, zone)))
        moment = schedule.next_change(moment, zone)
    return found


# ---- by the hour


def test_each_hour_has_the_price_of_the_last_row_before_it() -> None:
    schedule = parse("hour,price\n7,20\n22,14.5\n")
    prices = [schedule.price_at(at(f"2026-11-22T{hour:02d}:30"), UTC_ZONE) for hour in range(24)]
    assert prices == [14.5] * 7 + [20.0] * 15 + [14.5] * 2


def test_the_hours_are_those_of_the_time_zone() -> None:
    schedule = parse("0,10\n6,20\n")
    assert changes(schedule, KOLKATA, "2026-11-22T00:00", "2026-11-23T00:00") == [
        ("22T00:00", 10.0),
        ("22T00:30", 20.0),
        ("22T18:30", 10.0),
    ]


def test_without_a_time_zone_the_machines_clock_counts() -> None:
    schedule = parse("\n".join(f"{hour},{hour + 1}" for hour in range(24)))
    moment = at("2026-11-22T12:00")
    assert schedule.price_at(moment, None) == datetime.fromtimestamp(moment).hour + 1


def test_one_price_for_the_whole_day_never_changes() -> None:
    schedule = parse("8,12.5\n")
    assert schedule.price_at(at("2026-11-22T03:00"), UTC_ZONE) == 12.5
    assert schedule.next_change(at("2026-11-22T03:00"), UTC_ZONE) is None


def test_a_row_begins_even_when_its_price_is_the_same() -> None:
    schedule = parse("8,20\n12,20\n")
    assert schedule.next_change(at("2026-11-22T08:00"), UTC_ZONE) == at("2026-11-22T12:00")


@pytest.mark.parametrize(
    ("zone", "rows", "begin", "end", "expected"),
    [
        (  # the clock goes from 02:00 to 03:00: the hour 2 does not come
            BERLIN,
            "0,1\n2,2\n3,3\n",
            "2026-03-28T23:00",
            "2026-03-29T22:00",
            [("28T23:00", 1.0), ("29T01:00", 3.0)],
        ),
        (  # what would have begun in the hour that is left out never holds that day
            BERLIN,
            "2,2\n3,3\n",
            "2026-03-28T12:00",
            "2026-03-30T12:00",
            [("28T12:00", 3.0), ("30T00:00", 2.0), ("30T01:00", 3.0)],
        ),
        (  # the clock goes from 03:00 back to 02:00: the hour 2 is long
            BERLIN,
            "0,1\n2,2\n3,3\n",
            "2026-10-24T22:00",
            "2026-10-25T23:00",
            [("24T22:00", 1.0), ("25T00:00", 2.0), ("25T02:00", 3.0)],
        ),
        (  # half an hour back, at 02:00 to 01:30
            LORD_HOWE,
            "1,1\n2,2\n",
            "2026-04-04T14:00",
            "2026-04-04T20:00",
            [("04T14:00", 1.0), ("04T15:30", 2.0)],
        ),
        (  # back at 00:01, to 23:01: the new day begins twice
            ST_JOHNS,
            "0,1\n23,2\n",
            "2010-11-07T02:00",
            "2010-11-07T12:00",
            [("07T02:00", 2.0), ("07T02:30", 1.0), ("07T02:31", 2.0), ("07T03:30", 1.0)],
        ),
    ],
)
def test_hours_across_a_change_of_summer_time(
    zone: ZoneInfo, rows: str, begin: str, end: str, expected: list[tuple[str, float]]
) -> None:
    assert changes(parse(rows), zone, begin, end) == expected


@given(
    st.dictionaries(st.integers(0, 23), st.integers(1, 99), min_size=2),
    ZONES,
    st.floats(at("2009-01-01"), at("2030-01-01")),
)
@example({2: 1, 3: 2}, BERLIN, at("2026-03-28T02:00"))
@example({0: 1, 23: 2}, ST_JOHNS, at("2010-11-07T02:30"))
@example({0: 1, 1: 2}, BERLIN, 1893455999.9999998)
def test_by_the_hour_nothing_changes_before_the_next_change(
    price_of: dict[int, int], zone: ZoneInfo, moment: float
) -> None:
    schedule = parse("".join(f"{hour},{price}\n" for hour, price in price_of.items()))

    def expected(moment: float) -> int:
        hour = datetime.fromtimestamp(math.floor(moment), zone).hour
        return price_of[max((row for row in price_of if row <= hour), default=max(price_of))]

    change = schedule.next_change(moment, zone)
    assert change is not None
    assert moment < change <= moment + 49 * HOUR_S
    steps = range(0, int(change - moment) + 1, 300)
    assert {schedule.price_at(moment + step, zone) for step in steps if moment + step < change} == {expected(moment)}
    assert schedule.price_at(change, zone) == expected(change)
    assert len(set(price_of.values())) < len(price_of) or expected(change) != expected(moment)


# ---- by date


def test_dated_prices_begin_and_stay() -> None:
    schedule = parse("time,price\n2026-11-22T18:30,31\n2026-11-22,12.5\n2026-11-23 00:00:30,20\n")
    assert schedule.price_at(at("2026-11-21T23:59:59"), UTC_ZONE) is None
    assert schedule.next_change(0.0, UTC_ZONE) == at("2026-11-22T00:00")
    assert changes(schedule, UTC_ZONE, "2026-11-22T00:00", "2027-11-22T00:00") == [
        ("22T00:00", 12.5),
        ("22T18:30", 31.0),
        ("23T00:00", 20.0),
    ]
    assert schedule.next_change(at("2026-11-23T00:00:30"), UTC_ZONE) is None
    assert schedule.price_at(at("2999-01-01"), UTC_ZONE) == 20.0


def test_times_without_an_offset_are_in_the_time_zone_and_others_are_not() -> None:
    naive, aware = parse("2026-11-22T12:00,5"), parse("2026-11-22T12:00+02:00,5\n2026-11-22T11:00Z,6")
    assert naive.next_change(0.0, KOLKATA) == at("2026-11-22T06:30")
    assert naive.next_change(0.0, BERLIN) == at("2026-11-22T11:00")
    assert naive.next_change(0.0, None) == datetime(2026, 11, 22, 12).timestamp()
    for zone in (KOLKATA, BERLIN, None):
        assert aware.next_change(0.0, zone) == at("2026-11-22T10:00")
        assert aware.next_change(at("2026-11-22T10:00"), zone) == at("2026-11-22T11:00")


def test_a_time_that_the_clock_shows_twice_is_the_first_of_the_two() -> None:
    schedule = parse("2026-10-25T00:00,1\n2026-10-25T02:30,2\n2026-10-25T03:00,3\n")
    assert changes(schedule, BERLIN, "2026-10-24T22:00", "2026-10-26T00:00") == [
        ("24T22:00", 1.0),
        ("25T00:30", 2.0),
        ("25T02:00", 3.0),
    ]


def test_a_time_that_the_clock_leaves_out_is_read_with_the_offset_before() -> None:
    schedule = parse("2026-03-29T00:00,1\n2026-03-29T02:30,2\n")
    assert changes(schedule, BERLIN, "2026-03-28T23:00", "2026-03-30T00:00") == [("28T23:00", 1.0), ("29T01:30", 2.0)]


def test_a_time_that_the_clock_leaves_out_does_not_undo_the_rows_after_it() -> None:
    schedule = parse("2026-03-29T00:00,1\n2026-03-29T02:30,2\n2026-03-29T03:00,3\n")
    assert changes(schedule, BERLIN, "2026-03-28T23:00", "2026-03-30T00:00") == [("28T23:00", 1.0), ("29T01:00", 3.0)]


@given(
    st.dictionaries(st.integers(0, 5000), st.integers(1, 99), min_size=1, max_size=8),
    st.integers(-60, 5060),
    ZONES,
)
def test_dated_prices_hold_from_their_moment_to_the_next(price_of: dict[int, int], minute: int, zone: ZoneInfo) -> None:
    first = datetime(2026, 10, 23, tzinfo=UTC)
    begun = {(first + timedelta(minutes=after)).timestamp(): price for after, price in price_of.items()}
    rows = [f"{datetime.fromtimestamp(moment, zone).isoformat()},{price}\n" for moment, price in begun.items()]
    schedule, now = parse("".join(rows)), first.timestamp() + minute * 60
    before, after = [moment for moment in begun if moment <= now], [moment for moment in begun if moment > now]
    assert schedule.price_at(now, BERLIN) == (begun[max(before)] if before else None)
    assert schedule.next_change(now, BERLIN) == (min(after) if after else None)


# ---- bad files


def test_spaces_blank_lines_titles_and_a_byte_order_mark_do_not_matter() -> None:
    schedule = parse('\ufeff"Hour of day", Price \r\n\r\n 08 , 2e1 \r\n 9,"30"\r\n')
    assert schedule.price_at(at("2026-11-22T08:00"), UTC_ZONE) == 20.0
    assert schedule.price_at(at("2026-11-22T07:00"), UTC_ZONE) == 30.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "prices.csv: no prices: give rows of an hour (0 to 23) or a time (2026-11-22T18:30), then a price"),
        ("hour,price\n", "prices.csv: no prices"),
        ("hour,price\nhour,price\n", "prices.csv: line 2: 'hour' is no hour and no ISO time: give an hour (0 to 23)"),
        ("0,2o\n", "prices.csv: line 1: price '2o': give a number above 0, at most 1e+09"),
        ("0,20,5\n", "prices.csv: line 1: 3 cells: give two, an hour"),
        ("0;20\n", "prices.csv: line 1: 1 cells: give two"),
        ("hour,price\n0,10\n24,5\n", "prices.csv: line 3: hour 24: the hours of a day are 0 to 23"),
        ("-1,5\n", "prices.csv: line 1: '-1' is no hour and no ISO time"),
        ("8.5,5\n", "line 1: '8.5' is no hour"),
        ("08:00,5\n", "line 1: '08:00' is no hour"),
        ("٨,5\n", "line 1: '٨' is no hour"),
        ("2026-02-30T00:00,5\n", "line 1: '2026-02-30T00:00' is no hour and no ISO time"),
        ("1969-12-31T00:00,5\n", "line 1: the year 1969: give one from 1970 to 2999"),
        ("9999-12-31T00:00,5\n", "line 1: the year 9999"),
        ("0,0\n", "line 1: price '0'"),
        ("0,-1\n", "line 1: price '-1'"),
        ("0,nan\n", "line 1: price 'nan'"),
        ("0,inf\n", "line 1: price 'inf'"),
        ("0,1e400\n", "line 1: price '1e400'"),
        ("0,1e10\n", "line 1: price '1e10'"),
        ("0,\n", "line 1: price ''"),
        ("8,1\n9,1\n\n08,2\n", "prices.csv: line 4: 08 is also in line 1: give it one price"),
        ("2026-11-22,1\n2026-11-22T00:00,2\n", "line 2: 2026-11-22T00:00 is also in line 1"),
        ("2026-11-22T01:00+01:00,1\n2026-11-22T00:00Z,2\n", "line 2: 2026-11-22T00:00Z is also in line 1"),
        (
            "8,1\n2026-11-22,1\n",
            "line 2: a time without an offset, but the first row has an hour: write all rows one way",
        ),
        ("2026-11-22T00:00Z,1\n8,1\n", "line 2: an hour, but the first row has a time with an offset from UTC"),
        (
            "2026-11-22,1\n2026-11-23T00:00Z,1\n",
            "line 2: a time with an offset from UTC, but the first row has a time with",
        ),
        ("8,1\0\n", "prices.csv: line 1: a NUL character"),
        ('8,"1\n', "prices.csv: line 1: not CSV (unexpected end of data)"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_line(text: str, message: str) -> None:
    assert message in refusal(text)


@given(st.text('0123,\n:-TZ+ha"\u0663 ', max_size=40))
def test_any_text_is_a_schedule_or_refused_with_the_files_name(text: str) -> None:
    told, price = "", None
    try:
        schedule = parse(text)
        price = schedule.price_at(at("2999-12-31T23:59"), BERLIN)
    except SettingRefused as refused:
        told = str(refused)
    assert told.startswith("prices.csv: ") != (price is not None and price > 0)
