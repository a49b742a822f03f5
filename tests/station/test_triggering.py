"""TriggerMessage (OCPP 1.6, section 5.17)."""

from __future__ import annotations

from typing import Any

import pytest

from evsim_locust.station.commands import PlugIn, Swipe
from tests.station.bench import Bench, booted

ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}


def trigger(bench: Bench, message: str, **more: int) -> Any:
    return bench.ask("TriggerMessage", requestedMessage=message, **more)


@pytest.mark.parametrize(
    ("message", "connector", "told"),
    [
        ("BootNotification", {}, ["BootNotification", "0 Available", "1 Preparing", "2 Available"]),
        ("Heartbeat", {}, ["Heartbeat"]),
        ("StatusNotification", {}, ["0 Available", "1 Preparing", "2 Available"]),
        ("StatusNotification", {"connectorId": 1}, ["1 Preparing"]),
        ("StatusNotification", {"connectorId": 0}, ["0 Available"]),
        ("MeterValues", {}, ["MeterValues", "MeterValues"]),
        ("MeterValues", {"connectorId": 2}, ["MeterValues"]),
        ("DiagnosticsStatusNotification", {}, ["DiagnosticsStatusNotification"]),
        ("FirmwareStatusNotification", {}, ["FirmwareStatusNotification"]),
    ],
)
def test_TC_054_each_message(message: str, connector: dict[str, int], told: list[str]) -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn())
    bench.told()
    assert trigger(bench, message, **connector) == ACCEPTED
    assert bench.told() == told


@pytest.mark.parametrize("message", ["DiagnosticsStatusNotification", "FirmwareStatusNotification"])
def test_nothing_is_under_way(message: str) -> None:
    bench = booted()
    trigger(bench, message)
    assert bench.sent(message) == [{"status": "Idle"}]


@pytest.mark.parametrize("message", ["StatusNotification", "MeterValues"])
@pytest.mark.parametrize("connector_id", [-1, 3])
def test_TC_055_an_unknown_connector_is_rejected(message: str, connector_id: int) -> None:
    bench = booted(connectors=2)
    assert trigger(bench, message, connectorId=connector_id) == REJECTED
    assert bench.told() == []


def test_the_station_itself_has_no_meter() -> None:
    bench = booted()
    assert trigger(bench, "MeterValues", connectorId=0) == REJECTED
    assert bench.told() == []


def test_an_unknown_message_is_a_property_violation() -> None:
    bench = booted()
    assert trigger(bench, "Coffee") == "PropertyConstraintViolation"


def test_triggered_meter_values_say_so_and_name_the_transaction() -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn(), Swipe("A"))
    bench.told()
    trigger(bench, "MeterValues")
    in_transaction, outside = bench.sent("MeterValues")
    assert in_transaction["transactionId"] == 501
    assert "transactionId" not in outside
    for payload in (in_transaction, outside):
        assert {entry["context"] for entry in payload["meterValue"][0]["sampledValue"]} == {"Trigger"}


def test_the_answer_comes_first() -> None:
    bench = booted()
    bench.station.receive('[2,"x","TriggerMessage",{"requestedMessage":"Heartbeat"}]', bench.now)
    first, second = bench.station.take_outbox()
    assert first == b'[3,"x",{"status":"Accepted"}]'
    assert b'"Heartbeat"' in second
