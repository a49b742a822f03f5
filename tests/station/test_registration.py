"""BootNotification and what may be done before it is accepted (OCPP 1.6, section 4.2)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from evsim_locust.station.commands import PlugIn, Swipe
from evsim_locust.station.events import CallHandled, LogLine, RegistrationChanged
from tests.station.bench import SILENT, Bench, Refuse, boot_answer, booted


def held_back(status: str, interval: int = 300) -> Bench:
    """A station that was told to wait."""
    bench = Bench()
    bench.script["BootNotification"] = [boot_answer(bench, status, interval)]
    bench.connect()
    assert bench.told() == ["BootNotification"]
    return bench


def test_TC_001_cold_boot() -> None:
    bench = Bench(connectors=2, vendor="Acme", model="One", firmware_version="7").connect()
    assert bench.told() == ["BootNotification", "0 Available", "1 Available", "2 Available"]
    assert bench.sent("BootNotification") == [
        {
            "chargePointVendor": "Acme",
            "chargePointModel": "One",
            "chargePointSerialNumber": "CS-1",
            "firmwareVersion": "7",
        }
    ]
    assert bench.sent("StatusNotification")[1] == {
        "connectorId": 1,
        "errorCode": "NoError",
        "status": "Available",
        "timestamp": "2026-01-01T00:00:00.000Z",
    }
    assert bench.seen(RegistrationChanged) == [RegistrationChanged("Accepted")]
    assert bench.station.configuration.text("HeartbeatInterval") == "300"
    assert bench.station.registered
    assert bench.station.station_id == "CS-1"


def test_nothing_is_sent_before_the_boot_is_answered() -> None:
    bench = Bench()
    bench.script["BootNotification"] = [SILENT]
    bench.connect()
    bench.do(PlugIn())
    bench.advance(10)
    assert bench.told() == ["BootNotification"]
    bench.answer()
    assert bench.told() == ["0 Available", "1 Preparing"]


def test_TC_002_pending_answers_configuration_calls_and_boots_after_the_interval() -> None:
    bench = held_back("Pending", 120)
    assert bench.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="7") == {"status": "Accepted"}
    answer = bench.ask("GetConfiguration", key=["MeterValueSampleInterval"])
    assert answer["configurationKey"][0]["value"] == "7"
    bench.do(PlugIn())
    assert bench.ask("RemoteStartTransaction", idTag="A", connectorId=1) == {"status": "Rejected"}
    assert bench.ask("RemoteStopTransaction", transactionId=1) == {"status": "Rejected"}
    assert bench.ask("ChangeAvailability", connectorId=1, type="Inoperative") == {"status": "Rejected"}
    assert bench.ask("UnlockConnector", connectorId=1) == {"status": "UnlockFailed"}
    bench.advance(119.9)
    assert bench.told() == []
    bench.advance(0.2)
    assert bench.told() == ["BootNotification", "0 Available", "1 Preparing"]


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("StatusNotification", ["0 Available", "1 Available"]),
        ("Heartbeat", ["Heartbeat"]),
        ("MeterValues", ["MeterValues"]),
        ("BootNotification", ["BootNotification", "0 Available", "1 Available"]),
    ],
)
def test_pending_sends_what_it_is_triggered_to(message: str, told: list[str]) -> None:
    """Section 4.2: unless it is instructed to do so with a TriggerMessage.req."""
    bench = held_back("Pending")
    assert bench.ask("TriggerMessage", requestedMessage=message) == {"status": "Accepted"}
    assert bench.told() == told


def test_pending_can_be_reset() -> None:
    bench = held_back("Pending", 300)
    assert bench.ask("Reset", type="Hard") == {"status": "Accepted"}
    assert not bench.station.linked
    bench.advance(5)
    assert bench.told()[0] == "BootNotification"


def test_rejected_is_silent_and_acts_on_nothing_until_the_interval_is_over() -> None:
    bench = held_back("Rejected", 60)
    before = bench.station.configuration.text("ConnectionTimeOut")
    assert bench.ask("ChangeConfiguration", key="ConnectionTimeOut", value="1") == {"status": "Rejected"}
    assert bench.station.configuration.text("ConnectionTimeOut") == before
    assert bench.ask("TriggerMessage", requestedMessage="Heartbeat") == {"status": "Rejected"}
    assert bench.ask("Reset", type="Soft") == {"status": "Rejected"}
    assert bench.ask("ClearCache") == {"status": "Rejected"}
    assert bench.ask("DataTransfer", vendorId="x") == {"status": "Rejected"}
    assert bench.ask("GetConfiguration") == "GenericError"
    assert CallHandled("GetConfiguration", "GenericError", "GenericError") in bench.seen(CallHandled)
    bench.do(PlugIn())
    bench.advance(59.9)
    assert bench.told() == []
    bench.advance(0.2)
    assert bench.told()[:2] == ["BootNotification", "0 Available"]


@pytest.mark.parametrize("bad", [Refuse(), {"status": "Accepted"}, SILENT])
def test_boot_without_a_usable_answer_is_tried_again_ever_more_slowly(bad: object) -> None:
    bench = Bench(call_timeout_s=2.0)
    bench.script["BootNotification"] = [bad] * 7
    bench.connect()
    bench.advance(400)
    assert len(bench.times("BootNotification")) == 8
    assert bench.station.ready
    waits = [later - earlier for earlier, later in pairwise(bench.times("BootNotification"))]
    answer_s = 2.0 if bad is SILENT else 0.0
    for wait, least in zip(waits, (5, 10, 20, 40, 60, 60, 60), strict=True):
        assert least + answer_s <= wait <= least * 1.2 + answer_s
    assert bench.told()[-2:] == ["0 Available", "1 Available"]


@pytest.mark.parametrize("interval", [0, -1, -(2**31), 86401, 2**31, 10**18])
def test_an_interval_that_would_flood_or_never_end_is_replaced_by_our_own(interval: int) -> None:
    bench = Bench(heartbeat_s=45)
    bench.script["BootNotification"] = [
        boot_answer(bench, "Rejected", interval),
        boot_answer(bench, "Accepted", interval),
    ]
    bench.connect()
    bench.advance(44.9)
    assert len(bench.sent("BootNotification")) == 1
    bench.advance(0.2)
    assert len(bench.sent("BootNotification")) == 2
    assert bench.station.configuration.text("HeartbeatInterval") == "45"
    bench.advance(450)
    assert 9 <= len(bench.sent("Heartbeat")) <= 11


@pytest.mark.parametrize("current_time", ["", "soon", "2026-13-01T00:00:00Z", "1767225600"])
def test_an_unreadable_current_time_is_logged_and_no_reason_to_stay_out(current_time: str) -> None:
    bench = Bench()
    bench.script["BootNotification"] = [{"status": "Accepted", "currentTime": current_time, "interval": 60}]
    bench.connect()
    assert bench.station.ready
    assert any(line.text.startswith("currentTime of the central system") for line in bench.seen(LogLine))


@pytest.mark.parametrize(("drift_s", "told"), [(59, False), (61, True), (-61, True)])
def test_a_clock_that_differs_is_logged(drift_s: float, told: bool) -> None:
    bench = Bench()
    answer = boot_answer(bench, "Accepted") | {"currentTime": bench.wire_time(bench.now + drift_s)}
    bench.script["BootNotification"] = [answer]
    bench.connect()
    lines = [line.text for line in bench.seen(LogLine) if line.text.startswith("Clock")]
    assert lines == ([f"Clock of the central system differs by {drift_s:+d} s"] if told else [])


def test_the_clock_is_looked_at_with_each_heartbeat() -> None:
    bench = booted(interval=300)
    bench.script["Heartbeat"] = [{"currentTime": bench.wire_time(bench.now - 4000)}, Refuse()]
    bench.advance(600)
    assert len([line for line in bench.seen(LogLine) if line.text.startswith("Clock")]) == 1


def test_a_call_before_the_boot_answer_is_answered() -> None:
    bench = Bench()
    bench.script["BootNotification"] = [SILENT]
    bench.connect()
    assert "configurationKey" in bench.ask("GetConfiguration")
    assert bench.ask("RemoteStartTransaction", idTag="A") == {"status": "Rejected"}
    assert bench.told() == ["BootNotification"]


def test_an_accepted_station_that_is_rejected_later_falls_silent() -> None:
    """The central system triggers a BootNotification and changes its mind."""
    bench = booted()
    bench.script["BootNotification"] = [boot_answer(bench, "Rejected", 500)]
    bench.ask("TriggerMessage", requestedMessage="BootNotification")
    assert not bench.station.registered
    bench.do(PlugIn(), Swipe("A"))
    bench.advance(499)
    assert bench.told() == ["BootNotification"]
    bench.advance(2)
    assert bench.told() == ["BootNotification", "0 Available", "1 Preparing"]


def test_statuses_that_wait_behind_a_boot_are_not_told_twice() -> None:
    bench = booted()
    bench.script["BootNotification"] = [SILENT]
    for _ in range(2):
        bench.ask("TriggerMessage", requestedMessage="BootNotification")
    bench.do(PlugIn())
    bench.answer()
    assert bench.told() == ["BootNotification", "BootNotification", "1 Preparing", "0 Available"]
