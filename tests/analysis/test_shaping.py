from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.axis import axis_over
from evsim_locust.analysis.config import ProfileLimits, RunConfig
from evsim_locust.analysis.hours import Hours
from evsim_locust.analysis.rows import DecisionRow, PriceRow, SessionRow
from evsim_locust.analysis.shaping import (
    PriceLevel,
    arrivals,
    decisions,
    energy_bins,
    frequency,
    peak_rows,
    price_impact,
    price_levels,
    price_steps,
    profile_rows,
    round_width,
    time_at_price,
)
from evsim_locust.analysis.tally import SessionTally

HOUR = 3600.0
AXIS = axis_over(8 * HOUR, 10 * HOUR)  # 08:00 to 10:00 on the first day of the epoch
HOURS = Hours(ZoneInfo("UTC"), {9, 20})
CONFIG = RunConfig({"busy": ProfileLimits(40.0, 30.0, True)}, frozenset({9, 20}), "UTC", "₹")


def session(start_h: float, stop_h: float, wh: int, profile: str = "busy", price: float | None = 20.0) -> SessionRow:
    return SessionRow(profile, start_h * HOUR, stop_h * HOUR, wh, price, wh * 0.02, "Local")


def tallied(*rows: SessionRow) -> SessionTally:
    tally = SessionTally(AXIS, HOURS)
    for row in rows:
        tally.add(row)
    return tally


def test_prices_are_cut_to_the_run() -> None:
    changes = [PriceRow(1, 5.0), PriceRow(7 * HOUR, 20.0), PriceRow(9 * HOUR, 30.0), PriceRow(99 * HOUR, 1.0)]
    steps = price_steps(changes, AXIS)
    assert steps[1:] == [PriceRow(8 * HOUR, 20.0), PriceRow(9 * HOUR, 30.0)]
    assert time_at_price(steps, 10 * HOUR) == {5.0: 0.0, 20.0: HOUR, 30.0: HOUR}


def test_price_levels_count_sessions_and_the_time_without_them() -> None:
    levels = price_levels({20.0: (3, 6000)}, {20.0: 1800.0, 25.0: 60.0}, "₹")
    assert levels == [PriceLevel("₹20.00", 3, 6.0, 1800.0), PriceLevel("₹25.00", 0, 0.0, 60.0)]
    assert levels[0].per_hour(3) == 6
    assert price_levels({}, {20.0: 60.0}, "") == []


@given(
    st.dictionaries(st.floats(0.01, 1000), st.tuples(st.integers(1, 9), st.integers(0, 999)), min_size=1, max_size=40)
)
def test_ten_price_levels_at_most_hold_all(sessions: dict[float, tuple[int, int]]) -> None:
    levels = price_levels(sessions, dict.fromkeys(sessions, 1.0), "")
    assert 1 <= len(levels) <= 10
    assert sum(level.sessions for level in levels) == sum(n for n, _ in sessions.values())
    assert sum(level.held_s or 0.0 for level in levels) == pytest.approx(len(sessions))
    assert sum(level.energy_kwh for level in levels) == pytest.approx(sum(wh for _, wh in sessions.values()) / 1000)


def test_price_impact_has_rates_when_the_times_are_known() -> None:
    tally = tallied(session(8.5, 9.5, 10_000))
    known = price_impact(tally, [PriceRow(8 * HOUR, 20.0)], "₹")
    assert known.known
    assert known.power_kw[AXIS.index(9 * HOUR)] == pytest.approx(10)
    assert known.starts_per_min[AXIS.index(8.5 * HOUR)] == pytest.approx(60 / AXIS.width_s)
    assert not price_impact(tally, [], "₹").known
    assert not price_impact(tally, [PriceRow(8 * HOUR, 21.0)], "₹").known  # a price that never held


def test_profiles_have_figures_and_limits() -> None:
    tally = tallied(session(8, 8.5, 40_000), session(8, 9, 10_000), session(8, 9, 10_000, profile="own"))
    busy, own = profile_rows(tally.profiles, CONFIG)
    assert (busy.name, busy.sessions, busy.energy_kwh, busy.at_cap) == ("busy", 2, 50.0, 1)
    assert (busy.cap_kwh, busy.threshold, busy.allow_peak) == (40.0, 30.0, True)
    assert busy.duration_spread_min is not None
    assert (busy.duration_spread_min.p10, busy.duration_spread_min.p90) == (30, 60)
    assert busy.cost == pytest.approx(1000)
    assert (own.cap_kwh, own.at_cap) == (None, None)


