"""All plots of a study, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from matplotlib.figure import Figure
from msgspec import Struct

from evsim_locust.analysis.plots.arrivals import draw_arrivals
from evsim_locust.analysis.plots.connected import draw_connected
from evsim_locust.analysis.plots.decisions import draw_decisions
from evsim_locust.analysis.plots.energy import draw_energy
from evsim_locust.analysis.plots.latency import draw_latency
from evsim_locust.analysis.plots.peak import draw_peak
from evsim_locust.analysis.plots.price import draw_price_impact
from evsim_locust.analysis.plots.profiles import draw_profiles
from evsim_locust.analysis.plots.sessions import draw_frequency
from evsim_locust.analysis.plots.style import png, styled
from evsim_locust.analysis.study import Study
from evsim_locust.analysis.words import hours_text

Draw = Callable[[Study], Figure | None]


class Plot(Struct, frozen=True):
    """A drawn plot; `name` is its file's without `.png`, `says` what it shows."""

    name: str
    says: str
    image: bytes


def _price_impact(study: Study) -> Figure | None:
    return draw_price_impact(study.price_impact, study.config.currency) if study.sessions else None


def _profiles(study: Study) -> Figure | None:
    return draw_profiles(study.leading_profiles, study.config.currency) if study.sessions else None


def _peak(study: Study) -> Figure | None:
    if study.peak_hours is None or not study.sessions:
        return None
    return draw_peak(study.leading_peak, f"{hours_text(study.peak_hours)} ({study.zone})")


def _energy(study: Study) -> Figure | None:
    return draw_energy(study.energy_bins) if study.sessions else None


def _decisions(study: Study) -> Figure | None:
    return draw_decisions(study.decisions, study.config.currency) if study.decisions.count else None


def _frequency(study: Study) -> Figure | None:
    return draw_frequency(study.frequency) if study.sessions else None


def _arrivals(study: Study) -> Figure | None:
    return draw_arrivals(study.arrivals, study.zone) if study.sessions else None


def _connected(study: Study) -> Figure | None:
    there = study.connected.lines or study.connected.by_samples
    return draw_connected(study.connected) if there else None


def _latency(study: Study) -> Figure | None:
    return draw_latency(study.latencies) if study.latencies.lines else None


PLOTS: Final[dict[str, tuple[str, Draw]]] = {
    "price_impact": ("Price impact", _price_impact),
    "profile_comparison": ("Profile comparison", _profiles),
    "peak_off_peak": ("Peak and off-peak", _peak),
    "energy_distribution": ("Energy against caps", _energy),
    "smart_charging": ("Smart-charging behaviour", _decisions),
    "session_frequency": ("Session frequency", _frequency),
    "arrivals_per_hour": ("Arrivals per hour", _arrivals),
    "connected_stations": ("Connected stations", _connected),
    "latency": ("Latency per action", _latency),
}


def draw_all(study: Study, tell: Callable[[str, int, int], None]) -> Iterator[Plot]:
    """The plots for which the run has data."""
    with styled():
        for number, (name, (says, draw)) in enumerate(PLOTS.items()):
            tell("drawing plots", number, len(PLOTS))
            made = draw(study)
            if made is not None:
                yield Plot(name, says, png(made))
