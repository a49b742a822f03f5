"""Virtual time: what will happen, and when; nothing takes any."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Final

from evsim_locust.simulation.errors import TimeStandsStill

_MOST_AT_ONE_MOMENT: Final = 1_000_000


class Agenda:
    """Acts in the order of their time, those of one moment in the order they were entered; `now` is in seconds."""

    __slots__ = ("_heap", "_numbers", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Enter an act; one that should have happened before happens now."""
        heappush(self._heap, (when, next(self._numbers), act))

    def run(self, until: float) -> None:
        """Let everything happen up to and at that time; raises TimeStandsStill, and whatever an act raises."""
        heap, at_this_moment = self._heap, 0
        while heap and heap[0][0] <= until:
            when, _, act = heappop(heap)
            if when > self.now:
                self.now, at_this_moment = when, 0
            elif (at_this_moment := at_this_moment + 1) > _MOST_AT_ONE_MOMENT:
                raise TimeStandsStill(f"{_MOST_AT_ONE_MOMENT:,} acts at {self.now} s, the last is {act}")
            act()
        self.now = max(self.now, until)
