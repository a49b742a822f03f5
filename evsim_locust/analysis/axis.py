"""Time in bins: a run is cut into at most sixty pieces of a round length."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from msgspec import Struct

_MOST_BINS: Final = 60
_DAY_S: Final = 86_400
_WIDTHS_S: Final = (
    *(1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200),
    *(_DAY_S, 2 * _DAY_S, 7 * _DAY_S, 14 * _DAY_S),
)
_UNITS: Final = ((2 * 3600, "min", 60.0), (3 * _DAY_S, "h", 3600.0))


class Axis(Struct, frozen=True):
    """`bins` pieces of `width_s` seconds from `start_s` (seconds since the epoch) on; the run lasts `span_s`."""

    start_s: float
    span_s: float
    width_s: int
    bins: int

    def place(self, at_s: float) -> tuple[int, float]:
        """The bin of a moment and its seconds since the start; what lies outside, since clocks differ, is at the edge.

        Written out, since it is asked twice for each of a million sessions.
        """
        since_s = at_s - self.start_s
        if since_s <= 0.0:
            return 0, 0.0
        if since_s >= self.span_s:
            return self.bins - 1, self.span_s
        n = int(since_s / self.width_s)
        return (n if n < self.bins else self.bins - 1), since_s

    def index(self, at_s: float) -> int:
        """The bin of a moment."""
        return self.place(at_s)[0]

    def ends_s(self) -> list[float]:
        """The end of each bin, in seconds since the start; the last one ends with the run."""
        return [*(float(edge * self.width_s) for edge in range(1, self.bins)), self.span_s]

    def lengths_s(self) -> list[float]:
        """How long each bin is, in seconds."""
        return [after - before for before, after in pairwise([0.0, *self.ends_s()])]

    @property
    def unit(self) -> str:
        """The unit of elapsed time that reads well here."""
        return next((name for limit_s, name, _ in _UNITS if self.span_s <= limit_s), "days")

    def elapsed(self, at_s: float) -> float:
        """Time since the start in `unit`."""
        unit_s = next((seconds for limit_s, _, seconds in _UNITS if self.span_s <= limit_s), float(_DAY_S))
        return (at_s - self.start_s) / unit_s

    def middles(self) -> list[float]:
        """The middle of each bin, elapsed."""
        return [self.elapsed(self.start_s + (a + b) / 2) for a, b in pairwise([0.0, *self.ends_s()])]


def axis_over(start_s: float, end_s: float) -> Axis:
    """The axis for a run; one that ends as it begins still has a second.

    The last bin is half to one and a half of a width: what ends in a sliver would look like a very high rate.
    """
    span_s = max(end_s - start_s, 1.0)
    width_s = next((width for width in _WIDTHS_S if span_s <= width * _MOST_BINS), -int(-span_s // _MOST_BINS))
    return Axis(start_s, span_s, width_s, max(int(span_s / width_s + 0.5), 1))
