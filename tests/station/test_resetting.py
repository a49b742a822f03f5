"""Reset (OCPP 1.6, section 5.14): transactions are told first, then the station restarts and boots."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import CommandRefused, Meter, PlugIn, PlugOut, RaiseFault, ShutDown, Swipe
from evsim_locust.station.events import RegistrationChanged
from tests.station.bench import SILENT, Refuse, booted

BOTH = pytest.mark.parametrize("kind", ["Hard", "Soft"])
ACCEPTED = {"status": "Accepted"}


@BOTH
def test_TC_013_014_without_a_transaction(kind: str) -> None:
    bench = booted()
    assert bench.ask("Reset", type=kind) == ACCEPTED
    assert not bench.station.linked
    assert not bench.station.registered
    bench.advance(1.9)
    assert not bench.station.wants_link
    bench.advance(0.2)
    assert bench.told() == ["BootNotification", "0 Available", "1 Available"]
    assert bench.seen(RegistrationChanged) == [RegistrationChanged("Accepted")] * 2


@BOTH
def test_TC_015_016_with_a_transaction(kind: str) -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=3600.0))
    bench.advance(5)
    bench.told()
    assert bench.ask("Reset", type=kind) == ACCEPTED
    bench.advance(10)
    assert bench.told() == [
        f"StopTransaction {kind}Reset",
        "1 Finishing",
        "BootNotification",
        "0 Available",
        "1 Preparing",
    ]
    stop = bench.only_record().stops[0]
    assert stop["meterStop"] == 5
    assert "idTag" not in stop
    bench.do(Swipe("A"))
    assert bench.records[502].start["meterStart"] == 5


def test_all_transactions_are_told_before_the_restart() -> None:
    bench = booted(connectors=3)
    for connector_id in (1, 2, 3):
        bench.do(PlugIn(connector_id), Swipe("A", connector_id))
    bench.ask("Reset", type="Soft")
    assert not bench.station.linked
    assert [len(record.stops) for record in bench.records.values()] == [1, 1, 1]


def test_a_stop_without_an_answer_is_told_after_the_restart() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [SILENT]
    bench.ask("Reset", type="Hard")
    bench.advance(29.9)
    assert bench.station.linked
    bench.script["StopTransaction"] = [SILENT]
    bench.advance(0.2)
    assert not bench.station.linked
    bench.script.clear()
    bench.told()
    bench.advance(5)
    assert bench.told() == ["BootNotification", "0 Available", "1 Preparing", "StopTransaction HardReset"]
    assert len(bench.only_record().stops) == 1


def test_a_refused_stop_waits_for_its_next_try_across_the_restart() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [Refuse()]
    bench.ask("Reset", type="Hard")
    began = bench.now
    bench.advance(100)
    assert bench.times("StopTransaction") == pytest.approx([began, began + 60])


def test_a_link_lost_while_resetting() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [SILENT]
    bench.ask("Reset", type="Hard")
    bench.drop()
    bench.advance(5)
    bench.connect()
    bench.advance(5)
    assert bench.told()[-4:] == ["StopTransaction HardReset", "BootNotification", "0 Available", "1 Preparing"]
    assert len(bench.only_record().stops) == 1


def test_while_resetting_nobody_starts_anything() -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn(1), Swipe("A", 1), Swipe("B", 2))
    bench.script["StopTransaction"] = [SILENT]
    bench.ask("Reset", type="Soft")
    with pytest.raises(CommandRefused, match="about to restart"):
        bench.do(Swipe("A", 1))
    bench.do(PlugIn(2))
    assert bench.ask("RemoteStartTransaction", idTag="C", connectorId=1) == {"status": "Rejected"}
    assert bench.ask("Reset", type="Hard") == ACCEPTED
    bench.answer()
    bench.advance(5)
    assert list(bench.records) == [501]
    assert [stop["reason"] for stop in bench.only_record().stops] == ["SoftReset"]
    assert bench.connector(2).state == "Preparing"


@pytest.mark.parametrize("status", ["Accepted", "Blocked"])
def test_a_tag_that_is_asked_for_while_resetting(status: str) -> None:
    bench = booted()
    bench.tags["A"] = {"status": status}
    bench.script["Authorize"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    bench.ask("Reset", type="Soft")
    assert bench.station.linked
    bench.answer()
    assert not bench.station.linked
    bench.advance(5)
    assert bench.connector().free
    assert bench.records == {}


def test_a_start_that_is_on_its_way_while_resetting_gets_its_stop() -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    bench.ask("Reset", type="Hard")
    bench.answer()
    assert not bench.station.linked
    assert [stop["reason"] for stop in bench.only_record().stops] == ["HardReset"]


def test_a_waiting_tag_is_forgotten() -> None:
    bench = booted()
    bench.do(Swipe("A"))
    bench.ask("Reset", type="Soft")
    bench.advance(5)
    assert bench.told()[-1] == "1 Available"
    bench.do(PlugIn())
    assert bench.records == {}


def test_what_happens_in_the_dark_shows_after_the_restart() -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn(1))
    bench.told()
    bench.ask("Reset", type="Soft")
    bench.do(PlugOut(1), PlugIn(2), RaiseFault("GroundFailure", 1))
    bench.advance(5)
    assert bench.told() == ["BootNotification", "0 Available", "1 Faulted", "2 Preparing"]


def test_a_dark_station_hears_nothing() -> None:
    """The central system's frame was on its way when the link was closed."""
    bench = booted()
    bench.station.receive('[2,"r","Reset",{"type":"Hard"}]', bench.now)
    assert len(bench.station.take_outbox()) == 1
    bench.station.receive('[2,"t","TriggerMessage",{"requestedMessage":"BootNotification"}]', bench.now)
    assert not bench.station.take_outbox()


def test_shutting_down_in_the_dark_still_delivers() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [SILENT, SILENT]
    bench.ask("Reset", type="Soft")
    bench.advance(31)
    assert not bench.station.wants_link
    bench.do(ShutDown(20.0))
    bench.script.clear()
    bench.advance(3)
    assert bench.station.finished
    assert len(bench.only_record().stops) == 1


def test_shutting_down_refuses_a_reset() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), ShutDown(10.0))
    assert bench.ask("Reset", type="Hard") == {"status": "Rejected"}
