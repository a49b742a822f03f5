"""How energy and sessions go with the price."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import PriceImpact
from evsim_locust.analysis.words import compact


def draw_price_impact(impact: PriceImpact, currency: str) -> Figure:
    """On the left over time, on the right by the price at which sessions began."""
    made = style.figure(f"Price impact (n = {impact.sessions:,} sessions)", 10.0, 6.0)
    grid = made.add_gridspec(1, 2, width_ratios=(3, 2))
    left, right = made.add_subfigure(grid[0]), made.add_subfigure(grid[1])
    _over_time(left, impact, currency)
    energy, sessions = right.subplots(2, 1, sharex=True)
    _by_level(energy, impact, [level.energy_kwh for level in impact.levels], 0)
    _by_level(sessions, impact, [float(level.sessions) for level in impact.levels], 1)
    energy.set_title("energy of sessions, per hour at this price" if impact.known else "energy of sessions")
    energy.set_ylabel("kWh/h" if impact.known else "energy (kWh)")
    sessions.set_title("sessions begun, per hour at this price" if impact.known else "sessions begun")
    sessions.set_ylabel("sessions/h" if impact.known else "sessions")
    sessions.set_xlabel("price per kWh when the session began")
    return made


def _over_time(part: SubFigure, impact: PriceImpact, currency: str) -> None:
    power, starts, price = part.subplots(3, 1, sharex=True)
    middles = impact.axis.middles()
    power.plot(middles, impact.power_kw, color=style.COLOURS[0], marker="o")
    power.set_ylabel("mean power (kW)")
    starts.plot(middles, impact.starts_per_min, color=style.COLOURS[2], marker="^")
    starts.set_ylabel("starts per min")
    for axes in (power, starts):
        style.thousands(axes)
    style.draw_prices(price, impact.axis, impact.prices, currency)
    style.elapsed(price, impact.axis)


def _by_level(axes: Axes, impact: PriceImpact, amounts: Sequence[float], look: int) -> None:
    """Bars over the levels; as rates when it is known how long each price held."""
    levels = impact.levels
    heights = [
        level.per_hour(amount) if impact.known else amount for level, amount in zip(levels, amounts, strict=True)
    ]
    colour, hatch = style.COLOURS[2 * look], style.HATCHES[look]
    bars = axes.bar(range(len(levels)), heights, color=colour, hatch=hatch, edgecolor="white")
    axes.bar_label(bars, [f"n={compact(level.sessions)}" for level in levels], fontsize=7, padding=2)
    axes.margins(y=0.15)
    style.bar_names(axes, [level.label for level in levels])
    style.thousands(axes)
    if not levels:
        style.empty(axes, "no session with a price")
