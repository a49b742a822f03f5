"""Date-times on the wire: written in one form, read in many (OCPP 1.6, section 3.11: ISO 8601 / RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_FORM = re.compile(
    r"\s*(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})?\s*",
    re.ASCII,
)
# What most stations write. The standard library reads it alone, but cuts a seventh digit and accepts what is no time.
_COMMON = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)

_MILLISECONDS = tuple(f".{number:03d}Z" for number in range(1000))


def write(wall_s: float) -> str:
    """`2026-11-22T13:00:00.250Z` for seconds since the epoch, to the nearest millisecond."""
    milliseconds = round(wall_s * 1000.0)
    return _to_the_second(milliseconds // 1000) + _MILLISECONDS[milliseconds % 1000]


def read(text: str) -> datetime:
    """The moment `text` names, with an offset; tolerates missing seconds, second 60, a comma and a missing offset.

    Raises ValueError naming the text.
    """
    try:
        if _COMMON.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:  # second 60, or no day of the calendar
        pass
    return _read_tolerantly(text)


def _read_tolerantly(text: str) -> datetime:
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date-time: {text[:40]!r}")
    day, hour, minute, second, fraction, offset = found.groups()
    seconds = float(f"{second or 0}.{fraction or 0}")
    try:
        start = datetime.fromisoformat(f"{day}T{hour}:{minute}:00{_offset(offset)}")
        if seconds >= 61:
            raise ValueError("second above 60")
        moment = start + timedelta(seconds=seconds)
        moment.astimezone(UTC)  # its offset may lead out of the years 1 to 9999
        return moment
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a date-time: {text[:40]!r} ({error})") from None


@lru_cache(maxsize=64)
def _to_the_second(wall_s: int) -> str:
    """Most of a date-time's cost, shared by all that are written in the same second."""
    return datetime.fromtimestamp(wall_s, UTC).isoformat().removesuffix("+00:00")


def _offset(text: str | None) -> str:
    if text is None or text in "Zz":
        return "+00:00"
    digits = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{digits[:2]}:{digits[2:]}"
