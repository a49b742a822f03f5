"""Drivers who come, charge and go: how a session begins, how it ends, and who is not served."""

from __future__ import annotations

from itertools import pairwise

import pytest

from evsim_locust.station.commands import (
    PlugIn,
    PlugOut,
    RaiseFault,
)
from evsim_locust.station.events import MeterSampled, TransactionStopped
from tests.behaviour.driving import PLAIN, POWER_W, STARTED, Driven, charging, profile

# ---- a plain session


def test_a_session_from_arrival_to_departure() -> None:
    driven = Driven(PLAIN).connect()
    started = driven.until_line("Charging started")
    assert 10 + 2 <= started <= 10 + 8  # the pause, then the walk to the reader
    stopped = driven.until_line("Charging stopped")
    assert stopped == started + 600
    driven.until_line("Connector available")
    assert 2 <= driven.now - stopped <= 8
    assert [text for _, text in driven.timed_lines()] == [
        "Station initialized",
        "BootNotification sent",
        "BootNotification accepted",
        "Connector available",
        "Authorization successful - ABC123",
        "Charging started (price: ₹20.00, id_tag: ABC123)",
        "Charging stopped (4.00 kWh delivered)",
        "Connector available",
    ]
    (stop,) = driven.sent("StopTransaction")
    assert (stop["meterStop"], stop["reason"], stop["idTag"]) == (4000, "Local", "ABC123")
    assert {fact.power_w for fact in driven.facts(MeterSampled)} == {POWER_W}
    statuses = [payload["status"] for payload in driven.sent("StatusNotification") if payload["connectorId"] == 1]
    assert statuses == ["Available", "Preparing", "Charging", "Finishing", "Available"]


def test_the_price_is_written_with_its_currency_and_two_places() -> None:
    driven = charging(Driven(PLAIN, price=18.5))
    assert driven.lines()[-1] == "Charging started (price: ₹18.50, id_tag: ABC123)"


def test_drivers_come_again_and_again_with_tags_of_the_profile() -> None:
    driven = Driven(profile(dwell_min=(1, 1), id_tags=("A", "B"))).connect().until(3600)
    tags = [payload["idTag"] for payload in driven.sent("StartTransaction")]
    assert len(tags) >= 3600 // 100
    assert set(tags) == {"A", "B"}
    starts, stops = driven.sent("StartTransaction"), driven.sent("StopTransaction")
    assert all(
        stop["meterStop"] == start["meterStart"] for (_, start), stop in zip(pairwise(starts), stops, strict=False)
    )


def test_batteries_arrive_with_room_for_the_cap() -> None:
    driven = Driven(profile(dwell_min=(1, 1), max_energy_kwh=45)).connect()
    seen = set()
    for _ in range(20):
        driven.until_line("Charging started")
        battery = driven.connector().battery
        assert battery is not None
        assert 0 <= battery.charge_wh <= battery.capacity_wh - 45_000
        assert 50_000 <= battery.capacity_wh <= 100_000
        seen.add(battery)
    assert len(seen) == 20


def test_a_cap_beyond_any_battery_leaves_an_empty_one() -> None:
    driven = charging(Driven(profile(max_energy_kwh=500)))
    battery = driven.connector().battery
    assert battery is not None
    assert battery.charge_wh == 0


# ---- how a session ends


def test_the_energy_cap_is_reached_to_the_watt_hour_between_two_samples() -> None:
    driven = charging(Driven(profile(dwell_min=(600, 600), sample_energy_wh=(97, 97))))
    started = driven.now
    stopped = driven.until_line("Charging stopped")
    assert driven.lines()[-2:] == [
        "Energy cap reached (30.0/30.0 kWh) — stopping",
        "Charging stopped (30.00 kWh delivered)",
    ]
    assert stopped - started == pytest.approx(30_000 / 97 * 15)
    (stop,) = driven.sent("StopTransaction")
    assert (stop["meterStop"], stop["reason"]) == (30_000, "Other")
    assert driven.facts(TransactionStopped)[0].energy_wh == 30_000


@pytest.mark.parametrize(
    ("cap_kwh", "delivered_wh"),
    [(16.1, 16_100), (0.0305, 31), (0.001, 1), (4.1, 4_100), (1.0000001, 1_000)],
)
@pytest.mark.parametrize("on_wait", ["stop", "suspend"])
def test_a_cap_that_is_no_whole_number_ends_a_session_too(cap_kwh: float, delivered_wh: int, on_wait: str) -> None:
    driven = charging(Driven(profile(dwell_min=(600, 600), max_energy_kwh=cap_kwh, on_wait=on_wait)))
    driven.until_line("Charging stopped")
    (stopped,) = driven.facts(TransactionStopped)
    assert delivered_wh <= stopped.energy_wh <= delivered_wh + 1
    assert stopped.reason == "Other"
    assert driven.wakes < 400  # each sample, each minute: the last part of a watt-hour is not gone to in tiny steps


def test_a_session_ends_by_its_number_of_samples() -> None:
    driven = Driven(profile(samples_per_session=(3, 5), dwell_min=(600, 600))).connect()
    counts = set()
    for _ in range(12):
        driven.until_line("Charging started")
        before = len(driven.facts(MeterSampled))
        driven.until_line("Charging stopped")
        counts.add(len(driven.facts(MeterSampled)) - before)
    assert counts == {3, 4, 5}
    assert {fact.reason for fact in driven.facts(TransactionStopped)} == {"Local"}


