"""Profiles beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import ProfileRow
from evsim_locust.analysis.spread import Spread


def draw_profiles(rows: Sequence[ProfileRow], currency: str) -> Figure:
    """Sessions, energy, duration and cost of each profile."""
    count = sum(row.sessions for row in rows)
    made = style.figure(f"Profile comparison (n = {count:,} sessions)", 9.0, 6.5)
    sessions, energy, duration, cost = made.subplots(2, 2).flat
    names = [row.name for row in rows]
    _bars(sessions, [float(row.sessions) for row in rows], "sessions", "sessions")
    _spreads(energy, [row.energy_spread_kwh for row in rows], "energy of a session", "energy (kWh)")
    _spreads(duration, [row.duration_spread_min for row in rows], "duration of a session", "duration (min)")
    unit = f"cost ({currency or 'price units'})"
    _bars(cost, [row.cost / row.sessions for row in rows], "mean cost of a session", unit)
    for axes in (sessions, energy, duration, cost):
        style.bar_names(axes, names)
        style.thousands(axes)
    style.whole(sessions)
    return made


def _bars(axes: Axes, heights: Sequence[float], title: str, unit: str) -> None:
    for n, height in enumerate(heights):
        axes.bar(n, height, width=0.7, color=style.COLOURS[n], hatch=style.HATCHES[n], edgecolor="white")
    axes.set_title(title)
    axes.set_ylabel(unit)


def _spreads(axes: Axes, spreads: Sequence[Spread | None], title: str, unit: str) -> None:
    for n, spread in enumerate(spreads):
        if spread is not None:
            below, above = spread.p50 - spread.p10, spread.p90 - spread.p50
            axes.errorbar(
                n,
                spread.p50,
                [[below], [above]],
                color=style.COLOURS[n],
                marker=style.MARKERS[n],
                markersize=7,
                capsize=5,
            )
    axes.set_title(f"{title}: median, 10 % to 90 %")
    axes.set_ylabel(unit)
