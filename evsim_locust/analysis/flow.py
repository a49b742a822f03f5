"""The mean of what flows evenly between two moments, bin by bin, without visiting the bins between them."""

from __future__ import annotations

from evsim_locust.analysis.axis import Axis

Place = tuple[int, float]


class Flow:
    """Sums rates that hold from one moment to another.

    By the end e of a bin, all that began at b < e with rate r has brought r * (e - b) = e * r - r * b, and what ended
    since has brought that much less. So two sums per bin say everything, and adding costs the same for any length.
    """

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._rates = [0.0] * axis.bins
        self._moments = [0.0] * axis.bins

    def add(self, start: Place, stop: Place, rate: float) -> None:
        """`rate` units a second from one place on the axis to another."""
        n, since_s = start
        self._rates[n] += rate
        self._moments[n] += rate * since_s
        n, since_s = stop
        self._rates[n] -= rate
        self._moments[n] -= rate * since_s

    def means(self) -> list[float]:
        """The mean rate in each bin."""
        means = []
        rate = moment = before = 0.0
        ends_s, lengths_s = self._axis.ends_s(), self._axis.lengths_s()
        for turn, turn_moment, end_s, length_s in zip(self._rates, self._moments, ends_s, lengths_s, strict=True):
            rate += turn
            moment += turn_moment
            total = end_s * rate - moment
            means.append(max(total - before, 0.0) / length_s)  # below 0 by rounding only
            before = total
        return means