def test_a_remote_stop_ends_the_visit() -> None:
    driven = charging(Driven(PLAIN)).pass_s(100)
    assert driven.call("RemoteStopTransaction", transactionId=7) == {"status": "Accepted"}
    driven.pass_s(8.1)
    assert not driven.connector().plugged
    assert driven.lines()[2:] == [STARTED, "Charging stopped (0.67 kWh delivered)"]
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["Remote"]
    driven.until_line("Charging started")


def test_a_cable_that_somebody_took_out_ends_the_visit() -> None:
    driven = charging(Driven(PLAIN)).pass_s(100)
    driven.command(PlugOut())
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["EVDisconnected"]
    driven.pass_s(9)
    assert driven.lines()[-1] == "Charging stopped (0.67 kWh delivered)"  # and no word of a cable that is not there
    driven.until_line("Charging started")


def test_a_reset_ends_the_visit_and_drivers_come_back_after_it() -> None:
    driven = charging(Driven(PLAIN)).pass_s(100)
    assert driven.call("Reset", type="Soft") == {"status": "Accepted"}
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["SoftReset"]
    driven.until_line("Charging started")
    assert len(driven.sent("BootNotification")) == 2
    assert len(driven.sent("StartTransaction")) == 2


def test_a_refused_start_ends_the_visit_before_it_began() -> None:
    driven = Driven(PLAIN)
    driven.answers["StartTransaction"] = {"idTagInfo": {"status": "ConcurrentTx"}, "transactionId": 7}
    driven.connect().until_line("Charging stopped (0.00 kWh delivered)")
    driven.pass_s(8.1)
    assert not driven.connector().plugged
    assert STARTED not in driven.lines()
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["DeAuthorized"]


def test_a_refusal_that_comes_late_ends_the_visit() -> None:
    driven = Driven(PLAIN, configuration={"AllowOfflineTxForUnknownId": "true"})
    driven.answers["StartTransaction"] = None
    driven.connect().until_line("Charging started")  # nobody judged in 30 s: the driver is served
    assert driven.now >= 30
    driven.online = False
    driven.core.disconnected(driven.now)
    driven.answers["StartTransaction"] = {"idTagInfo": {"status": "Blocked"}, "transactionId": 7}
    driven.connect().pass_s(8.1)
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["DeAuthorized"]
    assert not driven.connector().plugged


# ---- who is not served


def test_a_refused_tag_sends_the_driver_away() -> None:
    driven = Driven(PLAIN)
    driven.answers["Authorize"] = {"idTagInfo": {"status": "Invalid"}}
    at = driven.connect().until_line("Authorization failed - ABC123 (Invalid)")
    assert driven.connector().plugged
    driven.until(at + 8.1)
    assert not driven.connector().plugged
    driven.answers["Authorize"] = {"idTagInfo": {"status": "Accepted"}}
    assert driven.until_line("Charging started") <= at + 8 + 10 + 8
    assert len(driven.sent("StartTransaction")) == 1


def test_a_driver_does_not_wait_for_a_silent_central_system_for_ever() -> None:
    driven = Driven(PLAIN)
    driven.answers["Authorize"] = None
    at = driven.connect().until_line("Authorization failed - ABC123 (Timeout)")
    asked = next(when for when, action, _ in driven.calls if action == "Authorize")
    assert at == asked + 30
    driven.pass_s(8.1)
    assert not driven.connector().plugged


def test_nobody_comes_to_a_station_that_is_not_accepted() -> None:
    driven = Driven(profile(idle_s=(0, 0)))
    driven.answers["BootNotification"] = {"status": "Pending", "currentTime": "1970-01-01T00:00:00Z", "interval": 600}
    driven.connect().until(300)
    assert driven.lines() == ["BootNotification rejected: Pending"]
    assert not driven.connector().plugged


def test_a_driver_leaves_a_broken_connector_alone() -> None:
    driven = Driven(PLAIN).connect()
    driven.command(RaiseFault("GroundFailure"))
    driven.until(600)
    assert not driven.connector().plugged
    assert driven.lines() == ["BootNotification accepted"]


def test_a_driver_leaves_an_unavailable_connector_alone_until_it_is_operative() -> None:
    driven = Driven(profile(idle_s=(0, 0))).connect()  # without a pause the clock must still go on
    assert driven.call("ChangeAvailability", connectorId=1, type="Inoperative") == {"status": "Accepted"}
    driven.until(300)
    assert driven.lines() == ["BootNotification accepted"]
    driven.call("ChangeAvailability", connectorId=1, type="Operative")
    assert driven.until_line("Charging started") <= 300 + 1 + 8


def test_a_place_that_is_taken_sends_the_driver_on_with_a_line() -> None:
    driven = Driven(PLAIN).connect()
    driven.command(PlugIn())
    driven.until_line("Driver: a cable is in connector 1 already")
    driven.pass_s(120)
    assert driven.sent("Authorize") == []


def test_a_driver_who_finds_the_station_restarting_leaves() -> None:
    twin = charging(Driven(PLAIN))
    at_the_reader = twin.now
    driven = Driven(PLAIN).connect().until(at_the_reader - 0.5)
    driven.call("Reset", type="Hard")
    driven.until_line("Driver: connector 1 is about to restart")
    assert driven.now == at_the_reader
    driven.pass_s(8.1)
    assert not driven.connector().plugged
