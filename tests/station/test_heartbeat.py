"""Heartbeats: the central system's interval, spread over the fleet, never piled up (OCPP 1.6, section 4.6)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from evsim_locust.station.commands import Configure, Connect, Disconnect, PlugIn
from tests.station.bench import SILENT, Bench, boot_answer, booted


def gaps(bench: Bench) -> list[float]:
    return [later - earlier for earlier, later in pairwise(bench.times("Heartbeat"))]


def test_TC_001_heartbeats_come_at_the_interval_of_the_boot() -> None:
    bench = booted(interval=300)
    began = bench.now
    bench.advance(3000)
    assert 0 < bench.times("Heartbeat")[0] - began < 300
    assert gaps(bench) == pytest.approx([300.0] * 9)


def test_the_first_one_is_spread_over_the_interval() -> None:
    first = []
    for run in range(40):
        bench = Bench(seed=run).connect()
        began = bench.now
        bench.advance(300)
        first.append(bench.times("Heartbeat")[0] - began)
    quarters = {int(wait // 75) for wait in first}
    assert quarters == {0, 1, 2, 3}


def test_a_changed_interval_is_obeyed_at_once() -> None:
    """TC_001_CS; section 9.1.7."""
    bench = booted(interval=300)
    bench.ask("ChangeConfiguration", key="HeartbeatInterval", value="10")
    began = bench.now
    bench.advance(101)
    assert bench.times("Heartbeat")[0] - began <= 10
    assert gaps(bench) == pytest.approx([10.0] * (len(bench.times("Heartbeat")) - 1))
    assert len(bench.times("Heartbeat")) in (10, 11)


def test_an_interval_of_0_is_none_until_another_is_set() -> None:
    bench = booted(interval=300)
    bench.ask("ChangeConfiguration", key="HeartbeatInterval", value="0")
    bench.advance(1000)
    assert bench.sent("Heartbeat") == []
    bench.do(Configure("HeartbeatInterval", "50"))
    bench.advance(50)
    assert len(bench.sent("Heartbeat")) == 1


def test_there_are_never_two_unanswered() -> None:
    bench = booted(interval=300, call_timeout_s=1000.0)
    bench.script["Heartbeat"] = SILENT
    bench.advance(2000)
    assert len(bench.sent("Heartbeat")) == 2
    bench.script.clear()
    bench.advance(900)
    assert len(bench.sent("Heartbeat")) >= 3


def test_lockstep_is_on_the_grid_of_the_wall_clock() -> None:
    bench = Bench(lockstep=True)
    bench.script["BootNotification"] = [boot_answer(bench, "Accepted", 60)]
    bench.advance(17.3)
    bench.connect()
    bench.advance(200)
    assert bench.times("Heartbeat") == pytest.approx([1060.0, 1120.0, 1180.0])


def test_none_without_a_link() -> None:
    bench = booted(interval=300)
    bench.drop()
    bench.advance(1000)
    bench.connect()
    bench.advance(299)
    assert len(bench.sent("Heartbeat")) == 1


@pytest.mark.parametrize("lockstep", [False, True])
def test_an_interval_of_0_set_while_going_offline_ends_them(lockstep: bool) -> None:
    """The link is still open, held by a CALL in flight, when the interval changes."""
    bench = booted(interval=300, lockstep=lockstep, call_timeout_s=5000.0)
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), Disconnect(), Configure("HeartbeatInterval", "0"))
    bench.advance(1000)
    bench.answer()
    assert bench.sent("Heartbeat") == []
    bench.do(Connect())
    bench.advance(1000)
    assert bench.sent("Heartbeat") == []


def test_none_on_its_own_while_going_offline() -> None:
    bench = booted(interval=300, call_timeout_s=5000.0)
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), Disconnect())
    bench.advance(1000)
    bench.do(Connect())
    bench.answer()
    assert bench.told() == ["1 Preparing"]
    bench.advance(301)
    assert bench.told() == ["Heartbeat"]
