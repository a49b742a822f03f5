"""Without a connection: who may charge, and what is kept and told later (OCPP 1.6, sections 3.4 to 3.7)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import (
    CommandRefused,
    Connect,
    Disconnect,
    Meter,
    PlugIn,
    PlugOut,
    Swipe,
    TransferData,
)
from evsim_locust.station.events import AuthorizationEnded, MessageDropped, TransactionStarted
from tests.station.bench import SILENT, Bench, booted


def knowing(*tags: str, **config: str) -> Bench:
    """A station whose cache has seen these tags."""
    bench = booted(config=config)
    for tag in tags:
        bench.do(Swipe(tag))
        if bench.connector().authorization is not None:
            bench.do(Swipe(tag))
    bench.told()
    return bench


def starts(bench: Bench, tag: str) -> bool:
    """Whether a cable and this tag start a transaction now."""
    bench.do(PlugIn(), Swipe(tag))
    return bench.connector().state == "Charging"


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("unknown", [True, False])
def test_TC_037_1_offline_start(local: bool, unknown: bool) -> None:
    """LocalAuthorizeOffline decides on known tags, AllowOfflineTxForUnknownId on the others (section 3.5)."""
    config = {"LocalAuthorizeOffline": str(local), "AllowOfflineTxForUnknownId": str(unknown)}
    for tag, allowed in (("KNOWN", local), ("UNKNOWN", unknown)):
        bench = knowing("KNOWN", **config)
        bench.drop()
        assert starts(bench, tag) is allowed
        assert bench.seen(AuthorizationEnded)[-1].status == ("Accepted" if allowed else "Offline")
        assert bench.told() == []


def test_a_tag_known_as_blocked_is_not_an_unknown_one() -> None:
    bench = booted(config={"AllowOfflineTxForUnknownId": "true"})
    bench.tags["BAD"] = {"status": "Blocked"}
    bench.do(Swipe("BAD"))
    bench.drop()
    assert not starts(bench, "BAD")


def test_a_tag_that_expired_meanwhile_must_be_rejected() -> None:
    """Section 3.5.3: tags that were valid but are apparently expired."""
    bench = booted(config={"AllowOfflineTxForUnknownId": "true"})
    bench.tags["OLD"] = {"status": "Accepted", "expiryDate": bench.wire_time(bench.now + 100)}
    bench.do(Swipe("OLD"), Swipe("OLD"))
    bench.drop()
    bench.advance(101)
    assert not starts(bench, "OLD")


def test_without_a_cache_every_tag_is_unknown() -> None:
    bench = knowing("A", AuthorizationCacheEnabled="false", AllowOfflineTxForUnknownId="true")
    bench.ask("ChangeConfiguration", key="AuthorizationCacheEnabled", value="true")
    bench.ask("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="false")
    bench.drop()
    assert not starts(bench, "A"), "it was learned while the cache was off"


def test_TC_007_a_cached_tag_starts_without_authorize() -> None:
    """LocalPreAuthorize (section 9.2)."""
    bench = knowing("A", LocalPreAuthorize="true")
    assert starts(bench, "A")
    assert bench.told() == ["1 Preparing", "StartTransaction", "1 Charging"]


@pytest.mark.parametrize("config", [{}, {"LocalPreAuthorize": "true", "AuthorizationCacheEnabled": "false"}])
def test_or_is_asked_for(config: dict[str, str]) -> None:
    bench = knowing("A", **config)
    assert starts(bench, "A")
    assert "Authorize" in bench.told()


def test_TC_061_a_cleared_cache_knows_nobody() -> None:
    bench = knowing("A", LocalPreAuthorize="true")
    assert bench.ask("ClearCache") == {"status": "Accepted"}
    assert starts(bench, "A")
    assert "Authorize" in bench.told()


def test_the_cache_learns_from_start_and_stop() -> None:
    """Section 3.4.1: each of the three answers updates it."""
    bench = booted(config={"LocalPreAuthorize": "true"})
    bench.do(PlugIn(), Swipe("A"))
    bench.tags["A"] = {"status": "Blocked"}
    bench.do(Swipe("A"))
    bench.drop()
    bench.do(PlugOut())
    assert not starts(bench, "A")


def test_TC_036_a_lost_link_in_a_transaction_keeps_charging_and_tells_all_later() -> None:
    bench = booted(config={"MeterValueSampleInterval": "10"})
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=3600.0))
    bench.advance(10.5)
    bench.drop()
    bench.advance(30)
    bench.do(Disconnect(), Connect())
    bench.told()
    bench.connect()
    assert bench.told() == ["MeterValues"] * 3
    values = bench.only_record().meter_values
    assert [value["meterValue"][0]["timestamp"] for value in values] == [
        bench.wire_time(1000.0 + seconds) for seconds in (10, 20, 30, 40)
    ]
    assert [value["meterValue"][0]["sampledValue"][0]["value"] for value in values] == ["10", "20", "30", "40"]


def test_TC_038_an_offline_stop_is_told_later() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=3600.0))
    bench.drop()
    bench.advance(5)
    bench.do(Swipe("A"), PlugOut())
    bench.advance(1000)
    bench.told()
    bench.connect()
    told = bench.told()
    assert told[-1] == "StopTransaction Local"
    assert "1 Available" in told
    stop = bench.only_record().stops[0]
    assert (stop["timestamp"], stop["meterStop"]) == (bench.wire_time(1005.0), 5)


def test_TC_039_a_whole_offline_transaction_is_replayed_in_order() -> None:
    bench = knowing("A", MeterValueSampleInterval="20")
    bench.drop()
    bench.advance(10)
    assert starts(bench, "A")
    bench.do(Meter(power_w=3600.0))
    bench.advance(50)
    bench.do(Swipe("A"), PlugOut())
    assert bench.seen(TransactionStarted) == [TransactionStarted(1, "A", None, 0)]
    bench.advance(100)
    bench.connect()
    assert bench.told() == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction Local"]
    record = bench.only_record()
    assert record.start["timestamp"] == bench.wire_time(1010.0)
    assert [value["transactionId"] for value in record.meter_values] == [501, 501]
    assert record.stops == [
        {
            "transactionId": 501,
            "meterStop": 50,
            "timestamp": bench.wire_time(1060.0),
            "reason": "Local",
            "idTag": "A",
        }
    ]


@pytest.mark.parametrize("stops", [True, False])
def test_TC_037_2_and_3_an_offline_tag_that_turns_out_invalid(stops: bool) -> None:
    bench = booted(config={"AllowOfflineTxForUnknownId": "true", "StopTransactionOnInvalidId": str(stops)})
    bench.tags["A"] = {"status": "Invalid"}
    bench.drop()
    assert starts(bench, "A")
    bench.do(Meter(power_w=3600.0))
    bench.advance(10)
    bench.connect()
    bench.advance(10)
    told = [entry for entry in bench.told() if entry != "MeterValues"]
    end = ["StopTransaction DeAuthorized", "1 Finishing"] if stops else ["1 SuspendedEVSE"]
    assert sorted(told) == sorted(["1 Charging", "StartTransaction", *end])
    assert bench.connector().meter.read_wh(bench.now) == 10


def test_offline_only_the_tag_that_started_may_stop() -> None:
    bench = knowing("A", "B")
    bench.drop()
    assert starts(bench, "A")
    with pytest.raises(CommandRefused, match="offline"):
        bench.do(Swipe("B"))
    bench.do(Swipe("A"))
    assert bench.connector().state == "Finishing"


@pytest.mark.parametrize(("status", "stops"), [("Accepted", True), ("Blocked", False)])
def test_offline_or_another_tag_of_its_group_that_is_known_and_accepted(status: str, stops: bool) -> None:
    bench = booted()
    bench.tags = {"A": {"status": "Accepted", "parentIdTag": "G"}, "B": {"status": status, "parentIdTag": "G"}}
    bench.do(Swipe("B"))
    if status == "Accepted":
        bench.do(Swipe("B"))
    bench.do(PlugIn(), Swipe("A"))
    bench.drop()
    if stops:
        bench.do(Swipe("B"))
    else:
        with pytest.raises(CommandRefused):
            bench.do(Swipe("B"))
    assert (bench.connector().state == "Finishing") is stops


def test_a_link_lost_while_the_tag_is_asked_for_starts_nothing() -> None:
    bench = booted()
    bench.script["Authorize"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    bench.drop("1001")
    assert bench.seen(AuthorizationEnded)[-1] == AuthorizationEnded(1, "A", "1001")
    assert bench.connector().free


@pytest.mark.parametrize("connectors", [1, 2])
def test_a_link_lost_before_the_start_was_answered_serves_the_driver(connectors: int) -> None:
    """Of two connectors, one has its StartTransaction on its way and the other one's waits behind it."""
    bench = booted(connectors)
    bench.script["StartTransaction"] = [SILENT]
    for connector_id in range(1, connectors + 1):
        bench.do(PlugIn(connector_id))
        bench.ask("RemoteStartTransaction", idTag=f"TAG{connector_id}", connectorId=connector_id)
    assert not bench.seen(TransactionStarted)
    bench.drop()
    assert [event.connector_id for event in bench.seen(TransactionStarted)] == list(range(1, connectors + 1))
    bench.connect()
    assert len(bench.sent("StartTransaction")) == connectors + 1
    assert [record.start["idTag"] for record in bench.records.values()] == [f"TAG{n + 1}" for n in range(connectors)]


