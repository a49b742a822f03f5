"""From what was counted to what is shown: pure, one small frozen struct for each plot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from msgspec import Struct

from evsim_locust.analysis.axis import Axis
from evsim_locust.analysis.config import RunConfig
from evsim_locust.analysis.hours import Hours
from evsim_locust.analysis.rows import DecisionRow, PriceRow
from evsim_locust.analysis.spread import Spread, spread_of
from evsim_locust.analysis.tally import ProfileTally, SessionTally

MOST_PROFILES: Final = 6  # more cannot be told apart in one plot
_MOST_LEVELS: Final = 10
_MOST_REASONS: Final = 7
_MOST_ENERGY_BINS: Final = 40
_TENTHS_PER_MIN: Final = 600.0


class PriceLevel(Struct, frozen=True):
    """Sessions that began at a price; `held_s` is how long the price held, None when that is not known."""

    label: str
    sessions: int
    energy_kwh: float
    held_s: float | None

    def per_hour(self, amount: float) -> float:
        """An amount per hour in which this price held."""
        return amount * 3600.0 / self.held_s if self.held_s else 0.0


class PriceImpact(Struct, frozen=True):
    """Mean power and starts per minute in each bin, beside the price; `known` says whether levels can be rates."""

    axis: Axis
    sessions: int
    power_kw: list[float]
    starts_per_min: list[float]
    prices: list[PriceRow]
    levels: list[PriceLevel]

    @property
    def known(self) -> bool:
        """Whether it is known for every price with sessions how long it held."""
        return bool(self.levels) and all(level.held_s for level in self.levels)


def price_impact(tally: SessionTally, prices: Sequence[PriceRow], currency: str) -> PriceImpact:
    """How much was charged when, and at which price."""
    axis = tally.axis
    steps = price_steps(prices, axis)
    held_s = time_at_price(steps, axis.start_s + axis.span_s)
    return PriceImpact(
        axis,
        tally.sessions,
        [power_w / 1000 for power_w in tally.power_w.means()],
        rates(tally.starts, axis, 60.0),
        steps,
        price_levels(tally.prices, held_s, currency),
    )


def price_steps(prices: Iterable[PriceRow], axis: Axis) -> list[PriceRow]:
    """The changes within the run; one of before holds from its start."""
    end_s = axis.start_s + axis.span_s
    return [PriceRow(max(row.at_s, axis.start_s), row.price) for row in prices if row.at_s < end_s]


def time_at_price(steps: Sequence[PriceRow], end_s: float) -> dict[float, float]:
    """How many seconds each price held."""
    held_s: dict[float, float] = {}
    for step, after in pairwise([*steps, PriceRow(end_s, 0.0)]):
        held_s[step.price] = held_s.get(step.price, 0.0) + max(after.at_s - step.at_s, 0.0)
    return held_s


def price_levels(sessions: dict[float, tuple[int, int]], held_s: dict[float, float], currency: str) -> list[PriceLevel]:
    """One level for each price, or ten ranges when there are more prices; held without a session counts too."""
    found = sorted(sessions.keys() | held_s.keys())
    if not sessions:
        return []
    if len(found) <= _MOST_LEVELS:
        return [_level(f"{currency}{price:.2f}", [price], sessions, held_s) for price in found]
    width = (found[-1] - found[0]) / _MOST_LEVELS
    groups: dict[int, list[float]] = {}
    for price in found:
        groups.setdefault(min(int((price - found[0]) / width), _MOST_LEVELS - 1), []).append(price)
    return [
        _level(f"{currency}{group[0]:.2f}–{group[-1]:.2f}", group, sessions, held_s)
        for _, group in sorted(groups.items())
    ]


def _level(
    label: str, prices: list[float], sessions: dict[float, tuple[int, int]], held_s: dict[float, float]
) -> PriceLevel:
    counts = [sessions.get(price, (0, 0)) for price in prices]
    held = sum(held_s.get(price, 0.0) for price in prices)
    return PriceLevel(label, sum(n for n, _ in counts), sum(wh for _, wh in counts) / 1000, held or None)


def rates(counts: Sequence[int], axis: Axis, per_s: float) -> list[float]:
    """Counts per `per_s` seconds of each bin."""
    return [count * per_s / length_s for count, length_s in zip(counts, axis.lengths_s(), strict=True)]


class ProfileRow(Struct, frozen=True):
    """One profile's sessions; limits are None when the configuration does not tell them."""

    name: str
    sessions: int
    energy_kwh: float
    energy_spread_kwh: Spread | None
    duration_spread_min: Spread | None
    cost: float
    cap_kwh: float | None
    threshold: float | None
    allow_peak: bool | None
    at_cap: int | None


