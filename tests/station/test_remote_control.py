"""RemoteStartTransaction, RemoteStopTransaction, UnlockConnector (OCPP 1.6, sections 5.11, 5.12 and 5.18)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import PlugIn, PlugOut, RaiseFault, Swipe
from tests.station.bench import SILENT, Bench, booted

ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}
BOTH = pytest.mark.parametrize("authorize", [True, False])


def remote(authorize: bool, connectors: int = 1) -> Bench:
    return booted(connectors, {"AuthorizeRemoteTxRequests": str(authorize), "MeterValueSampleInterval": "0"})


@BOTH
def test_TC_010_cable_first(authorize: bool) -> None:
    bench = remote(authorize)
    bench.do(PlugIn())
    assert bench.ask("RemoteStartTransaction", idTag="A", connectorId=1) == ACCEPTED
    assert bench.told() == ["1 Preparing", *["Authorize"] * authorize, "StartTransaction", "1 Charging"]


@BOTH
def test_TC_011_1_remote_first(authorize: bool) -> None:
    bench = remote(authorize)
    assert bench.ask("RemoteStartTransaction", idTag="A", connectorId=1) == ACCEPTED
    assert bench.told() == [*["Authorize"] * authorize, "1 Preparing"]
    bench.do(PlugIn())
    assert bench.told() == ["StartTransaction", "1 Charging"]


@BOTH
def test_TC_011_2_connection_time_out(authorize: bool) -> None:
    bench = remote(authorize)
    bench.ask("RemoteStartTransaction", idTag="A", connectorId=1)
    bench.advance(61)
    assert bench.told()[-1] == "1 Available"
    assert bench.records == {}


def test_a_tag_that_is_refused_starts_nothing() -> None:
    bench = remote(True)
    bench.tags["A"] = {"status": "Blocked"}
    bench.do(PlugIn())
    assert bench.ask("RemoteStartTransaction", idTag="A", connectorId=1) == ACCEPTED
    assert bench.told() == ["1 Preparing", "Authorize"]


def test_without_authorize_the_start_itself_is_judged() -> None:
    bench = remote(False)
    bench.tags["A"] = {"status": "Blocked"}
    bench.do(PlugIn())
    bench.ask("RemoteStartTransaction", idTag="A", connectorId=1)
    assert bench.only_record().stops[0]["reason"] == "DeAuthorized"


@BOTH
@pytest.mark.parametrize("connector_id", [0, -1, 3, 10**6])
def test_TC_027_a_connector_that_does_not_exist(authorize: bool, connector_id: int) -> None:
    bench = remote(authorize, connectors=2)
    assert bench.ask("RemoteStartTransaction", idTag="A", connectorId=connector_id) == REJECTED
    assert bench.told() == []


@BOTH
def test_TC_026_a_connector_that_is_busy(authorize: bool) -> None:
    bench = remote(authorize)
    bench.do(PlugIn(), Swipe("A"))
    bench.told()
    for tag in ("A", "B"):
        assert bench.ask("RemoteStartTransaction", idTag=tag, connectorId=1) == REJECTED
        assert bench.ask("RemoteStartTransaction", idTag=tag) == REJECTED
    assert bench.told() == []


def test_a_connector_that_waits_for_another_tags_cable_or_answer_is_busy() -> None:
    bench = remote(True)
    bench.script["Authorize"] = [SILENT]
    bench.do(Swipe("A"))
    assert bench.ask("RemoteStartTransaction", idTag="B", connectorId=1) == REJECTED
    bench.answer()
    assert bench.ask("RemoteStartTransaction", idTag="B", connectorId=1) == REJECTED


def test_a_connector_that_is_faulted_or_unavailable() -> None:
    bench = remote(False, connectors=2)
    bench.do(RaiseFault("GroundFailure", 1))
    bench.ask("ChangeAvailability", connectorId=2, type="Inoperative")
    for wanted in ({"connectorId": 1}, {"connectorId": 2}, {}):
        assert bench.ask("RemoteStartTransaction", idTag="A", **wanted) == REJECTED


def test_none_given_takes_a_free_one_a_plugged_one_first() -> None:
    bench = remote(False, connectors=3)
    bench.do(PlugIn(2))
    bench.ask("RemoteStartTransaction", idTag="A")
    bench.ask("RemoteStartTransaction", idTag="B")
    bench.ask("RemoteStartTransaction", idTag="C")
    assert bench.ask("RemoteStartTransaction", idTag="D") == REJECTED
    bench.do(PlugIn(1), PlugIn(3))
    assert [(r.start["connectorId"], r.start["idTag"]) for r in bench.records.values()] == [
        (2, "A"),
        (1, "B"),
        (3, "C"),
    ]


def test_a_finished_connector_may_be_started_again() -> None:
    bench = remote(False)
    bench.do(PlugIn(), Swipe("A"), Swipe("A"))
    assert bench.ask("RemoteStartTransaction", idTag="B", connectorId=1) == ACCEPTED
    assert bench.connector().state == "Charging"


def test_the_answer_comes_before_what_it_sets_in_motion() -> None:
    bench = remote(True)
    bench.station.receive('[2,"x","RemoteStartTransaction",{"idTag":"A","connectorId":1}]', bench.now)
    first, second = bench.station.take_outbox()
    assert first.startswith(b'[3,"x"')
    assert b'"Authorize"' in second


# ---- RemoteStopTransaction


def test_TC_012_remote_stop() -> None:
    bench = remote(False, connectors=2)
    for connector_id in (1, 2):
        bench.do(PlugIn(connector_id), Swipe("A", connector_id))
    bench.told()
    assert bench.ask("RemoteStopTransaction", transactionId=502) == ACCEPTED
    assert bench.told() == ["StopTransaction Remote", "2 Finishing"]
    assert "idTag" not in bench.records[502].stops[0]
    assert bench.records[501].stops == []


@pytest.mark.parametrize("transaction_id", [0, -1, 1, 502])
def test_TC_028_an_unknown_transaction(transaction_id: int) -> None:
    bench = remote(False)
    bench.do(PlugIn(), Swipe("A"))
    assert bench.ask("RemoteStopTransaction", transactionId=transaction_id) == REJECTED
    assert bench.connector().state == "Charging"


def test_a_transaction_that_is_over() -> None:
    bench = remote(False)
    bench.do(PlugIn(), Swipe("A"))
    assert bench.ask("RemoteStopTransaction", transactionId=501) == ACCEPTED
    assert bench.ask("RemoteStopTransaction", transactionId=501) == REJECTED


@pytest.mark.parametrize("stop_first", [True, False])
def test_remote_stop_and_the_answer_to_the_start_in_both_orders(stop_first: bool) -> None:
    bench = remote(False)
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    if not stop_first:
        bench.answer()
    assert bench.ask("RemoteStopTransaction", transactionId=501) == (REJECTED if stop_first else ACCEPTED)
    if stop_first:
        bench.answer()
        assert bench.connector().state == "Charging"
        assert bench.ask("RemoteStopTransaction", transactionId=501) == ACCEPTED
    assert len(bench.only_record().stops) == 1


def test_remote_stop_of_a_transaction_that_was_kept_without_energy() -> None:
    bench = booted(config={"StopTransactionOnInvalidId": "false"})
    bench.script["StartTransaction"] = [{"transactionId": 0, "idTagInfo": {"status": "Invalid"}}]
    bench.script["StopTransaction"] = {}
    bench.do(PlugIn(), Swipe("A"))
    assert bench.ask("RemoteStopTransaction", transactionId=0) == ACCEPTED
    assert bench.sent("StopTransaction")[0]["transactionId"] == 0


def test_a_link_lost_between_remote_stop_and_the_answer_to_the_stop() -> None:
    bench = remote(False)
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [SILENT]
    bench.ask("RemoteStopTransaction", transactionId=501)
    bench.drop()
    bench.do(PlugOut())
    bench.connect()
    first, second = bench.sent("StopTransaction")
    assert first == second
    assert len(bench.only_record().stops) == 1


# ---- UnlockConnector


def test_TC_017_unlock() -> None:
    bench = remote(False)
    assert bench.ask("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    assert bench.told() == []


def test_TC_018_unlock_stops_the_transaction() -> None:
    bench = remote(False)
    bench.do(PlugIn(), Swipe("A"))
    bench.told()
    assert bench.ask("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    assert bench.told() == ["StopTransaction UnlockCommand", "1 Finishing"]


@pytest.mark.parametrize("connector_id", [0, 2, -1])
def test_TC_031_an_unknown_connector_cannot_be_unlocked(connector_id: int) -> None:
    bench = remote(False)
    assert bench.ask("UnlockConnector", connectorId=connector_id) == {"status": "NotSupported"}
