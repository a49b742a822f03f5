"""Places in a run, counted from 0: the lowest free one goes first, so that there are no holes."""

from __future__ import annotations

import heapq


class Places:
    """`count` places, or without end; what a place stands for is another's business."""

    __slots__ = ("_count", "_free", "_in_free", "_next", "_taken")

    def __init__(self, count: int | None = None) -> None:
        self._count = count
        self._next = 0  # no place from here on was ever given back to `_free`
        # A heap of the places below `_next` that were given back, each once; one claimed since stays until it comes up.
        self._free: list[int] = []
        self._in_free: set[int] = set()
        self._taken: set[int] = set()

    def take(self) -> int | None:
        """The lowest free place; None when all are taken."""
        while self._free:
            place = heapq.heappop(self._free)
            self._in_free.remove(place)
            if place not in self._taken:
                self._taken.add(place)
                return place
        return self._take_new()

    def claim(self, place: int) -> None:
        """Take this one; raises ValueError when it is taken."""
        if place in self._taken:
            raise ValueError(f"place {place} is taken")
        self._taken.add(place)

    def give_back(self, place: int) -> None:
        """Free a place; raises ValueError when it is not taken, since two would get it."""
        if place not in self._taken:
            raise ValueError(f"place {place} is not taken")
        self._taken.remove(place)
        if place < self._next and place not in self._in_free:
            self._in_free.add(place)
            heapq.heappush(self._free, place)

    def _take_new(self) -> int | None:
        while self._next in self._taken:  # claimed before its turn
            self._next += 1
        if self._next == self._count:
            return None
        self._taken.add(self._next)
        self._next += 1
        return self._next - 1