def profile_rows(profiles: dict[str, ProfileTally], config: RunConfig) -> list[ProfileRow]:
    """A row for each profile, in their order."""
    return [_profile_row(name, tally, config) for name, tally in profiles.items()]


def _profile_row(name: str, tally: ProfileTally, config: RunConfig) -> ProfileRow:
    limits = config.limits(name)
    cap_kwh = limits.max_energy_kwh
    at_cap = None
    if cap_kwh is not None:
        at_cap = sum(count for wh, count in tally.energies_wh.items() if wh >= cap_kwh * 1000)
    return ProfileRow(
        name,
        tally.sessions,
        tally.energy_wh / 1000,
        spread_of(tally.energies_wh, 1000.0),
        spread_of(tally.durations_ds, _TENTHS_PER_MIN),
        tally.cost,
        cap_kwh,
        limits.charge_if_price_below,
        limits.allow_peak,
        at_cap,
    )


class Part(Struct, frozen=True):
    """Sessions that began in peak hours, or outside them; `spent_s` is how much of the run lay there."""

    sessions: int
    energy_kwh: float
    spent_s: float

    @property
    def sessions_per_hour(self) -> float:
        """Sessions begun per hour of the run; 0 when none of it lay here."""
        return self.sessions * 3600.0 / self.spent_s if self.spent_s else 0.0

    @property
    def mean_kwh(self) -> float:
        """Energy per session; 0 without sessions."""
        return self.energy_kwh / self.sessions if self.sessions else 0.0


class PeakRow(Struct, frozen=True):
    """A profile at peak hours and outside them."""

    name: str
    peak: Part
    off_peak: Part


def peak_rows(profiles: dict[str, ProfileTally], hours: Hours, axis: Axis) -> list[PeakRow]:
    """A row for each profile; none when the peak hours are not known."""
    if hours.peak is None:
        return []
    spent_s = hours.spent(axis.start_s, axis.start_s + axis.span_s)
    peak = sorted(hours.peak)
    off = [hour for hour in range(24) if hour not in hours.peak]
    return [PeakRow(name, _part(tally, peak, spent_s), _part(tally, off, spent_s)) for name, tally in profiles.items()]


def _part(tally: ProfileTally, hours: Sequence[int], spent_s: Sequence[float]) -> Part:
    return Part(
        sum(tally.hours[hour] for hour in hours),
        sum(tally.hours_wh[hour] for hour in hours) / 1000,
        sum(spent_s[hour] for hour in hours),
    )


class Arrivals(Struct, frozen=True):
    """Sessions begun per hour of the run in each hour of the day, by profile; None where the run was not."""

    sessions: int
    by_profile: dict[str, list[float | None]]
    peak: frozenset[int]


def arrivals(profiles: dict[str, ProfileTally], hours: Hours, axis: Axis) -> Arrivals:
    """How often sessions begin in the hours of the day."""
    spent_s = hours.spent(axis.start_s, axis.start_s + axis.span_s)
    by_profile = {
        name: [count * 3600.0 / spent if spent else None for count, spent in zip(tally.hours, spent_s, strict=True)]
        for name, tally in profiles.items()
    }
    return Arrivals(sum(tally.sessions for tally in profiles.values()), by_profile, hours.peak or frozenset())


