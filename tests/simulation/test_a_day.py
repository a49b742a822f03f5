"""24 hours of every shipped profile with the real central system: nothing fails, and both sides tell the same story."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean

import pytest

from evsim_locust.ocppj.events import CallEnded
from evsim_locust.simulation import Simulation
from evsim_locust.station.events import (
    FrameIgnored,
    LogLine,
    MessageDropped,
    MeterSampled,
    TransactionStarted,
    TransactionStopped,
)
from tests.simulation.days import DAY_S, PROFILES, STATIONS, Day, day, hour

ALL = sorted(PROFILES)
CHARGING = ["busy", "default", "flaky"]
WITHOUT = ["idle", "manual", "no-transactions"]  # idle does not charge at the price of 20
PEAK = range(8, 18)


def stories(told: Day) -> list[tuple[str, int, int, str, str]]:
    """Each transaction as its station tells it: who, meter start and stop, tag, reason."""
    found = []
    for name in STATIONS:
        starts = [fact.meter_start_wh for _, fact in told.told(TransactionStarted, name)]
        stops = [fact for _, fact in told.told(TransactionStopped, name)]
        found += [
            (name, start, start + stop.energy_wh, stop.id_tag, stop.reason)
            for start, stop in zip(starts, stops, strict=True)
        ]
    return sorted(found)


@pytest.mark.parametrize("profile_name", ALL)
def test_every_frame_of_both_ways_is_as_the_official_schemas_have_it(profile_name: str) -> None:
    checked = day(profile_name).checked
    assert checked.violations == []
    assert checked.call_errors == []
    expected = {"BootNotification", "Heartbeat", "StatusNotification"}
    if profile_name in CHARGING:
        expected |= {"Authorize", "MeterValues", "StartTransaction", "StopTransaction"}
    assert set(checked.kinds_seen) == expected | {f"{action}Response" for action in expected}


@pytest.mark.parametrize("profile_name", ALL)
def test_nothing_fails_is_dropped_or_odd(profile_name: str) -> None:
    told = day(profile_name)
    assert [fact for _, fact in told.told(CallEnded) if fact.error is not None] == []
    assert told.told(MessageDropped) == []
    assert told.told(FrameIgnored) == []
    assert +told.findings() == {}
    assert [row["refused"] for row in told.simulation.central_system.station_rows()] == [0, 0]
    assert [text.text for _, text in told.told(LogLine) if text.text.startswith("Driver:")] == []


@pytest.mark.parametrize("profile_name", ALL)
def test_all_stations_end_and_are_gone(profile_name: str) -> None:
    told = day(profile_name)
    assert told.simulation.central_system.connected_count == 0
    assert len(told.lines("Station shutting down")) == len(STATIONS)


@pytest.mark.parametrize("profile_name", CHARGING)
def test_the_book_of_the_central_system_is_what_the_stations_say(profile_name: str) -> None:
    told = day(profile_name)
    sent = told.checked.kinds_seen
    assert sent["StartTransaction"] == sent["StopTransaction"] == len(told.rows) >= 2 * 40
    assert {row.status for row in told.rows} == {"stopped"}
    booked = [(row.station_id, row.meter_start, row.meter_stop, row.id_tag, row.reason) for row in told.rows]
    assert sorted(booked) == stories(told)
    assert {row.id_tag for row in told.rows} == {"ABC123", "TAG001", "USER42"}
    reasons = {row.reason for row in told.rows}
    assert "Local" in reasons
    assert reasons <= {"Local", "Other"}  # the driver, and the station at the energy cap


@pytest.mark.parametrize("profile_name", WITHOUT)
def test_where_nobody_charges_there_are_boots_and_heartbeats_only(profile_name: str) -> None:
    told = day(profile_name)
    assert told.rows == []
    assert told.checked.kinds_seen["BootNotification"] == len(STATIONS)
    assert told.checked.kinds_seen["Heartbeat"] == pytest.approx(len(STATIONS) * DAY_S / 60, abs=len(STATIONS))


def test_idle_asks_the_policy_every_minute_and_says_why_it_waits() -> None:
    waiting = day("idle").lines("Price too high (₹20.00 > ₹18.00) — waiting", "S-1")
    assert len(waiting) > 1400
    assert {round(b - a, 3) for a, b in pairwise(waiting)} == {60.0}


@pytest.mark.parametrize("profile_name", CHARGING)
def test_no_session_gets_more_than_its_cap(profile_name: str) -> None:
    told = day(profile_name)
    cap_wh = PROFILES[profile_name].max_energy_kwh * 1000
    energies = [fact.energy_wh for _, fact in told.told(TransactionStopped)]
    assert max(energies) <= cap_wh + 1  # the meter counts whole Wh
    capped = [fact for _, fact in told.told(TransactionStopped) if fact.energy_wh >= cap_wh]
    assert {fact.reason for fact in capped} <= {"Other"}
    line = f"Energy cap reached ({cap_wh / 1000:.1f}/{cap_wh / 1000:.1f} kWh) — stopping"
    assert len(told.lines(line)) == len(capped)


@pytest.mark.parametrize("profile_name", CHARGING)
def test_power_is_in_the_profiles_range_and_halved_at_peak_hours(profile_name: str) -> None:
    told, profile = day(profile_name), PROFILES[profile_name]
    seen = []
    for name in STATIONS:
        samples = told.told(MeterSampled, name)
        interval_s = min(b - a for (a, _), (b, _) in pairwise(samples) if b > a)
        assert 10 <= round(interval_s, 6) <= 20
        low_w, high_w = (energy * 3600 / interval_s for energy in profile.sample_energy_wh)
        for at, fact in samples:
            if hour(at) == hour(at - interval_s):  # at the turn of the hour the change shows at the next sample
                factor = 0.5 if hour(at) in PEAK else 1.0
                assert low_w * factor * 0.999 <= fact.power_w <= high_w * factor * 1.001
                seen.append((factor, (fact.power_w / factor - low_w) / (high_w - low_w)))
    for factor in (0.5, 1.0):  # the draws use the whole range, at any hour
        places = [place for which, place in seen if which == factor]
        assert min(places) < 0.2
        assert max(places) > 0.8


def test_a_session_over_the_beginning_of_the_peak_goes_on_at_half_power() -> None:
    told = day("default")
    halved = 0
    for name in STATIONS:
        around = [fact.power_w for at, fact in told.told(MeterSampled, name) if abs(at - 8 * 3600) < 60]
        halved += sum(after == before / 2 for before, after in pairwise(around))
    assert halved == len(STATIONS)


@pytest.mark.parametrize("profile_name", ["busy", "idle", "no-transactions"])
def test_heartbeats_come_at_the_central_systems_interval(profile_name: str) -> None:
    for name in STATIONS:
        beats = day(profile_name).lines("Heartbeat sent", name)
        assert len(beats) == pytest.approx(DAY_S / 60, abs=1)
        assert {round(b - a, 6) for a, b in pairwise(beats)} == {60.0}


def test_the_heartbeats_of_a_fleet_spread_over_the_interval() -> None:
    simulation = Simulation(seed=3)
    names = [f"S-{number}" for number in range(40)]
    for name in names:
        simulation.add(name, PROFILES["no-transactions"])
    simulation.run_for(90)
    firsts = [
        next(at for at, fact in simulation.transcript.told[name] if fact == LogLine("Heartbeat sent")) for name in names
    ]
    by_quarter = [sum(15 * quarter <= at % 60 < 15 * quarter + 15 for at in firsts) for quarter in range(4)]
    assert min(by_quarter) >= 4


def test_flaky_goes_offline_before_one_session_in_ten() -> None:
    told = day("flaky")
    connections = [row["connections"] for row in told.simulation.central_system.station_rows()]
    sessions = len(told.rows) / len(STATIONS)
    assert 0.03 * sessions < mean(connections) - 1 < 0.25 * sessions


def test_twenty_times_faster_people_have_the_same_kind_of_sessions() -> None:
    real, fast = day("default"), day("default", 20.0, ("S-2",))  # fast ones see 00:00 to 01:12 on the clock: no peak

    def sessions(told: Day) -> list[tuple[float, int]]:
        """Seconds and Wh of those of S-2 that saw no peak hour."""
        starts = [at for at, _ in told.told(TransactionStarted, "S-2")]
        return [
            (stop - start, fact.energy_wh)
            for start, (stop, fact) in zip(starts, told.told(TransactionStopped, "S-2"), strict=True)
            if hour(start) not in PEAK and hour(stop) not in PEAK
        ]

    slow_ones, fast_ones = sessions(real), sessions(fast)
    assert len(fast_ones) == pytest.approx(len(real.told(TransactionStarted, "S-2")), rel=0.15)
    assert mean(s for s, _ in fast_ones) * 20 == pytest.approx(mean(s for s, _ in slow_ones), rel=0.2)
    assert mean(wh for _, wh in fast_ones) == pytest.approx(mean(wh for _, wh in slow_ones), rel=0.25)
    low_w, high_w = 50 * 3600 / 20, 150 * 3600 / 10
    assert all(low_w <= fact.power_w <= high_w for _, fact in fast.told(MeterSampled))
    assert len(fast.told(MeterSampled)) == pytest.approx(len(real.told(MeterSampled, "S-2")), rel=0.15)
    assert fast.checked.kinds_seen["Heartbeat"] == pytest.approx(72, abs=2)  # these keep real time
