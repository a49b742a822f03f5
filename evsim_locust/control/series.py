"""How the run went lately: points at even distances, numbered so that a reader asks only for what it has not seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

PERIOD_S: Final = 2.0
KEPT: Final = 300


class Point(Struct, frozen=True, array_like=True, gc=False):
    """The whole swarm at `at_s` seconds since the run's begin; `p95_ms` is None when nothing was called lately."""

    at_s: float
    power_kw: float
    calls_per_s: float
    p95_ms: float | None
    connected: int


class Excerpt(Struct, frozen=True):
    """The newest points, oldest first; `last` is the number of the newest, so of 3 points the first is `last - 2`."""

    period_s: Annotated[float, Meta(description="between two points")]
    last: int
    points: list[Point]


class Series:
    """The newest points of one run; the first point that was ever added has number 1."""

    def __init__(self, points: Iterable[Point] = ()) -> None:
        self._points: deque[Point] = deque(maxlen=KEPT)
        self.last = 0
        for point in points:
            self.add(point)

    def add(self, point: Point) -> None:
        """A new one; beyond 300 the oldest is gone."""
        self._points.append(point)
        self.last += 1

    def begin(self) -> None:
        """A new run: its points take the place of all others, and it begins with a point at 0 s.

        Numbers go on, so that whoever asks for those after the last one it has gets the new run's from the start; that
        they are another run's is seen by their time, which falls back to 0.
        """
        self._points.clear()
        self.add(Point(0.0, 0.0, 0.0, None, 0))

    def after(self, number: int) -> Excerpt:
        """Those with higher numbers; all when that number was never reached, as it then comes from another process."""
        known = number if number <= self.last else 0
        unseen = min(self.last - known, len(self._points))
        return Excerpt(PERIOD_S, self.last, list(islice(self._points, len(self._points) - unseen, None)))