def test_peak_and_off_peak_are_rates_of_the_time_spent() -> None:
    tally = tallied(session(8.1, 9, 1000), session(8.2, 9, 3000), session(9.1, 9.2, 5000))
    (row,) = peak_rows(tally.profiles, HOURS, AXIS)
    assert (row.peak.sessions, row.peak.sessions_per_hour, row.peak.mean_kwh) == (1, 1.0, 5.0)
    assert (row.off_peak.sessions, row.off_peak.sessions_per_hour, row.off_peak.mean_kwh) == (2, 2.0, 2.0)
    assert peak_rows(tally.profiles, Hours(None, None), AXIS) == []


def test_a_run_outside_the_peak_has_no_rate_there() -> None:
    (row,) = peak_rows(tallied(session(8.1, 9, 1000)).profiles, Hours(ZoneInfo("UTC"), {20}), AXIS)
    assert (row.peak.spent_s, row.peak.sessions_per_hour, row.peak.mean_kwh) == (0, 0, 0)


def test_arrivals_tell_no_sessions_from_no_time() -> None:
    found = arrivals(tallied(session(9.1, 9.2, 1)).profiles, HOURS, AXIS)
    assert found.by_profile["busy"][7:11] == [None, 0.0, 1.0, None]
    assert found.peak == {9, 20}
    assert found.sessions == 1


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=50))
def test_energy_bins_hold_all_and_none_at_its_cap_lies_beyond(energies: list[int]) -> None:
    tally = tallied(*(session(8, 9, wh) for wh in [*energies, 40_000]))
    (bins,) = energy_bins(tally.profiles, CONFIG)
    assert sum(bins.counts) == bins.sessions == len(energies) + 1
    assert bins.cap_kwh == 40.0
    upto_cap = round(40.0 / bins.width_kwh)
    assert upto_cap * bins.width_kwh == pytest.approx(40.0)
    assert sum(bins.counts[:upto_cap]) == sum(wh <= 40_000 for wh in [*energies, 40_000])


@given(st.floats(1e-3, 1e6))
def test_widths_are_round(most: float) -> None:
    width = round_width(most)
    assert most / width <= 40
    assert most / width > 15  # the next finer one is at least 2.5 times as fine
    assert f"{width:e}"[0] in "125"


def test_decisions_are_named_by_reason_and_kind() -> None:
    rows = [
        DecisionRow(8 * HOUR, "started", "Charging started", 4),
        DecisionRow(8 * HOUR + 1, "waiting", "Price too high", 2),
        DecisionRow(9 * HOUR, "stopping", "Price too high", 1),
        DecisionRow(9 * HOUR, "waiting", "Price too high", 3),
    ]
    found = decisions(rows, AXIS, [], {})
    assert found.totals == {"Price too high — waiting": 5, "Charging started": 4, "Price too high — stopping": 1}
    assert found.count == 10
    assert found.per_min["Charging started"][0] == pytest.approx(4 * 60 / AXIS.width_s)
    assert sum(found.per_min["Charging started"][1:]) == 0


def test_many_reasons_end_in_others() -> None:
    rows = [DecisionRow(8 * HOUR, "waiting", f"Reason {n:02}", 20 - n) for n in range(12)]
    found = decisions(rows, AXIS, [], {})
    assert list(found.per_min)[-2:] == ["Reason 06 — waiting", "(5 other reasons)"]
    others = sum(found.per_min["(5 other reasons)"]) * AXIS.width_s / 60
    assert others == pytest.approx(sum(20 - n for n in range(7, 12)))
    assert len(found.totals) == 12


def test_frequency_counts_what_begins_ends_and_runs() -> None:
    found = frequency(tallied(session(8.5, 9.5, 1), session(8.5, 9.25, 1)))
    minutes = AXIS.width_s / 60
    assert found.starts_per_min[AXIS.index(8.5 * HOUR)] == pytest.approx(2 / minutes)
    assert found.stops_per_min[AXIS.index(9.5 * HOUR)] == pytest.approx(1 / minutes)
    assert found.running[AXIS.index(9 * HOUR)] == pytest.approx(2)
