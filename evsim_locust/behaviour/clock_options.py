"""What users write for hours of the day and time zones."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from evsim_locust.behaviour.errors import SettingRefused

_SPAN: Final = re.compile(r"(\d{1,2})(?:\s*-\s*(\d{1,2}))?", re.ASCII)


def parse_peak_hours(text: str) -> frozenset[int]:
    """The hours that `8-17`, `18,19,20`, `7-9,17-20` or `none` names, ends included; `22-5` goes over midnight.

    Raises SettingRefused.
    """
    if text.strip().lower() == "none":
        return frozenset()
    return frozenset(hour for part in text.split(",") for hour in _span(part.strip()))


def _span(part: str) -> list[int]:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise SettingRefused(f"{part[:40]!r} is no hour or span of hours; right are 8-17, 18,19,20, 22-5 or none")
    first, last = int(found[1]), int(found[2] or found[1])
    if first > 23 or last > 23:
        raise SettingRefused(f"{part!r}: the hours of a day are 0 to 23")
    return [hour % 24 for hour in range(first, (last if first <= last else last + 24) + 1)]


def parse_timezone(name: str) -> ZoneInfo | None:
    """The time zone of that name in the IANA database; None, the machine's own, for `local` and the empty text.

    Raises SettingRefused.
    """
    name = name.strip()
    if name.lower() in ("", "local"):
        return None
    try:
        return ZoneInfo(name)
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # unknown (a KeyError of zoneinfo's), no key at all, a folder of the database
        raise SettingRefused(f"no time zone {name[:40]!r}; {_alike(name)}") from None


def _alike(name: str) -> str:
    known = available_timezones()
    if not known:
        return "this machine has no time zone database: install the tzdata package"
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else "right are Europe/Berlin, Asia/Kolkata, UTC or local"
