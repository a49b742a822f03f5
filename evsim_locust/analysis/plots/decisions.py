"""What the policy decided, beside the price and the profiles' thresholds."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import Decisions


def draw_decisions(decisions: Decisions, currency: str) -> Figure:
    """Decisions per minute over time, the price with the thresholds below."""
    made = style.figure(
        f"Smart charging: the policy's decisions (n = {decisions.count:,} log lines; a station that waits asks again)",
        9.0,
        6.5,
    )
    rate, price = made.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    middles = decisions.axis.middles()
    for n, (name, per_min) in enumerate(decisions.per_min.items()):
        rate.plot(
            middles, per_min, color=style.COLOURS[n], marker=style.MARKERS[n], label=style.short(name, style.LONG)
        )
    rate.set_ylabel("decisions per min")
    rate.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.thousands(rate)
    style.draw_prices(price, decisions.axis, decisions.prices, currency, decisions.thresholds.values())
    _thresholds(price, decisions.thresholds)
    price.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    style.elapsed(price, decisions.axis)
    return made


def _thresholds(axes: Axes, thresholds: dict[str, float]) -> None:
    """One line for each threshold, whichever profiles share it."""
    shared: dict[float, list[str]] = {}
    for name, threshold in thresholds.items():
        shared.setdefault(threshold, []).append(style.short(name))
    for n, (threshold, names) in enumerate(sorted(shared.items())[: len(style.DASHES)]):
        label = f"≤ {threshold:g}: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
        axes.axhline(threshold, color=style.BLACK, linewidth=1.0, linestyle=style.DASHES[n], label=label)
