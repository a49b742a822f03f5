"""How many stations there are over time."""

from __future__ import annotations

from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import Connected


def draw_connected(connected: Connected) -> Figure:
    """Stations that have booted, from the log; stations that charge, from meter samples."""
    made = style.figure(
        f"Connected stations, from n = {connected.lines:,} log lines and {connected.samples:,} meter samples\n"
        "booted and not shut down: a connection that was lost in between is not in the history",
        9.0,
        4.2,
    )
    axes, axis = made.subplots(), connected.axis
    ends = [0.0, *(axis.elapsed(axis.start_s + end_s) for end_s in axis.ends_s())]
    axes.plot(ends, [0, *connected.by_log], color=style.COLOURS[0], marker="o", label="booted, not shut down")
    if connected.by_samples:
        times = [axis.elapsed(at_s) for at_s, _ in connected.by_samples]
        counts = [count for _, count in connected.by_samples]
        axes.plot(times, counts, color=style.COLOURS[1], marker="s", linestyle="--", label="gave a meter sample")
    axes.set_ylabel("stations")
    style.whole(axes)
    style.elapsed(axes, axis)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return made
