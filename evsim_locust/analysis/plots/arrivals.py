"""When in the day sessions begin."""

from __future__ import annotations

from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import Arrivals


def draw_arrivals(arrivals: Arrivals, zone: str) -> Figure:
    """Sessions begun per hour of the run, stacked by profile, in each hour of the day."""
    title = f"Arrivals per hour, by the hour of the day (n = {arrivals.sessions:,} sessions begun)"
    made = style.figure(title, 9.0, 4.2)
    axes = made.subplots()
    for hour in arrivals.peak:
        axes.axvspan(hour - 0.5, hour + 0.5, color=style.PEAK_SHADE, zorder=0, label="_")
    bottoms = [0.0] * 24
    for n, (name, per_hour) in enumerate(arrivals.by_profile.items()):
        heights = [value or 0.0 for value in per_hour]
        axes.bar(
            range(24),
            heights,
            bottom=bottoms,
            width=0.8,
            color=style.COLOURS[n],
            hatch=style.HATCHES[n],
            edgecolor="white",
            label=style.short(name),
        )
        bottoms = [below + height for below, height in zip(bottoms, heights, strict=True)]
    axes.set_xlim(-0.6, 23.6)
    axes.set_xticks(range(24))
    axes.grid(visible=False, axis="x")
    axes.set_xlabel(f"hour of the day ({zone}{'; shaded: peak hours' if arrivals.peak else ''})")
    axes.set_ylabel("sessions begun per hour of the run")
    style.thousands(axes)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return made
