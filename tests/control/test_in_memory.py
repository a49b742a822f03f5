"""The in-memory swarm keeps what `Swarm` promises."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.profile import Profile
from evsim_locust.control.errors import Refused
from evsim_locust.control.in_memory import TABLE, InMemorySwarm
from evsim_locust.control.swarm import Swarm

IDS = st.sampled_from(["PY-SIM-0001", "PY-SIM-0002", "PY-SIM-0003", "A|1"])


def status_of(refused: pytest.ExceptionInfo[Refused]) -> int:
    return refused.value.status


def test_it_does_all_that_a_swarm_does_itself() -> None:
    promised = {name for name in vars(Swarm) if not name.startswith("_")}
    assert promised
    assert promised <= vars(InMemorySwarm).keys()


def test_the_newest_are_stopped_first_and_the_lowest_free_ids_taken() -> None:
    swarm = InMemorySwarm()
    swarm.scale(3, "", None)
    swarm.stop("PY-SIM-0001")
    swarm.start("A|1", "")
    swarm.scale(2, "", None)
    assert [row.station_id for row in swarm.fleet.page(0, 9)[0] if row.running] == ["PY-SIM-0002", "PY-SIM-0003"]
    swarm.scale(3, "", None)
    assert swarm.fleet.get("PY-SIM-0001").running


def test_a_refused_swipe_changes_nothing() -> None:
    swarm = InMemorySwarm()
    swarm.start("A1", "")
    swarm.act("A1", "plug_in", {})
    swarm.act("A1", "swipe", {"id_tag": "ONE"})
    with pytest.raises(Refused) as refused:
        swarm.act("A1", "swipe", {"id_tag": "TWO"})
    assert status_of(refused) == 409
    assert swarm.fleet.get("A1").status == "Charging"
    swarm.act("A1", "swipe", {"id_tag": "ONE"})
    assert swarm.fleet.get("A1").status == "Finishing"


def test_a_follower_hears_what_comes_after() -> None:
    swarm = InMemorySwarm()
    swarm.start("A1", "")
    lines = swarm.follow("A1")
    swarm.say("A1", "one")
    text = lines.get(0)
    assert text == swarm.lines("A1", 1)[0]
    assert text.endswith("] one")
    assert lines.get(0) is None
    lines.close()
    assert "A1" not in swarm.followers


def test_a_wrong_condition_changes_nothing() -> None:
    swarm = InMemorySwarm()
    with pytest.raises(SettingRefused):
        swarm.change(price=5.0, grid_load=-1)
    assert swarm.conditions().price == 20.0


def test_earnings_are_at_the_price_of_the_moment() -> None:
    swarm = InMemorySwarm({"tight": Profile(max_energy_kwh=4)})
    swarm.start("A1", "tight")
    swarm.deliver("A1", 1000)
    swarm.change(price=10)
    swarm.deliver("A1", 1000)
    assert (swarm.fleet.totals.energy_wh, swarm.fleet.totals.earnings) == (2000, 30)
    assert swarm.fleet.get("A1").as_json()["energy_percent"] == 50.0


class Machine(RuleBasedStateMachine):
    """Whatever is asked in whatever order is done or refused, and the books stay true."""

    def __init__(self) -> None:
        super().__init__()
        self.swarm = InMemorySwarm()
        self.running: set[str] = set()

    def ask(self, allowed: tuple[int, ...], method: str, *arguments: object) -> bool:
        before = self.swarm.fleet.page(0, 99)[1], self.swarm.summary()
        status = 200
        try:
            getattr(self.swarm, method)(*arguments)
        except Refused as refused:
            status = refused.status
        assert status in (200, *allowed)
        assert status == 200 or (self.swarm.fleet.page(0, 99)[1], self.swarm.summary()) == before
        return status == 200

    @rule(station_id=IDS)
    def start(self, station_id: str) -> None:
        assert self.ask((409,), "start", station_id, "") is (station_id not in self.running and not self.swarm.ramping)
        if not self.swarm.ramping:
            self.running.add(station_id)

    @rule(station_id=IDS)
    def stop(self, station_id: str) -> None:
        assert self.ask((404, 409), "stop", station_id) is (station_id in self.running and not self.swarm.ramping)
        if not self.swarm.ramping:
            self.running.discard(station_id)

    @rule(count=st.integers(0, 3))
    def scale(self, count: int) -> None:
        self.swarm.scale(count, "", None)
        self.running = {row.station_id for row in self.swarm.fleet.page(0, 99)[0] if row.running}
        assert len(self.running) == count

    @rule(station_id=IDS, action=st.sampled_from(sorted({action for _, action in TABLE})), tag=st.sampled_from("ab"))
    def act(self, station_id: str, action: str, tag: str) -> None:
        row = self.swarm.fleet.get(station_id)
        expected = row and TABLE.get((row.status, action))
        done = self.ask((404, 409), "act", station_id, action, {"id_tag": tag} if action == "swipe" else {})
        if done:
            assert self.swarm.fleet.get(station_id).status == expected
        else:
            assert expected is None or action == "swipe"

    @rule(ramping=st.booleans())
    def ramp(self, ramping: bool) -> None:
        self.swarm.ramping = ramping

    @invariant()
    def the_books_are_true(self) -> None:
        assert self.swarm.fleet.running_count == len(self.running)
        for row in self.swarm.fleet.page(0, 99)[0]:
            assert row.running is (row.station_id in self.running)
            tagged = self.swarm.look(row.station_id)["connectors"][0]["transaction"] if row.running else None
            assert (tagged is not None) is (row.status in ("Charging", "SuspendedEV"))


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=30, stateful_step_count=30)
