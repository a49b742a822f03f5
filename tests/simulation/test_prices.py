"""A day of the idle profile at a price that changes: 15 from midnight, 25 from 03:10 to 05:00, peak from 8 to 17."""

from __future__ import annotations

from functools import cache, partial

from evsim_locust.simulation import Simulation
from evsim_locust.station.events import LogLine, MeterSampled, TransactionStarted, TransactionStopped
from tests.simulation.days import DAY_S, PROFILES, STATIONS, Checked, Day, hour

DEARER, CHEAPER, PEAK, PEAK_ENDS = 3 * 3600 + 600, 5 * 3600, 8 * 3600, 18 * 3600


@cache
def priced() -> Day:
    checked = Checked()
    simulation = Simulation(seed=11, transcript=checked)
    simulation.environment.change(price=15.0)
    for name in STATIONS:
        simulation.add(name, PROFILES["idle"])
    simulation.at(DEARER, partial(simulation.environment.change, price=25.0))
    simulation.at(CHEAPER, partial(simulation.environment.change, price=15.0))
    simulation.run(DAY_S)
    simulation.shut_down()
    return Day(simulation, checked)


def running(at: float) -> dict[str, float]:
    """The stations with a transaction at that time, with the time of their next sample."""
    found = {}
    for name in STATIONS:
        starts = [when for when, _ in priced().told(TransactionStarted, name)]
        stops = [when for when, _ in priced().told(TransactionStopped, name)]
        if any(start < at < stop for start, stop in zip(starts, stops, strict=True)):
            found[name] = next(when for when, _ in priced().told(MeterSampled, name) if when >= at)
    return found


def test_sessions_begin_only_at_a_good_price_and_off_peak() -> None:
    starts = [at for at, _ in priced().told(TransactionStarted)]
    assert len(starts) >= 2 * 6
    assert not [at for at in starts if DEARER < at < CHEAPER or PEAK <= at < PEAK_ENDS]
    assert [at for at in starts if at < DEARER]
    assert [at for at in starts if CHEAPER < at < PEAK]
    assert [at for at in starts if at > PEAK_ENDS]
    assert {line.text for at, line in priced().told(LogLine) if line.text.startswith("Charging started")} <= {
        f"Charging started (price: ₹15.00, id_tag: {tag})" for tag in ("ABC123", "TAG001", "USER42")
    }


def test_a_new_price_reaches_running_sessions_at_their_next_sample() -> None:
    expected = running(DEARER)
    assert expected
    for name, next_sample in expected.items():
        assert priced().lines("Price too high (₹25.00 > ₹18.00) — stopping", name) == [next_sample]
    assert len(priced().lines("Price too high (₹25.00 > ₹18.00) — stopping")) == len(expected)


def test_a_refused_driver_waits_and_is_served_within_a_minute_of_a_better_price() -> None:
    for name in STATIONS:
        waits = priced().lines("Price too high (₹25.00 > ₹18.00) — waiting", name)
        assert len(waits) > 90
        assert DEARER < min(waits) < max(waits) < CHEAPER
        started = min(at for at, _ in priced().told(TransactionStarted, name) if at > CHEAPER)
        assert started < max(waits) + 60 + 8 + 2  # the retry, the walk, Authorize and StartTransaction


def test_the_peak_stops_sessions_and_refuses_new_ones_naming_the_hour() -> None:
    expected = running(PEAK)
    for name, next_sample in expected.items():
        assert priced().lines("Peak hour block (hour 8) — stopping", name) == [next_sample]
    assert len(priced().lines("Peak hour block (hour 8) — stopping")) == len(expected)
    for blocked in range(8, 18):
        refusals = priced().lines(f"Peak hour block (hour {blocked}) — waiting")
        assert {hour(at) for at in refusals} == {blocked}
    assert not priced().lines("Peak hour block (hour 18) — waiting")


def test_the_cap_ends_sessions_to_the_watt_hour() -> None:
    capped = priced().lines("Energy cap reached (20.0/20.0 kWh) — stopping")
    assert len(capped) >= 2
    assert len(priced().lines("Charging stopped (20.00 kWh delivered)")) == len(capped)
    assert max(row.meter_stop - row.meter_start for row in priced().rows if row.meter_stop is not None) == 20_000


def test_both_sides_agree_to_the_end() -> None:
    assert {row.reason for row in priced().rows} == {"Local", "Other"}
    assert {row.status for row in priced().rows} == {"stopped"}
    assert +priced().findings() == {}
    assert (priced().checked.violations, priced().checked.call_errors) == ([], [])
