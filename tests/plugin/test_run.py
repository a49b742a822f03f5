"""What the stations of a run share: draws that repeat, ids, profiles and blocks of numbers."""

from __future__ import annotations

from typing import Any

import pytest

from csms.central_system import CentralSystem
from evsim_locust.behaviour.session import sessions
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.run import Run, clock

HOUR_S = 3600.0


def run_of(first: int = 1, **given: str) -> Run:
    return Run(read_options({"peak_hours": "none", **given}, "ws://127.0.0.1:9000/ocpp"), first)


def hour_of(station: SimulatedStation) -> list[tuple[float, str]]:
    """What a station tells in an hour of its life with a central system, in virtual time."""
    began = now = clock()
    session = CentralSystem().connected("S", now)
    station.connected(now)
    told: list[tuple[float, str]] = []
    while now < began + HOUR_S:
        for text in station.take_outbox():
            session.receive(text, now)
        answers = session.take_outbox()
        for answer in answers:
            station.receive(answer, now)
        told += [(round(now - began, 1), type(event).__name__) for event in station.take_events()]
        if not answers:
            now = max(now, station.next_deadline())
            station.wake(now)
    return told


def test_the_same_seed_and_number_live_the_same_hour() -> None:
    lives = [hour_of(run_of(seed="7").station(number, sessions)) for number in (3, 3, 4)]
    assert lives[0] == lives[1]
    assert lives[0] != lives[2]
    assert "TransactionStarted" in {name for _at, name in lives[0]}
    assert len(lives[0]) > 100


def test_another_seed_lives_another_hour() -> None:
    assert hour_of(run_of(seed="7").station(3, sessions)) != hour_of(run_of(seed="8").station(3, sessions))


def test_a_station_is_the_same_on_any_worker() -> None:
    on_first, on_second = run_of(1, seed="7"), run_of(10_001, seed="7")
    assert hour_of(on_first.station(10_005, sessions)) == hour_of(on_second.station(10_005, sessions))


def test_sample_intervals_are_drawn_per_station_within_the_profile() -> None:
    run = run_of(seed="7")
    drawn = [run.station(number, sessions).configuration.integer("MeterValueSampleInterval") for number in range(1, 60)]
    assert set(drawn) <= set(range(10, 21))
    assert len(set(drawn)) > 5


@pytest.mark.parametrize(
    ("given", "number", "expected"),
    [
        ({}, 1, "PY-SIM-0001"),
        ({}, 10_000, "PY-SIM-10000"),
        ({"station_prefix": "DE*", "station_digits": "6"}, 42, "DE*000042"),
    ],
)
def test_station_ids(given: dict[str, str], number: int, expected: str) -> None:
    assert run_of(**given).station_id(number) == expected
    assert run_of(**given).station(number, sessions).station_id == expected


def test_numbers_begin_where_the_process_does_and_come_back() -> None:
    run = run_of(10_001)
    assert [run.numbers.take() for _ in range(3)] == [10_001, 10_002, 10_003]
    run.numbers.give_back(10_002)
    assert run.numbers.take() == 10_002


def test_profiles_are_dealt_by_number_whatever_the_process() -> None:
    mix: Any = {"station_profile": "default:2,busy:1", "station_start": "5"}
    first, second = run_of(5, **mix), run_of(10_005, **mix)
    default, busy = first.options.profiles["default"], first.options.profiles["busy"]
    dealt = [first.profile_of(number) for number in range(5, 11)]
    assert (dealt.count(default), dealt.count(busy)) == (4, 2)
    assert [second.profile_of(number) for number in range(5, 11)] == dealt


def test_stations_without_transactions_have_no_drivers() -> None:
    told = hour_of(run_of(station_profile="no-transactions").station(1, sessions))
    assert "TransactionStarted" not in {name for _at, name in told}
    assert len(told) > 50  # heartbeats
