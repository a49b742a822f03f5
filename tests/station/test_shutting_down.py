"""ShutDown: no transaction stays open, and the end comes in time."""

from __future__ import annotations

import pytest

from evsim_locust.ocppj.events import CallEnded
from evsim_locust.station.commands import (
    CommandRefused,
    Connect,
    Disconnect,
    Meter,
    PlugIn,
    PlugOut,
    RaiseFault,
    ShutDown,
    Swipe,
)
from evsim_locust.station.events import LogLine, MessageDropped
from tests.station.bench import SILENT, Bench, Refuse, boot_answer, booted


def test_an_idle_station_ends_at_once() -> None:
    bench = booted()
    bench.do(ShutDown())
    assert bench.station.finished
    assert not bench.station.wants_link
    assert not bench.station.linked
    assert bench.told() == []
    assert LogLine("Station shutting down") in bench.events


def test_a_connection_that_opens_after_the_end_carries_nothing() -> None:
    """It was being opened when the station was told to end: a BootNotification would never get its answer."""
    station = Bench().station
    station.command(ShutDown(), 1001.0)
    assert station.finished
    station.connected(1002.0)
    assert not station.take_outbox()
    station.disconnected(1002.5, "1000")
    assert not [event for event in station.take_events() if isinstance(event, CallEnded)]


def test_a_transaction_is_stopped_and_its_answer_waited_for() -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn(1), Swipe("A", 1), PlugIn(2), Swipe("B", 2), Meter(1, power_w=3600.0))
    bench.advance(5)
    bench.script["StopTransaction"] = [SILENT]
    bench.do(ShutDown(10.0))
    assert not bench.station.finished
    bench.answer()
    assert bench.station.finished
    assert [[stop["reason"] for stop in record.stops] for record in bench.records.values()] == [["Local"], ["Local"]]
    assert bench.records[501].stops[0]["meterStop"] == 5


@pytest.mark.parametrize("within_s", [0.0, 3.0, 29.0])
def test_no_answer_is_waited_for_longer_than_that(within_s: float) -> None:
    bench = booted(config={"MeterValueSampleInterval": "0"})
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = SILENT
    bench.do(ShutDown(within_s))
    bench.advance(max(within_s - 0.1, 0.0))
    assert bench.station.finished is (within_s == 0.0)
    bench.advance(0.1)
    assert bench.station.finished
    assert bench.seen(MessageDropped) == [MessageDropped("StopTransaction", "not answered before the end")]
    assert bench.station.undelivered == 0


def test_a_late_answer_after_the_end_is_not_heard() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = SILENT
    bench.do(ShutDown(5.0))
    unique_id = bench.held[0].unique_id
    bench.station.wake(bench.now + 5.0)
    bench.station.receive(f'[3,"{unique_id}",{{}}]', bench.now + 5.0)
    assert bench.station.finished
    assert not bench.station.take_outbox()


def test_a_second_one_changes_nothing() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = SILENT
    bench.do(ShutDown(5.0), ShutDown(5000.0))
    bench.advance(5.1)
    assert bench.station.finished


@pytest.mark.parametrize("network", [True, False])
def test_offline_it_connects_to_deliver_or_gives_up_in_time(network: bool) -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.do(Disconnect())
    bench.advance(100)
    bench.network = network
    bench.do(ShutDown(8.0))
    assert bench.station.finished is network
    bench.advance(8.0)
    assert bench.station.finished
    dropped = bench.seen(MessageDropped)
    assert len(bench.only_record().stops) == (1 if network else 0)
    assert (dropped == []) is network
    if not network:
        assert dropped[-1] == MessageDropped("StopTransaction", "not answered before the end")


@pytest.mark.parametrize("status", ["Accepted", "Blocked"])
def test_with_an_authorize_in_flight_nothing_starts(status: str) -> None:
    bench = booted()
    bench.tags["A"] = {"status": status}
    bench.script["Authorize"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"), ShutDown(10.0))
    assert not bench.station.finished
    bench.answer()
    assert bench.station.finished
    assert bench.records == {}


@pytest.mark.parametrize("answer_first", [True, False])
def test_with_a_start_in_flight_it_gets_its_stop(answer_first: bool) -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    if answer_first:
        bench.answer()
        bench.do(ShutDown(10.0))
    else:
        bench.do(ShutDown(10.0))
        assert not bench.station.finished
        bench.answer()
    assert bench.station.finished
    assert len(bench.only_record().stops) == 1


def test_with_a_start_that_is_refused_both_are_told_as_dropped() -> None:
    bench = booted(config={"MeterValueSampleInterval": "0"})
    bench.script["StartTransaction"] = Refuse()
    bench.do(PlugIn(), Swipe("A"), ShutDown(10.0))
    bench.advance(10)
    assert [event.action for event in bench.seen(MessageDropped)] == ["StartTransaction", "StopTransaction"]
    assert bench.records == {}


@pytest.mark.parametrize("shut_first", [True, False])
def test_and_a_reset_in_both_orders(shut_first: bool) -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [SILENT]
    if shut_first:
        bench.do(ShutDown(20.0))
        assert bench.ask("Reset", type="Soft") == {"status": "Rejected"}
    else:
        bench.ask("Reset", type="Soft")
        bench.do(ShutDown(20.0))
    bench.answer()
    assert bench.station.finished
    assert [stop["reason"] for stop in bench.only_record().stops] == ["Local" if shut_first else "SoftReset"]
    bench.advance(100)
    assert "BootNotification" not in bench.told()


def test_before_the_boot_was_accepted() -> None:
    bench = Bench()
    bench.script["BootNotification"] = [SILENT]
    bench.connect()
    bench.do(ShutDown(5.0))
    assert not bench.station.finished
    bench.answer(boot_answer(bench, "Rejected", 100))
    assert bench.station.finished


def test_nothing_starts_any_more() -> None:
    bench = booted(connectors=2)
    bench.do(Swipe("B", 2), PlugIn(1), Swipe("A", 1))
    bench.script["StopTransaction"] = [SILENT]
    bench.do(ShutDown(10.0), PlugIn(2))
    with pytest.raises(CommandRefused, match="shutting down"):
        bench.do(Swipe("A", 1))
    with pytest.raises(CommandRefused, match="shutting down"):
        bench.do(Disconnect())
    assert bench.ask("RemoteStartTransaction", idTag="C") == {"status": "Rejected"}
    bench.answer()
    assert list(bench.records) == [501]


def test_what_was_held_back_by_a_wish_to_be_offline_goes_out() -> None:
    """The link never closed, a CALL held it open."""
    bench = booted(connectors=2, config={"AllowOfflineTxForUnknownId": "true", "MeterValueSampleInterval": "0"})
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(2), Disconnect(), PlugIn(1), Swipe("A"), Swipe("A"), PlugOut())
    bench.do(ShutDown(10.0))
    bench.answer()
    assert bench.station.finished
    assert len(bench.only_record().stops) == 1


def test_after_the_end_nothing_is_sent() -> None:
    bench = booted()
    bench.do(ShutDown())
    bench.do(PlugIn(), RaiseFault("OverVoltage"), PlugOut(), Connect())
    bench.connect()
    bench.advance(100_000)
    assert bench.told() == []
    assert bench.station.next_deadline() == float("inf")


def test_a_finished_station_wants_no_wake() -> None:
    bench = booted()
    bench.do(ShutDown(5.0))
    assert bench.station.finished
    assert bench.station.next_deadline() == float("inf")
