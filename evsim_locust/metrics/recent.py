"""How long calls took lately: quantiles of the last minute, where counts since the run's begin would hide a change."""

from __future__ import annotations

from collections import deque
from typing import Final

from evsim_locust.metrics.histogram import Histogram, HistogramData

WINDOW_S: Final = 60.0
SLICE_S: Final = 5.0


class Recent:
    """Times by when they were told, in slices of 5 s; `now` is monotonic seconds and never falls.

    A slice counts as long as any of it lies within the last minute: all that was told in these 60 s is in, and nothing
    that is 65 s old. Slices hold what was added to the counts, maxima too, which differences of counts would not have.
    """

    def __init__(self) -> None:
        self._slices: deque[tuple[int, Histogram]] = deque()  # by number, oldest first

    def add(self, now: float, times: HistogramData) -> None:
        """More of them."""
        number = int(now // SLICE_S)
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append((number, Histogram()))
        self._slices[-1][1].merge_data(times)
        self._drop_old(now)

    def quantile(self, now: float, q: float) -> float | None:
        """The seconds that a share `q` (0 to 1) of the last minute's times did not exceed; None without times."""
        self._drop_old(now)
        whole = Histogram()
        for _, times in self._slices:
            whole.merge(times)
        return whole.quantile(q) if whole.count else None

    def forget(self) -> None:
        """A new run begins."""
        self._slices.clear()

    def _drop_old(self, now: float) -> None:
        while self._slices and (self._slices[0][0] + 1) * SLICE_S <= now - WINDOW_S:
            self._slices.popleft()
