"""How long calls took: intervals of ten seconds by action, brought together in the bins of an axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import inf
from statistics import fmean
from typing import Final

from msgspec import Struct

from evsim_locust.analysis.axis import Axis
from evsim_locust.history.records import LatencyRecord

MOST_ACTIONS: Final = 7  # more lines cannot be told apart in one plot
_GAP: Final = 2.5  # bins or intervals, whichever are longer


class ActionRow(Struct, frozen=True):
    """All calls of an action; the percentiles are medians over the intervals, None when no call was timed."""

    name: str
    calls: int
    failures: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class Point(Struct, frozen=True):
    """The intervals of one bin, at the mean of their middles."""

    at_s: float
    p95_ms: float
    max_ms: float


class LatencyLine(Struct, frozen=True):
    """An action over time; None where the line is broken, as no call was timed for a while."""

    name: str
    points: list[Point | None]


class Latencies(Struct, frozen=True):
    """`calls` in all, `intervals` how many rows told so; `actions` is complete, lines beyond seven are one."""

    axis: Axis
    calls: int
    intervals: int
    actions: list[ActionRow]
    lines: list[LatencyLine]


def latencies(rows: Iterable[LatencyRecord], axis: Axis) -> Latencies:
    """The actions with most calls first."""
    by_name: dict[str, list[LatencyRecord]] = {}
    for row in rows:
        by_name.setdefault(_name(row), []).append(row)
    actions = sorted((_action(name, found) for name, found in by_name.items()), key=lambda row: (-row.calls, row.name))
    timed = [row.name for row in actions if row.max_ms is not None]
    return Latencies(
        axis,
        sum(row.calls for row in actions),
        sum(map(len, by_name.values())),
        actions,
        [_line(name, found, axis) for name, found in _leading(timed, by_name).items()],
    )


def _name(row: LatencyRecord) -> str:
    """What the CSMS calls at the station is told from what the station calls, as some actions are both."""
    return row.action if row.direction == "sent" else f"{row.action} ({row.direction})"


def _leading(names: Sequence[str], by_name: dict[str, list[LatencyRecord]]) -> dict[str, list[LatencyRecord]]:
    if len(names) <= MOST_ACTIONS:
        return {name: by_name[name] for name in names}
    shown, rest = names[: MOST_ACTIONS - 1], names[MOST_ACTIONS - 1 :]
    others = [row for name in rest for row in by_name[name]]
    return {**{name: by_name[name] for name in shown}, f"({len(rest)} others)": others}


def _action(name: str, rows: Sequence[LatencyRecord]) -> ActionRow:
    return ActionRow(
        name,
        sum(row.calls for row in rows),
        sum(row.failures for row in rows),
        typical((row.p50_ms, row.calls) for row in rows),
        typical((row.p95_ms, row.calls) for row in rows),
        typical((row.p99_ms, row.calls) for row in rows),
        _longest(rows),
    )


def _line(name: str, rows: Iterable[LatencyRecord], axis: Axis) -> LatencyLine:
    """Intervals may be longer than bins: an empty bin is not yet a gap."""
    timed = [row for row in rows if row.max_ms is not None]
    bins: dict[int, list[LatencyRecord]] = {}
    for row in timed:
        bins.setdefault(axis.index(_middle_s(row)), []).append(row)
    longest_s = _GAP * max(axis.width_s, *(row.interval_s for row in timed))
    points: list[Point | None] = []
    last_s = inf
    for _, found in sorted(bins.items()):
        point = _point(found)
        points += [None, point] if point.at_s - last_s > longest_s else [point]
        last_s = point.at_s
    return LatencyLine(name, points)


def _point(rows: Sequence[LatencyRecord]) -> Point:
    p95_ms = typical((row.p95_ms, row.calls) for row in rows)
    return Point(fmean(map(_middle_s, rows)), p95_ms or 0.0, _longest(rows) or 0.0)


def _middle_s(row: LatencyRecord) -> float:
    return row.at_s - row.interval_s / 2


def typical(values: Iterable[tuple[float | None, int]]) -> float | None:
    """The median of figures, each counted as often as it had calls; None when there are none.

    Percentiles of intervals do not add up to that of all; but half of the calls were made when it was at most this.
    """
    known = sorted((value, weight) for value, weight in values if value is not None and weight > 0)
    if not known:
        return None
    half = sum(weight for _, weight in known) / 2
    reached = accumulate(weight for _, weight in known)
    return next(value for (value, _), sum_ in zip(known, reached, strict=True) if sum_ >= half)


def _longest(rows: Iterable[LatencyRecord]) -> float | None:
    return max((row.max_ms for row in rows if row.max_ms is not None), default=None)
