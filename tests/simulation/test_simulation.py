"""The simulation itself: time, names, determinism, what it keeps."""

from __future__ import annotations

import doctest
from functools import partial

import pytest

import evsim_locust.simulation
from evsim_locust.ocppj.v16.messages import Reset
from evsim_locust.simulation import (
    CutLink,
    Simulation,
    SimulationError,
    StationKnown,
    StationUnknown,
    TimeStandsStill,
    Transcript,
)
from evsim_locust.simulation.agenda import Agenda
from evsim_locust.station.commands import ShutDown
from evsim_locust.station.events import LogLine
from evsim_locust.station.settings import Settings
from tests.simulation.days import PROFILES


def test_the_agenda_keeps_the_order_of_time_and_of_entry() -> None:
    agenda, seen = Agenda(), list[tuple[float, str]]()

    def act(name: str) -> None:
        seen.append((agenda.now, name))

    agenda.at(2.0, partial(act, "second"))
    agenda.at(2.0, partial(act, "third"))
    agenda.at(1.0, partial(act, "first"))
    agenda.at(9.0, partial(act, "later"))
    agenda.run(5.0)
    assert seen == [(1.0, "first"), (2.0, "second"), (2.0, "third")]
    assert agenda.now == 5.0
    agenda.at(3.0, partial(act, "late entry"))
    agenda.run(4.0)
    assert (seen[-1], agenda.now) == ((5.0, "late entry"), 5.0)
    agenda.run(9.0)
    assert seen[-1] == (9.0, "later")


def test_time_that_stands_still_is_an_error_and_no_hang() -> None:
    agenda = Agenda()

    def again() -> None:
        agenda.at(agenda.now, again)

    agenda.at(1.0, again)
    with pytest.raises(TimeStandsStill, match=r"1,000,000 acts at 1\.0 s.*again"):
        agenda.run(2.0)


def test_what_an_act_raises_comes_out_and_the_rest_still_happens() -> None:
    simulation, seen = Simulation(seed=1), list[float]()
    simulation.at(1.0, partial(simulation.command, "nobody", ShutDown()))
    simulation.at(2.0, lambda: seen.append(simulation.now))
    with pytest.raises(StationUnknown, match="'nobody'"):
        simulation.run(3.0)
    simulation.run(3.0)
    assert seen == [2.0]


def test_wrong_names_are_refused() -> None:
    simulation = Simulation(seed=1)
    simulation.add("S-1", PROFILES["manual"])
    with pytest.raises(StationKnown, match="'S-1'"):
        simulation.add("S-1", PROFILES["manual"])
    with pytest.raises(StationUnknown):
        simulation.call("S-2", Reset(type="Soft"))
    simulation.strike(CutLink(1.0, "S-2"))
    with pytest.raises(SimulationError, match="'S-2'"):
        simulation.run(2.0)


def fleet(seed: int, transcript: Transcript | None = None, connectors: int = 2) -> Simulation:
    simulation = Simulation(seed, Settings(connectors=connectors, time_scale=10.0), transcript=transcript)
    for number, name in enumerate(sorted(PROFILES)):
        simulation.add(f"S-{number}", PROFILES[name])
    simulation.strike(CutLink(70.0), CutLink(140.0, "S-0"))
    simulation.run_for(200.0)
    simulation.shut_down()
    return simulation


def test_the_same_seed_gives_the_same_frames_and_another_seed_others() -> None:
    first, again, other = fleet(1), fleet(1), fleet(2)
    assert first.transcript.frames > 1000
    assert (first.transcript.digest, first.transcript.frames) == (again.transcript.digest, again.transcript.frames)
    assert first.transcript.digest != other.transcript.digest
    assert first.central_system.book.rows() == again.central_system.book.rows()
    lines = [
        [(at, fact) for at, fact in run.transcript.told["S-0"] if isinstance(fact, LogLine)] for run in (first, again)
    ]
    assert lines[0] == lines[1]


def test_a_stations_life_does_not_depend_on_its_neighbours() -> None:
    def lines(names: list[str]) -> list[tuple[float, object]]:
        simulation = Simulation(4, Settings(time_scale=10.0), transcript=Transcript(kinds=(LogLine,)))
        for name in names:
            simulation.add(name, PROFILES["busy"])
        simulation.run_for(200.0)
        return simulation.transcript.told["S-2"]

    alone, among = lines(["S-2"]), lines(["S-1", "S-2", "S-3"])
    assert len(alone) > 20
    assert alone == among


def test_running_in_steps_is_running_at_once() -> None:
    def digest(steps: int) -> str:
        simulation = Simulation(4, Settings(time_scale=10.0))
        simulation.add("S-1", PROFILES["busy"])
        for step in range(steps):
            simulation.run((step + 1) * 256.0 / steps)
        return simulation.transcript.digest

    assert digest(1) == digest(64)


def test_a_transcript_may_keep_some_kinds_of_facts_only() -> None:
    kept = fleet(1, Transcript(kinds=(LogLine,)))
    assert {type(fact) for facts in kept.transcript.told.values() for _, fact in facts} == {LogLine}
    assert not any(kept.transcript.noted.values())
    assert kept.transcript.digest == fleet(1).transcript.digest


def test_several_connectors_charge_at_the_same_time() -> None:
    simulation = Simulation(1, Settings(connectors=3, time_scale=10.0))
    simulation.add("S-1", PROFILES["busy"])
    most_open = 0
    for _ in range(20):
        simulation.run_for(5.0)
        most_open = max(most_open, simulation.central_system.book.open_count)
    assert {row.connector_id for row in simulation.central_system.book.rows()} == {1, 2, 3}
    assert most_open == 3


def test_the_example_in_the_documentation_runs() -> None:
    results = doctest.testmod(evsim_locust.simulation)
    assert results.attempted >= 8
    assert results.failed == 0
