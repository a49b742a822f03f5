"""How long something took, many times over: quantiles to 0.1 %, and histograms that add up without loss.

Times are counted in whole nanoseconds. The buckets are log-linear in decimals: from 1 us to 1 h each run 1-2, 2-5, 5-10
of a decade is cut into equal steps of at most 1/500 of its start. So a bucket's middle is within 0.1 % of all that fell
into it, and bounds such as 0.25 s or 30 s are edges of buckets: what was below them is known exactly. Counts, sums and
maxima of parts make those of the whole, in any order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import ceil, isfinite
from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=2**62)]

_NS: Final = 1e9
_LOWEST_NS: Final = 1_000  # one bucket for all up to here
_HIGHEST_NS: Final = 3_600_000_000_000  # one more for all above
_LONGEST_NS: Final = 2**62  # no time is longer
_RUNS: Final = ((1, 2, 2), (2, 5, 4), (5, 10, 10))  # from, to, step in thousandths


class _Run(NamedTuple):
    """Buckets of equal width: `first` is the lowest time in the first one, `bucket` its index; the upper edge is in."""

    first: int
    step: int
    bucket: int


def _runs() -> list[_Run]:
    runs = [_Run(0, _LOWEST_NS + 1, 0)]
    index = 1
    for exponent in range(3, 13):
        for low, high, step in _RUNS:
            start, width = low * 10**exponent, step * 10 ** (exponent - 3)
            if start < _HIGHEST_NS:
                runs.append(_Run(start + 1, width, index))
                index += (min(high * 10**exponent, _HIGHEST_NS) - start) // width
    return [*runs, _Run(_HIGHEST_NS + 1, _LONGEST_NS, index)]


_TABLE: Final = _runs()
_TOPS: Final = [run.first - 1 for run in _TABLE[1:]]  # the run of a time is the number of tops below it
_INDEXES: Final = [run.bucket for run in _TABLE]
BUCKETS: Final = _INDEXES[-1] + 1


class HistogramData(Struct, frozen=True, array_like=True):
    """A histogram as plain data: `counts` of the buckets that hold any, each `gaps` further on than the one before.

    The sum is in nanoseconds, `max_s` in seconds. Raises ValueError for what no histogram gives.
    """

    gaps: list[Count]
    counts: list[Annotated[int, Meta(ge=1, le=2**62)]]
    sum_ns: Count
    max_s: Annotated[float, Meta(ge=0.0)]

    def __post_init__(self) -> None:
        if len(self.gaps) != len(self.counts):
            raise ValueError("as many gaps as counts are needed")
        if sum(self.gaps) >= BUCKETS or 0 in self.gaps[1:]:
            raise ValueError(f"the gaps must lead upwards to at most bucket {BUCKETS - 1}")
        if not isfinite(self.max_s):
            raise ValueError("the maximum must be finite")


class Histogram:
    """Times in seconds; quantiles tell those below 1 us as 1 us, and those above 1 h as the longest one."""

    __slots__ = ("_counts", "_sum_ns", "max")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._sum_ns = 0
        self.max = 0.0

    @property
    def count(self) -> int:
        """How many times were recorded."""
        return sum(self._counts.values())

    @property
    def sum(self) -> float:
        """All of them together, in seconds."""
        return self._sum_ns / _NS

    def record(self, seconds: float) -> None:
        """One more, to the nearest nanosecond; raises ValueError or OverflowError for what is no time."""
        self.record_all((seconds,))

    def record_all(self, times: Sequence[float]) -> None:
        """At least one more, as `record`; when one of them is no time, none is recorded."""
        wholes = [int(seconds * _NS + 0.5) for seconds in times]
        if min(wholes) < 0 or max(wholes) > _LONGEST_NS:
            raise ValueError(f"no time: {min(times)!r} or {max(times)!r}")
        counts = self._counts
        for whole in wholes:
            first, step, index = _TABLE[bisect_left(_TOPS, whole)]
            index += (whole - first) // step
            counts[index] = counts.get(index, 0) + 1
        self._sum_ns += sum(wholes)
        self.max = max(self.max, *times)

    def merge(self, other: Histogram) -> None:
        """Add what the other one holds."""
        self._add(other._counts.items(), other._sum_ns, other.max)

    def merge_data(self, data: HistogramData) -> None:
        """Add what another process sent."""
        self._add(zip(accumulate(data.gaps), data.counts, strict=True), data.sum_ns, data.max_s)

    def quantile(self, q: float) -> float:
        """The time that a share `q` (0 to 1) of all did not exceed (nearest rank); raises ValueError when empty."""
        count = self.count
        if not count or not 0.0 <= q <= 1.0:
            raise ValueError(f"the share {q!r} of {count} times")
        rank = max(1, ceil(round(q * count, 6)))  # 0.07 * 100 is a little above 7
        if rank == count:
            return self.max
        reached = 0
        indexes = iter(sorted(self._counts))
        while reached < rank:
            index = next(indexes)
            reached += self._counts[index]
        return min(_middle(index), self.max)

    def cumulative(self, bounds: Sequence[float]) -> list[int]:
        """How many were at or below each bound, which must rise and be edges of buckets; raises ValueError."""
        edges = [_edge(bound) for bound in bounds]
        if edges != sorted(set(edges)):
            raise ValueError("the bounds must rise")
        within = [0] * (len(edges) + 1)
        for index, count in self._counts.items():
            within[bisect_left(edges, index)] += count
        return list(accumulate(within[:-1]))

    def to_data(self) -> HistogramData:
        """For a message."""
        indexes = sorted(self._counts)
        gaps = [index - before for before, index in zip([0, *indexes], indexes, strict=False)]
        return HistogramData(gaps, [self._counts[index] for index in indexes], self._sum_ns, self.max)

    @classmethod
    def from_data(cls, data: HistogramData) -> Histogram:
        """What another process sent, as it was there."""
        made = cls()
        made.merge_data(data)
        return made

    def _add(self, counts: Iterable[tuple[int, int]], sum_ns: int, longest_s: float) -> None:
        mine = self._counts
        for index, count in counts:
            mine[index] = mine.get(index, 0) + count
        self._sum_ns += sum_ns
        self.max = max(self.max, longest_s)


def _range_of(index: int) -> tuple[int, int]:
    """The lowest and the highest whole nanosecond of a bucket."""
    first, step, base = _TABLE[bisect_right(_INDEXES, index) - 1]
    low = first + (index - base) * step
    return low, low + step - 1


def _middle(index: int) -> float:
    """Of the times that round into the bucket, half a nanosecond beyond each end too; of the lowest one its top."""
    low, high = _range_of(index)
    return (low + high) / 2 / _NS if index else high / _NS


def _edge(bound: float) -> int:
    """The bucket that ends at the bound."""
    whole = round(bound * _NS)
    first, step, index = _TABLE[bisect_left(_TOPS, whole)]
    index += (whole - first) // step
    if _range_of(index)[1] != whole:
        raise ValueError(f"{bound!r} s is no edge of a bucket")
    return index
