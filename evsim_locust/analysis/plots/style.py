"""How all plots look: colours that colour-blind readers tell apart, and marks that survive a black-and-white print."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator

from evsim_locust.analysis.axis import Axis
from evsim_locust.analysis.rows import PriceRow

# Okabe and Ito's palette, without its yellow, which fades on white; black is for thresholds and limits.
COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999", "#444444")
HATCHES: Final = ("", "///", "...", "xxx", "\\\\\\", "+++", "ooo", "---")
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES: Final = ((0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (12, 3)), (0, (5, 2, 1, 2, 1, 2)), (0, (3, 6)))
BLACK: Final = "#000000"
PEAK_SHADE: Final = "#EEEEEE"

_SETTINGS: Final[dict[Any, Any]] = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.4,
    "lines.markersize": 4.0,
    "text.parse_math": False,  # a "$" is a currency here
    "figure.titlesize": 11.0,
}
LONG: Final = 36  # "Carbon intensity too high — stopping"
_SHORT: Final = 22


@contextmanager
def styled() -> Iterator[None]:
    """All drawing happens in here."""
    with rc_context(_SETTINGS), warnings.catch_warnings():
        # A profile may be named in letters that the shipped font has not: boxes are drawn, which is no news for users.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def figure(title: str, width_in: float = 9.0, height_in: float = 5.5) -> Figure:
    """An empty figure with its title."""
    made = Figure(figsize=(width_in, height_in), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06))
    made.suptitle(title)
    return made


def png(made: Figure, dpi: int = 130) -> bytes:
    """The figure as a PNG file."""
    FigureCanvasAgg(made)
    file = BytesIO()
    made.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
    return file.getvalue()


def short(name: str, most: int = _SHORT) -> str:
    """A name that fits beside others, on one line."""
    line = " ".join(name.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def thousands(axes: Axes) -> None:
    """The y axis starts at 0 and has `10,000` for 10000."""
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def whole(axes: Axes) -> None:
    """The y axis counts: there is no half session."""
    thousands(axes)
    axes.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True))


def elapsed(axes: Axes, axis: Axis) -> None:
    """The x axis is time since the run's start."""
    axes.set_xlim(0, axis.elapsed(axis.start_s + axis.span_s))
    axes.set_xlabel(f"time since start ({axis.unit})")


def bar_names(axes: Axes, names: Sequence[str]) -> None:
    """Names under bars at 0, 1, 2 ...; many or long ones lean."""
    axes.grid(visible=False, axis="x")
    axes.set_xlim(-0.6, max(len(names), 2) - 0.4)
    lean = sum(len(name) for name in names) > 34
    axes.set_xticks(
        range(len(names)), [short(name) for name in names], rotation=25 if lean else 0, ha="right" if lean else "center"
    )


def draw_prices(
    axes: Axes, axis: Axis, prices: Sequence[PriceRow], currency: str, limits: Collection[float] = ()
) -> None:
    """The price as steps over elapsed time; there is room for limits on the same scale."""
    if prices:
        times = [*(axis.elapsed(row.at_s) for row in prices), axis.elapsed(axis.start_s + axis.span_s)]
        values = [*(row.price for row in prices), prices[-1].price]
        axes.step(times, values, where="post", color=COLOURS[5], label="price")
    else:
        empty(axes, "no price changes in the history")
    axes.set_ylabel(f"price ({currency}/kWh)" if currency else "price per kWh")
    highest = max([*limits, *(row.price for row in prices)], default=1.0)
    axes.set_ylim(0, highest * 1.1 or 1.0)


def empty(axes: Axes, why: str) -> None:
    """Say in the middle why there is nothing."""
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color="#555555")
