"""How long the history is kept, as the user says it."""

from __future__ import annotations

import re
from typing import Final

from evsim_locust.behaviour.errors import SettingRefused

_UNITS_S: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0}
_MOST_S: Final = 36_500 * 86_400.0  # before the year 1900 there were no charging stations
_AMOUNT: Final = re.compile(r"([0-9]{1,9})([dhm])", re.ASCII)


def parse_retention(text: str) -> float | None:
    """`7d`, `12h` or `30m` in seconds, None for `none`; raises `SettingRefused`."""
    words = text.strip().lower()
    if words == "none":
        return None
    found = _AMOUNT.fullmatch(words)
    seconds = int(found[1]) * _UNITS_S[found[2]] if found else 0.0
    if not 0.0 < seconds <= _MOST_S:
        raise SettingRefused(
            f"no time to keep history: {text[:60]!r}; give days, hours or minutes, 7d, 12h, 30m, or none"
        )
    return seconds
