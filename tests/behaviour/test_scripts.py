"""Scripts of one's own: the kernel that runs them, the stage they see, and a station without any."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.script import NEVER, Running, Script, Wait
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import Stage
from evsim_locust.ocppj.events import CallEnded
from evsim_locust.station.commands import CommandRefused, PlugIn, PlugOut, Swipe
from evsim_locust.station.events import AuthorizationEnded, LogLine, TransactionStarted
from tests.behaviour.driving import Driven


def test_a_script_goes_on_at_its_time_or_with_its_fact_and_then_ends() -> None:
    seen: list[object] = []

    def script() -> Script:
        seen.append((yield Wait(5.0)))
        seen.append((yield Wait(9.0, (AuthorizationEnded,))))

    running = Running(script(), 2)
    mine, other = AuthorizationEnded(2, "A", "Accepted"), AuthorizationEnded(1, "A", "Accepted")
    assert (running.until, running.wants(mine)) == (5.0, False)
    running.resume(None)
    assert (running.until, running.wants(mine), running.wants(other)) == (9.0, True, False)
    assert not running.wants(TransactionStarted(2, "A", None, 0))
    running.resume(mine)
    assert (running.until, running.facts) == (NEVER, ())
    assert seen == [None, mine]


def test_a_script_that_ends_leaves_the_station_to_itself() -> None:
    def once(stage: Stage, connector_id: int) -> Script:
        yield Wait(stage.after(3.0))
        stage.act(PlugIn(connector_id))

    driven = Driven(Profile(), script=once, connectors=2).connect().until(600)
    assert [connector.plugged for connector in driven.core.connectors] == [False, True, True]
    assert len(driven.sent("StatusNotification")) == 3 + 2


def test_two_scripts_see_each_its_own_connector() -> None:
    def script(stage: Stage, connector_id: int) -> Script:
        stage.act(PlugIn(connector_id))
        yield Wait(stage.after(connector_id))
        stage.act(Swipe(f"TAG{connector_id}", connector_id))
        fact = yield Wait(stage.after(60.0), (TransactionStarted,))
        stage.log(f"{connector_id}: {getattr(fact, 'id_tag', None)} at {stage.now:g}")

    driven = Driven(Profile(), script=script, connectors=2).connect().until(120)
    assert [line for line in driven.lines() if ": " in line] == ["1: TAG1 at 1", "2: TAG2 at 2"]


def test_what_a_script_does_and_says_is_told_in_that_order() -> None:
    def script(stage: Stage, connector_id: int) -> Script:
        yield Wait(stage.after(1.0))
        stage.log("before")
        stage.act(PlugIn(connector_id))
        stage.act(Swipe("A", connector_id))
        stage.log("after")
        yield Wait(NEVER)

    driven = Driven(Profile(), script=script, configuration={"AllowOfflineTxForUnknownId": "true"})
    driven.core.wake(1.0)
    told = [fact.text if isinstance(fact, LogLine) else type(fact).__name__ for fact in driven.core.take_events()]
    assert told == [
        "Station initialized",
        "before",
        "StatusChanged",
        "Authorization successful - A",
        "AuthorizationEnded",
        "StatusChanged",
        "TransactionStarted",
        "after",
    ]


def test_what_is_impossible_is_a_line_and_false() -> None:
    results: list[bool] = []

    def script(stage: Stage, connector_id: int) -> Script:
        yield Wait(stage.after(1.0))
        results.append(stage.act(PlugOut(connector_id)))
        results.append(stage.act(PlugIn(connector_id)))

    driven = Driven(Profile(), script=script).connect().until(2)
    assert results == [False, True]
    assert driven.lines()[-1] == "Driver: no cable is in connector 1"


def test_a_script_sees_the_world_through_its_stage() -> None:
    seen: dict[str, object] = {}

    def script(stage: Stage, connector_id: int) -> Script:
        yield Wait(stage.after(50.0))
        seen.update(
            now=stage.now,
            price=stage.price_text(),
            hour=datetime.fromtimestamp(stage.wall_s(), UTC).hour,
            charging_tag=stage.charging_tag(connector_id),
            delivered_wh=stage.delivered_wh(connector_id),
            cap_wh=stage.cap_wh,
            state=stage.connector(connector_id).state,
        )

    Driven(Profile(max_energy_kwh=12.3), script=script, at_hour=3, time_scale=10.0, price=7.125).connect().pass_s(6)
    assert seen == {
        "now": 3 * 3600 + 5,
        "price": "₹7.12",
        "hour": 3,
        "charging_tag": None,
        "delivered_wh": 0,
        "cap_wh": 12_300,
        "state": "Available",
    }


def test_a_station_without_a_script_obeys_commands_only() -> None:
    driven = Driven(Profile(), script=None).connect().until(3600)
    assert driven.sent("StartTransaction") == []
    driven.command(PlugIn())
    driven.command(Swipe("A"))
    assert [payload["idTag"] for payload in driven.sent("StartTransaction")] == ["A"]
    with pytest.raises(CommandRefused, match="a cable is in connector 1 already"):
        driven.command(PlugIn())


def test_the_verbs_reach_the_station_and_scripts_hear_of_them() -> None:
    driven = Driven(Profile(), script=None)
    core: SimulatedStation = driven.core
    linked = [core.linked]
    core.connected(0.0)
    linked.append(core.linked)
    assert b'"BootNotification"' in core.take_outbox()[0]
    core.disconnected(1.0, "1001")
    linked.append(core.linked)
    assert linked == [False, True, False]
    assert (core.wants_link, core.finished) == (True, False)
    (ended,) = [event for event in core.take_events() if isinstance(event, CallEnded)]
    assert (ended.action, ended.error) == ("BootNotification", "1001")
    assert core.take_events() == ()
