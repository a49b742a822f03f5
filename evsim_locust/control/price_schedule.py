"""`--price-schedule`: prices by the hour of the day, or by date and time.

hour,price            time,price
0,12.5                2026-11-22T00:00,12.5
7,20                  2026-11-22T18:30,31
22,14
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from evsim_locust.behaviour.csv_file import records
from evsim_locust.behaviour.errors import SettingRefused

_MINUTE_S: Final = 60
_LONGEST_MIN: Final = 49 * 60  # until a row's hour comes again, when the clock that is put forward leaves it out once
_YEARS: Final = range(1970, 3000)
_PRICE_MOST: Final = 1e9  # as for a price set by hand
_SHAPE: Final = "an hour (0 to 23) or a time (2026-11-22T18:30), then a price"
_When = int | datetime


class PriceSchedule(ABC):
    """Prices per kWh over time; `wall_s` is seconds since the epoch, `timezone` None the machine's own."""

    @abstractmethod
    def price_at(self, wall_s: float, timezone: ZoneInfo | None) -> float | None:
        """The price of the row that holds then; None before the first of all."""

    @abstractmethod
    def next_change(self, wall_s: float, timezone: ZoneInfo | None) -> float | None:
        """When another row will hold, strictly later than `wall_s`; None when none ever will."""


class DailyPrices(PriceSchedule):
    """Prices from hours of the day on, by what the clock of the time zone shows, every day again."""

    def __init__(self, price_of: dict[int, float]) -> None:
        self._price_of = price_of
        hours = sorted(price_of)
        # Before the day's first row, the last one of the day before holds.
        self._row_of = [hours[bisect_right(hours, hour) - 1] for hour in range(24)]

    def price_at(self, wall_s: float, timezone: ZoneInfo | None) -> float:
        """The price at the hour that the clock shows then."""
        return self._price_of[self._row_at(wall_s, timezone)]

    def next_change(self, wall_s: float, timezone: ZoneInfo | None) -> float | None:
        """When the clock will show an hour of another row, also by being put forward or back.

        Looked for minute by minute: some clocks were put back at 00:01, from one row to another for a minute only.
        """
        if len(self._price_of) == 1:
            return None
        row = self._row_at(wall_s, timezone)
        first = wall_s // _MINUTE_S * _MINUTE_S
        minutes = (first + number * _MINUTE_S for number in range(1, _LONGEST_MIN))
        return next((minute for minute in minutes if self._row_at(minute, timezone) != row), None)

    def _row_at(self, wall_s: float, timezone: ZoneInfo | None) -> int:
        # Whole seconds: a datetime rounds, and the last fraction of an hour would show the next one.
        return self._row_of[datetime.fromtimestamp(math.floor(wall_s), timezone).hour]


class DatedPrices(PriceSchedule):
    """Prices from moments on, each once; moments without an offset from UTC are on the clock of the time zone."""

    def __init__(self, price_of: dict[datetime, float]) -> None:
        self._rows = sorted(price_of.items())
        self._moments: dict[ZoneInfo | None, list[float]] = {}  # in seconds since the epoch

    def price_at(self, wall_s: float, timezone: ZoneInfo | None) -> float | None:
        """The price of the last row that has begun."""
        begun = bisect_right(self._moments_in(timezone), wall_s)
        return self._rows[begun - 1][1] if begun else None

    def next_change(self, wall_s: float, timezone: ZoneInfo | None) -> float | None:
        """When the next row begins."""
        moments = self._moments_in(timezone)
        begun = bisect_right(moments, wall_s)
        return moments[begun] if begun < len(moments) else None

    def _moments_in(self, timezone: ZoneInfo | None) -> list[float]:
        if timezone not in self._moments:
            self._moments[timezone] = list(self._resolved(timezone))[::-1]
        return self._moments[timezone]

    def _resolved(self, timezone: ZoneInfo | None) -> Iterator[float]:
        """Last moment first.

        RFC 5545, section 3.3.5: a time that the clock shows twice is the first of the two, one that it leaves out is
        read with the offset before the gap. The latter would come after rows that follow it: those end it at once.
        """
        following = math.inf
        for moment, _price in reversed(self._rows):
            if moment.tzinfo is None and timezone is not None:
                moment = moment.replace(tzinfo=timezone)
            following = min(following, moment.timestamp())
            yield following


def parse_schedule(text: str, name: str) -> PriceSchedule:
    """The schedule in a CSV file of that name, sorted or not, with a line of titles or without.

    Raises SettingRefused: `prices.csv: line 3: ...`.
    """
    price_of: dict[_When, float] = {}
    place_of: dict[_When, str] = {}
    way = ""
    for place, cells in _without_titles(records(text, name)):
        when, price = _row(place, cells)
        way = way or _way(when)
        if _way(when) != way:
            raise SettingRefused(f"{place}: {_way(when)}, but the first row has {way}: write all rows one way")
        if when in price_of:
            first = place_of[when].removeprefix(f"{name}:")
            raise SettingRefused(f"{place}: {cells[0].strip()} is also in{first}: give it one price")
        price_of[when], place_of[when] = price, place
    if not price_of:
        raise SettingRefused(f"{name}: no prices: give rows of {_SHAPE}")
    hours = {when: price for when, price in price_of.items() if isinstance(when, int)}
    moments = {when: price for when, price in price_of.items() if isinstance(when, datetime)}
    return DailyPrices(hours) if hours else DatedPrices(moments)


def _without_titles(lines: Iterator[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
    """A first line without any digit is one of titles."""
    first = next(lines, None)
    if first is not None and any(character.isdigit() for cell in first[1] for character in cell):
        yield first
    yield from lines


def _way(when: _When) -> str:
    if isinstance(when, int):
        return "an hour"
    return "a time without an offset" if when.tzinfo is None else "a time with an offset from UTC"


def _row(place: str, cells: Sequence[str]) -> tuple[_When, float]:
    if len(cells) != 2:
        raise SettingRefused(f"{place}: {len(cells)} cells: give two, {_SHAPE}, with a point in the price if need be")
    when, price = (cell.strip() for cell in cells)
    try:
        return _when(when), _price(price)
    except SettingRefused as refused:
        raise SettingRefused(f"{place}: {refused}") from None


def _when(cell: str) -> _When:
    if cell.isascii() and cell.isdecimal() and len(cell) <= 2:
        if int(cell) > 23:
            raise SettingRefused(f"hour {cell}: the hours of a day are 0 to 23")
        return int(cell)
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise SettingRefused(f"{cell[:40]!r} is no hour and no ISO time: give {_SHAPE}") from None
    if moment.year not in _YEARS:
        raise SettingRefused(f"the year {moment.year}: give one from {_YEARS[0]} to {_YEARS[-1]}")
    return moment


def _price(cell: str) -> float:
    try:
        price = float(cell)
    except ValueError:
        price = math.nan
    if not 0 < price <= _PRICE_MOST:  # NaN neither
        raise SettingRefused(f"price {cell[:40]!r}: give a number above 0, at most {_PRICE_MOST:g}")
    return price
