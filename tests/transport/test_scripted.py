"""The shipped fakes keep the promises of what they stand for."""

from __future__ import annotations

import pytest

from evsim_locust.transport.errors import Disconnected, OpenFailed
from evsim_locust.transport.scripted import (
    ManualClock,
    NothingHappens,
    ScriptedConnection,
    ScriptedLink,
    ScriptedOpening,
    ScriptedPause,
)


def test_the_clock_runs_plans_in_order_at_their_times():
    clock, seen = ManualClock(10.0), []
    clock.call_at(12, lambda: seen.append(("b", clock())))
    clock.call_at(11, lambda: seen.append(("a", clock())))
    clock.call_at(12, lambda: seen.append(("c", clock())))
    clock.advance(1.5)
    assert (seen, clock()) == ([("a", 11)], 11.5)
    clock.advance(1.5)
    assert (seen[1:], clock()) == ([("b", 12), ("c", 12)], 13)


def test_waiting_for_ever_is_an_error():
    with pytest.raises(NothingHappens):
        ScriptedPause(ManualClock()).wait(None)


def test_a_wake_ends_the_pause_and_is_kept_once():
    clock = ManualClock()
    pause = ScriptedPause(clock)
    clock.call_at(3, pause.wake)
    pause.wait(10)
    assert clock() == 3
    pause.wake()
    pause.wait(10)
    assert clock() == 3
    pause.wait(10)
    assert clock() == 13


def test_a_connection_plays_its_script():
    clock = ManualClock()
    connection = ScriptedConnection(clock, ["a", 2.0, "b", 1.0, 1.0, Disconnected(1012, "bye")])
    assert connection.receive(5) == "a"
    assert connection.receive(1) is None
    assert clock() == 1
    assert connection.receive(5) == "b"
    assert clock() == 2
    with pytest.raises(Disconnected, match="1012 bye"):
        connection.receive(None)
    assert clock() == 4
    assert connection.closed
    with pytest.raises(Disconnected, match="1012 bye"):
        connection.receive(None)


def test_a_connection_is_silent_after_its_script_and_can_be_woken():
    clock = ManualClock()
    connection = ScriptedConnection(clock)
    clock.call_at(3, connection.wake)
    assert connection.receive(5) is None
    assert clock() == 3
    assert connection.receive(5) is None
    assert clock() == 8


def test_a_closed_connection_takes_and_gives_nothing():
    connection = ScriptedConnection(ManualClock(), ["a"])
    connection.send(b"x")
    connection.close(1000, "done", 1.0)
    connection.close(1001, "again", 1.0)
    connection.send(b"y")
    assert (connection.sent, connection.closes) == ([b"x"], [(1000, "done", 1.0)])
    with pytest.raises(Disconnected):
        connection.receive(1)


def test_openings_take_their_time_and_can_be_aborted():
    clock = ManualClock()
    link = ScriptedLink(
        clock,
        [
            ScriptedOpening(clock, ScriptedConnection(clock), 2.0),
            ScriptedOpening(clock, OpenFailed("http", "no", 401), 1.0),
            ScriptedOpening(clock, ScriptedConnection(clock), 9.0),
        ],
    )
    link().open()
    with pytest.raises(OpenFailed, match="http: no"):
        link().open()
    third = link()
    clock.call_at(4, third.abort)
    with pytest.raises(OpenFailed, match="aborted"):
        third.open()
    assert clock() == 4
    assert link.asked_at == [0, 2, 3]
    with pytest.raises(NothingHappens):
        link()
