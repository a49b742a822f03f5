"""How the energies of sessions lie against the profile's cap."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsim_locust.analysis.plots import style
from evsim_locust.analysis.shaping import EnergyBins

_ONE_ROW = 3


def draw_energy(histograms: Sequence[EnergyBins]) -> Figure:
    """A histogram for each profile, with its cap."""
    columns = len(histograms) if len(histograms) <= _ONE_ROW else -(-len(histograms) // 2)
    rows = -(-len(histograms) // columns)
    count = sum(histogram.sessions for histogram in histograms)
    title = f"Energy of sessions against the profile's cap (n = {count:,} sessions)"
    made = style.figure(title, max(3.2 * columns, 5.5), 2.6 * rows + 0.8)
    grid = made.subplots(rows, columns, squeeze=False, sharex=True)
    for n, axes in enumerate(grid.flat):
        if n < len(histograms):
            _histogram(axes, histograms[n], style.COLOURS[n])
            below = n + columns >= len(histograms)  # no plot beneath that would carry the label
            axes.tick_params(labelbottom=below)
            axes.set_xlabel("energy (kWh)" if below else "")
        else:
            axes.set_visible(False)
    for row in grid:
        row[0].set_ylabel("sessions")
    return made


def _histogram(axes: Axes, histogram: EnergyBins, colour: str) -> None:
    width = histogram.width_kwh
    lefts = [n * width for n in range(len(histogram.counts))]
    axes.bar(lefts, histogram.counts, width=width, align="edge", color=colour, edgecolor="white", linewidth=0.4)
    axes.set_title(f"{style.short(histogram.name)} (n = {histogram.sessions:,})")
    if histogram.cap_kwh is not None:
        axes.axvline(histogram.cap_kwh, color=style.BLACK, linestyle="--", label=f"cap {histogram.cap_kwh:g} kWh")
        axes.legend(loc="best")
    axes.set_xlim(0, len(lefts) * width * 1.04)
    style.whole(axes)
