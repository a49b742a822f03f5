"""How many sessions there are over time."""

from __future__ import annotations

from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import Frequency


def draw_frequency(frequency: Frequency) -> Figure:
    """Starts and ends per minute, and how many sessions run at once."""
    made = style.figure(f"Session frequency (n = {frequency.sessions:,} sessions)", 9.0, 5.0)
    rate, running = made.subplots(2, 1, sharex=True)
    middles = frequency.axis.middles()
    rate.plot(middles, frequency.starts_per_min, color=style.COLOURS[2], marker="^", label="started")
    rate.plot(middles, frequency.stops_per_min, color=style.COLOURS[5], marker="s", linestyle="--", label="ended")
    rate.set_ylabel("sessions per min")
    rate.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    running.plot(middles, frequency.running, color=style.COLOURS[0], marker="o")
    running.set_ylabel("sessions at once (mean)")
    for axes in (rate, running):
        style.thousands(axes)
    style.elapsed(running, frequency.axis)
    return made
