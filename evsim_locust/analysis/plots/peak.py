"""Peak hours beside the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import Part, PeakRow

_WIDTH = 0.38


def draw_peak(rows: Sequence[PeakRow], hours: str) -> Figure:
    """Session rate and energy of each profile, at peak hours and outside; `hours` says which they are."""
    at_peak, off_peak = sum(row.peak.sessions for row in rows), sum(row.off_peak.sessions for row in rows)
    made = style.figure(
        f"Peak and off-peak, by the session's start (n = {at_peak:,} and {off_peak:,} sessions)\npeak hours: {hours}",
        9.0,
        4.6,
    )
    rate, energy = made.subplots(1, 2)
    _pairs(rate, rows, lambda part: part.sessions_per_hour)
    rate.set_title("sessions begun per hour of the run")
    rate.set_ylabel("sessions/h")
    _pairs(energy, rows, lambda part: part.mean_kwh)
    energy.set_title("mean energy of a session")
    energy.set_ylabel("energy (kWh)")
    made.legend(*rate.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return made


def _pairs(axes: Axes, rows: Sequence[PeakRow], height: Callable[[Part], float]) -> None:
    places = range(len(rows))
    for side, label in ((0, "peak"), (1, "off-peak")):
        parts = [row.off_peak if side else row.peak for row in rows]
        if not any(part.spent_s for part in parts):
            label += " (no such hour in this run)"
        axes.bar(
            [place + (side - 0.5) * _WIDTH for place in places],
            [height(part) for part in parts],
            width=_WIDTH,
            color=style.COLOURS[5 if side == 0 else 4],
            hatch="///" if side == 0 else "",
            edgecolor="white",
            label=label,
        )
    style.bar_names(axes, [row.name for row in rows])
    style.thousands(axes)
