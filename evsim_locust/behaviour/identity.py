"""Which station a simulated station is: its id, and who hands out the numbers."""

from __future__ import annotations

import heapq
import re
from typing import Final, Protocol

from evsim_locust.behaviour.errors import SettingRefused

# Safe in a URL's path, a file name, a CSV cell and a log line; at most 48 characters.
_STATION_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9*+=:|@._-]{0,47}")


def check_station_id(text: str) -> str:
    """The id itself; raises SettingRefused when it may not be one."""
    if not _STATION_ID.fullmatch(text):
        raise SettingRefused(
            f"{text[:60]!r} is not a station id: 1 to 48 letters, digits or *+=:|@._-, beginning with a letter or digit"
        )
    return text


def station_id(prefix: str, number: int, digits: int) -> str:
    """`PY-SIM-0001`; a number that outgrows its digits keeps going (`PY-SIM-10000`).

    Raises SettingRefused.
    """
    if number < 0 or digits < 0:
        raise SettingRefused(f"a station's number and its digits must be at least 0, not {number} and {digits}")
    return check_station_id(f"{prefix}{number:0{digits}d}")


class Numbers(Protocol):
    """Where a station gets its number from; in a distributed run, the numbers the master leased to this worker."""

    def take(self) -> int:
        """A number that nobody has, the lowest there is."""

    def give_back(self, number: int) -> None:
        """The station with this number is gone."""


class Allocator:
    """All numbers from `start` on, for one process: without gaps as long as nothing is given back."""

    __slots__ = ("_free", "_next", "_start", "_taken")

    def __init__(self, start: int = 1) -> None:
        self._start = self._next = start
        self._free: list[int] = []  # a heap of those given back
        self._taken: set[int] = set()

    def take(self) -> int:
        """The lowest number that is free."""
        if self._free:
            number = heapq.heappop(self._free)
        else:
            number, self._next = self._next, self._next + 1
        self._taken.add(number)
        return number

    def give_back(self, number: int) -> None:
        """Free a number; raises ValueError when it was not taken, since two stations would get it."""
        if number not in self._taken:
            raise ValueError(f"number {number} is not taken")
        self._taken.remove(number)
        heapq.heappush(self._free, number)
