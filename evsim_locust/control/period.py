"""The time that a search is for, as a client gives it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

from evsim_locust.control.errors import Refused
from evsim_locust.ocppj import timestamps

_DAY_S: Final = 86_400.0
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OFFSET_WITHOUT_PLUS: Final = re.compile(r"(?<=\d) (?=\d\d(:?\d\d)?$)", re.ASCII)
_EXAMPLES: Final = "2026-11-22 or 2026-11-22T13:00:00Z"


def period(since: str, until: str) -> tuple[float | None, float | None]:
    """From when and until when, in seconds since the epoch, the end not included; None where the text is empty.

    Both are ISO 8601: a date-time, in UTC unless it has an offset, or a date, of which the whole day is meant. Raises
    `Refused`.
    """
    since_s, until_s = _moment("since", since, 0.0), _moment("until", until, _DAY_S)
    if since_s is None or until_s is None:
        return since_s, until_s
    if since_s > until_s or (since_s == until_s and _DAY.fullmatch(until)):  # the end of that day is not of that day
        raise Refused(422, f"since: {since!r} is later than until, {until!r}")
    return since_s, until_s


def _moment(name: str, text: str, of_day_s: float) -> float | None:
    """Of a date, `of_day_s` after midnight."""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            midnight = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return midnight.timestamp() + of_day_s
        return timestamps.read(_with_plus(text)).timestamp()
    except ValueError:
        raise Refused(422, f"{name}: no date or date-time: {text[:40]!r}; give {_EXAMPLES}") from None


def _with_plus(text: str) -> str:
    """In a URL, a plus sign that is not written %2B means a blank; our own timestamps hold one."""
    day, time = text[:11], text[11:]
    return day + _OFFSET_WITHOUT_PLUS.sub("+", time)
