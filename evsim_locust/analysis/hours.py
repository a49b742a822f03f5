"""Hours of the day on the clock of the run's time zone."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, tzinfo
from typing import Final

_QUARTER_S: Final = 900  # zones differ from UTC, and change, by whole quarters of an hour


class Hours:
    """`zone` None is this machine's own; `peak` None: peak hours are not known."""

    def __init__(self, zone: tzinfo | None, peak: Set[int] | None) -> None:
        self.peak = None if peak is None else frozenset(peak)
        self._zone = zone
        self._known: dict[int, int] = {}

    def hour(self, at_s: float) -> int:
        """The hour, 0 to 23, at `at_s` seconds since the epoch."""
        quarter = int(at_s // _QUARTER_S)
        hour = self._known.get(quarter)
        if hour is None:
            hour = self._known[quarter] = datetime.fromtimestamp(quarter * _QUARTER_S, self._zone).hour
        return hour

    def spent(self, start_s: float, end_s: float) -> list[float]:
        """How many seconds of each hour of the day, 0 to 23, lie between two moments."""
        spent = [0.0] * 24
        at_s = start_s
        while at_s < end_s:
            next_s = min((at_s // _QUARTER_S + 1) * _QUARTER_S, end_s)
            spent[self.hour(at_s)] += next_s - at_s
            at_s = next_s
        return spent
