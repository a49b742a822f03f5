"""How long calls took over time."""

from __future__ import annotations

from math import nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from evsim_locust.analysis.latency import Latencies
from evsim_locust.analysis.plots import style

_LEAST_MS = 0.001  # no time is measured finer, and a logarithm needs more than 0


def draw_latency(latencies: Latencies) -> Figure:
    """The 95th percentile of each action above, its slowest call below, both in ms on logarithmic scales."""
    made = style.figure(
        f"Latency per action (n = {latencies.calls:,} calls in {latencies.intervals:,} intervals)\n"
        "time until the answer, or until it was given up; p95: median of the intervals, weighted by calls",
        9.0,
        6.5,
    )
    usual, slowest = made.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    axis = latencies.axis
    for n, line in enumerate(latencies.lines):
        look = {"color": style.COLOURS[n], "marker": style.MARKERS[n], "label": style.short(line.name, style.LONG)}
        times = [nan if point is None else axis.elapsed(point.at_s) for point in line.points]
        usual.plot(times, [nan if point is None else max(point.p95_ms, _LEAST_MS) for point in line.points], **look)
        slowest.plot(times, [nan if point is None else max(point.max_ms, _LEAST_MS) for point in line.points], **look)
    usual.set_ylabel("p95 latency (ms)")
    slowest.set_ylabel("slowest call (ms)")
    for axes in (usual, slowest):
        _logarithmic(axes)
    usual.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.elapsed(slowest, axis)
    return made


def _logarithmic(axes: Axes) -> None:
    """Room for a decade at least, since within less no round figure might be on the axis."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high < 10 * low:
        middle = (low * high) ** 0.5
        axes.set_ylim(middle / 10**0.5, middle * 10**0.5)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 100 * low else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
