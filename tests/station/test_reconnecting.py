"""The link comes and goes: what is told again, and what is not (OCPP 1.6, section 4.9; architecture of the boot)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import Connect, Disconnect, PlugIn, PlugOut, RaiseFault, Swipe
from evsim_locust.station.events import CallEnded, FrameIgnored
from tests.station.bench import SILENT, Bench, Refuse, boot_answer, booted


def test_a_plain_reconnect_tells_nothing_that_is_known() -> None:
    bench = booted(connectors=2)
    bench.drop()
    assert not bench.station.linked
    bench.advance(50)
    bench.connect()
    assert bench.told() == []
    assert bench.station.ready


def test_only_changed_statuses_are_told_after_a_reconnect() -> None:
    """Section 4.9, rule 1; rule 3: no historical ones."""
    bench = booted(connectors=3)
    bench.drop()
    bench.do(PlugIn(2), RaiseFault("GroundFailure", 3), PlugIn(1), PlugOut(1))
    assert bench.told() == []
    bench.connect()
    assert bench.told() == ["2 Preparing", "3 Faulted"]


def test_a_status_that_was_lost_on_its_way_is_told_again() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn())
    assert bench.told() == ["1 Preparing"]
    bench.drop("4321")
    assert bench.seen(CallEnded)[-1].error == "4321"
    bench.connect()
    assert bench.told() == ["1 Preparing"]


def test_a_status_that_was_refused_is_not_repeated() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [Refuse()]
    bench.do(PlugIn())
    bench.drop()
    bench.connect()
    assert bench.told() == ["1 Preparing"]


def test_a_status_without_an_answer_does_not_make_the_next_one_be_told_twice() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), PlugOut())
    assert bench.told() == ["1 Preparing"]
    bench.advance(31)
    assert bench.told() == ["1 Available"]
    bench.drop()
    bench.connect()
    assert bench.told() == []


def test_a_central_system_that_answers_no_status_is_told_the_last_one_only() -> None:
    bench = booted(call_timeout_s=60.0)
    bench.script["StatusNotification"] = [SILENT]
    bench.do(*[PlugIn(), PlugOut()] * 20, PlugIn())
    assert bench.told() == ["1 Preparing"]
    bench.answer()
    assert len(bench.told()) <= 8
    assert str(bench.calls[-1]) == "1 Preparing"


def test_boot_on_reconnect_boots_and_tells_everything_anew() -> None:
    bench = booted(boot_on_reconnect=True)
    bench.drop()
    bench.do(PlugIn())
    bench.connect()
    assert bench.told() == ["BootNotification", "0 Available", "1 Preparing"]


def test_boot_on_reconnect_sends_nothing_before_its_answer() -> None:
    """Section 4.2: between reconnecting with a boot and its acceptance nothing else is sent."""
    bench = booted(boot_on_reconnect=True)
    bench.drop()
    bench.script["BootNotification"] = [SILENT]
    bench.connect()
    bench.do(PlugIn())
    bench.answer(boot_answer(bench, "Pending", 50))
    bench.advance(49)
    assert bench.told() == ["BootNotification"]
    bench.advance(2)
    assert bench.told() == ["BootNotification", "0 Available", "1 Preparing"]


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_lost_link_does_not_shorten_the_interval(status: str) -> None:
    bench = Bench()
    bench.script["BootNotification"] = [boot_answer(bench, status, 200)]
    bench.connect()
    bench.advance(100)
    bench.drop()
    bench.advance(10)
    bench.connect()
    bench.advance(89)
    assert bench.told() == ["BootNotification"]
    bench.advance(2)
    assert bench.told() == ["BootNotification", "0 Available", "1 Available"]


def test_an_interval_that_ended_while_offline_boots_at_once() -> None:
    bench = Bench()
    bench.script["BootNotification"] = [boot_answer(bench, "Pending", 200)]
    bench.connect()
    bench.drop()
    bench.advance(300)
    bench.connect()
    assert bench.told()[:2] == ["BootNotification", "BootNotification"]


def test_a_link_lost_before_the_boot_was_answered_boots_again() -> None:
    bench = Bench()
    bench.script["BootNotification"] = [SILENT]
    bench.connect()
    bench.drop()
    bench.connect()
    assert bench.told() == ["BootNotification", "BootNotification", "0 Available", "1 Available"]


def test_an_answer_of_the_last_link_is_ignored() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn())
    late = bench.held[0].unique_id
    bench.drop()
    bench.connect()
    bench.receive(f'[3, "{late}", {{}}]')
    assert bench.seen(FrameIgnored) == [FrameIgnored("LateAnswer", late)]


def test_disconnect_lets_a_call_in_flight_end_first() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), Disconnect())
    assert bench.station.linked
    bench.answer()
    assert not bench.station.linked
    bench.advance(3600)
    assert bench.told() == ["1 Preparing"]
    bench.do(Connect())
    assert bench.station.ready
    assert bench.told() == []


def test_disconnect_does_not_wait_for_an_answer_that_never_comes() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), Disconnect())
    bench.advance(31)
    assert not bench.station.linked
    bench.do(Connect())
    assert bench.told() == ["1 Preparing", "1 Preparing"]


def test_disconnect_holds_across_networks() -> None:
    bench = booted()
    bench.do(Disconnect())
    bench.drop()
    bench.connect()
    bench.advance(100)
    assert not bench.station.linked


def test_connect_before_the_link_was_closed_goes_on_as_if_nothing_had_been() -> None:
    """A CALL was in flight all the time, so the link never closed: what was held back must go out now."""
    bench = booted(connectors=2, config={"AllowOfflineTxForUnknownId": "true"})
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(2), Disconnect(), PlugIn(1), Swipe("A", 1))
    assert bench.told() == ["2 Preparing"]
    bench.do(Connect())
    bench.answer()
    assert bench.station.linked
    assert sorted(bench.told()) == ["1 Charging", "StartTransaction"]