def test_more_than_1000_meter_values_drop_the_oldest_and_tell() -> None:
    bench = booted(config={"MeterValueSampleInterval": "1"})
    bench.do(PlugIn(), Swipe("A"))
    bench.drop()
    bench.advance(1003.5)
    assert bench.seen(MessageDropped) == [MessageDropped("MeterValues", "too many held while offline")] * 3
    assert bench.station.undelivered == 1000
    bench.do(Swipe("A"))
    bench.connect()
    record = bench.only_record()
    assert len(record.meter_values) == 1000
    assert record.meter_values[0]["meterValue"][0]["timestamp"] == bench.wire_time(1004.0)
    assert len(record.stops) == 1


def test_a_vendor_message_needs_a_connection() -> None:
    bench = booted()
    bench.do(TransferData("Acme", "hello", "world"), TransferData("Acme"))
    assert bench.sent("DataTransfer") == [
        {"vendorId": "Acme", "messageId": "hello", "data": "world"},
        {"vendorId": "Acme"},
    ]
    for command in (TransferData("v" * 256), TransferData("v", "m" * 51)):
        with pytest.raises(CommandRefused, match="at most 255 and 50 characters"):
            bench.do(command)
    bench.drop()
    with pytest.raises(CommandRefused, match="not connected"):
        bench.do(TransferData("Acme"))