class EnergyBins(Struct, frozen=True):
    """Sessions of a profile by energy: `counts[n]` above n and up to n + 1 times `width_kwh`, the first with 0."""

    name: str
    sessions: int
    width_kwh: float
    counts: list[int]
    cap_kwh: float | None


def energy_bins(profiles: dict[str, ProfileTally], config: RunConfig) -> list[EnergyBins]:
    """A histogram for each profile, all over the same range, which holds caps and energies."""
    caps = {name: config.limits(name).max_energy_kwh for name in profiles}
    most_wh = max((wh for tally in profiles.values() for wh in tally.energies_wh), default=0)
    most_kwh = max([most_wh / 1000, *(cap for cap in caps.values() if cap), 0.001])
    width_kwh = round_width(most_kwh)
    bins = ceil(round(most_kwh / width_kwh, 6))
    return [_energy_bins(name, tally, width_kwh, bins, caps[name]) for name, tally in profiles.items()]


def round_width(most: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that cuts the range in at most forty.

    Caps are round figures, too: so they lie between two bins, and what reached its cap is not drawn beyond it.
    """
    power = 10.0 ** floor(log10(most / _MOST_ENERGY_BINS))
    return next(power * factor for factor in (1, 2, 5, 10) if most / (power * factor) <= _MOST_ENERGY_BINS)


def _energy_bins(name: str, tally: ProfileTally, width_kwh: float, bins: int, cap_kwh: float | None) -> EnergyBins:
    counts = [0] * bins
    for wh, count in tally.energies_wh.items():
        counts[min(max(ceil(round(wh / 1000 / width_kwh, 6)) - 1, 0), bins - 1)] += count
    return EnergyBins(name, tally.sessions, width_kwh, counts, cap_kwh)


class Decisions(Struct, frozen=True):
    """The policy's decisions per minute by `kind: reason`, the most frequent first, with the price and thresholds."""

    axis: Axis
    count: int
    totals: dict[str, int]
    per_min: dict[str, list[float]]
    prices: list[PriceRow]
    thresholds: dict[str, float]


def decisions(
    rows: Iterable[DecisionRow], axis: Axis, prices: Sequence[PriceRow], thresholds: dict[str, float]
) -> Decisions:
    """What the policy decided when; reasons beyond seven are one."""
    binned: dict[str, list[int]] = {}
    for row in rows:
        name = row.reason if row.kind == "started" else f"{row.reason} — {row.kind}"
        binned.setdefault(name, [0] * axis.bins)[axis.index(row.at_s)] += row.lines
    totals = Counter({name: sum(counts) for name, counts in binned.items()})
    ranked = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    shown = {name: binned[name] for name in ranked[:_MOST_REASONS]}
    if len(ranked) > _MOST_REASONS:
        rest = [binned[name] for name in ranked[_MOST_REASONS:]]
        shown[f"({len(rest)} other reasons)"] = [sum(counts) for counts in zip(*rest, strict=True)]
    return Decisions(
        axis,
        sum(totals.values()),
        {name: totals[name] for name in ranked},
        {name: rates(counts, axis, 60.0) for name, counts in shown.items()},
        price_steps(prices, axis),
        thresholds,
    )


class Frequency(Struct, frozen=True):
    """Sessions begun and ended per minute, and the mean number that ran at once, in each bin."""

    axis: Axis
    sessions: int
    starts_per_min: list[float]
    stops_per_min: list[float]
    running: list[float]


def frequency(tally: SessionTally) -> Frequency:
    """How many sessions there were when."""
    axis = tally.axis
    starts, stops = (rates(counts, axis, 60.0) for counts in (tally.starts, tally.stops))
    return Frequency(axis, tally.sessions, starts, stops, tally.running.means())


class Connected(Struct, frozen=True):
    """Stations at the end of each bin, by the log, and in slots of time, each by its middle, by meter samples.

    `lines` of the log and `samples` tell so, where a station's samples of one slot are one.
    """

    axis: Axis
    lines: int
    samples: int
    by_log: list[int]
    by_samples: list[tuple[float, int]]
