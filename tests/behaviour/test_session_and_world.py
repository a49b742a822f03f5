"""Drivers and the world around them: the policy, the central system, the connection, and other drivers."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import (
    Disconnect,
    Meter,
    PlugIn,
    ResumeEVSE,
    ShutDown,
    SuspendEV,
    SuspendEVSE,
)
from evsim_locust.station.events import MeterSampled, TransactionStarted, TransactionStopped
from tests.behaviour.driving import PLAIN, POWER_W, STARTED, Driven, charging, profile

# ---- the policy


def test_the_policy_makes_drivers_wait_and_is_asked_again_every_minute() -> None:
    driven = Driven(PLAIN, price=26).connect().until(200)
    waits = [at for at, text in driven.timed_lines() if text == "Price too high (₹26.00 > ₹25.00) — waiting"]
    assert waits == [10, 70, 130, 190]
    driven.environment.change(price=25)
    assert 250 <= driven.until_line("Charging started (price: ₹25.00, id_tag: ABC123)") <= 258


def test_the_policy_stops_a_session_at_the_next_sample() -> None:
    driven = charging(Driven(PLAIN)).pass_s(100)
    started = driven.now - 100
    driven.environment.change(price=26)
    assert driven.until_line("Price too high (₹26.00 > ₹25.00) — stopping") == pytest.approx(started + 105)
    assert driven.lines()[-1] == "Charging stopped (0.70 kWh delivered)"
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["Other"]


def test_a_wait_may_suspend_the_session_and_the_next_word_resumes_it() -> None:
    driven = charging(Driven(profile(on_wait="suspend", dwell_min=(60, 60))))
    started = driven.now
    driven.environment.change(demand_response=True)
    assert driven.until_line("Demand response event — waiting") == started + 15
    driven.pass_s(600)
    assert driven.connector().status() == ("SuspendedEVSE", "NoError")
    assert driven.lines().count("Demand response event — waiting") == 1
    driven.environment.change(demand_response=False)
    driven.pass_s(15)
    assert driven.connector().status() == ("Charging", "NoError")
    driven.until_line("Charging stopped")
    assert driven.now == started + 3600
    (stopped,) = driven.facts(TransactionStopped)
    suspended_s = 615  # from the sample after the wait began to the one after it ended
    assert (stopped.energy_wh, stopped.reason) == (round((3600 - suspended_s) * POWER_W / 3600), "Local")


def test_a_driver_may_leave_a_suspended_session() -> None:
    driven = charging(Driven(profile(on_wait="suspend")))
    started = driven.now
    driven.environment.change(price=99)
    assert driven.until_line("Charging stopped (0.10 kWh delivered)") == started + 600


def test_only_the_drivers_own_suspension_is_resumed() -> None:
    driven = charging(Driven(profile(on_wait="suspend")))
    driven.command(SuspendEVSE())
    driven.pass_s(300)
    assert driven.connector().state == "SuspendedEVSE"
    driven.command(ResumeEVSE())
    driven.command(SuspendEV())
    driven.environment.change(price=99)
    driven.pass_s(30)  # what does not charge need not be suspended
    assert driven.connector().state == "SuspendedEV"
    assert driven.lines()[-1] == STARTED


def test_peak_hours_halve_the_power_and_a_loaded_grid_ramps_it_down() -> None:
    driven = charging(Driven(profile(max_grid_load=0.8, dwell_min=(600, 600)), at_hour=7.9))
    assert driven.connector().draw_w == POWER_W
    driven.environment.change(grid_load=0.9)
    driven.pass_s(15)
    assert driven.connector().draw_w == pytest.approx(POWER_W / 2)
    driven.until(8 * 3600 + 15)
    assert driven.connector().draw_w == pytest.approx(POWER_W / 4)
    driven.environment.change(grid_load=0.7)
    driven.pass_s(15)
    assert driven.connector().draw_w == POWER_W / 2
    driven.environment.change(grid_load=1.0)  # nothing is left, and the session goes on
    driven.pass_s(60)
    assert driven.connector().draw_w == 0
    driven.environment.change(grid_load=0.0)
    driven.pass_s(60)
    assert driven.connector().draw_w == POWER_W / 2
    assert driven.facts(TransactionStopped) == []


def test_a_blocked_peak_hour_names_the_hour() -> None:
    free = Driven(profile(allow_peak=False), at_hour=19).connect()  # the shipped peak ends with hour 17
    free.until_line("Charging started")
    blocked = Driven(profile(allow_peak=False, peak_hours=frozenset({19})), at_hour=19).connect()
    blocked.until_line("Peak hour block (hour 19) — waiting")
    assert blocked.facts(TransactionStarted) == []


def test_without_samples_the_policy_is_asked_every_minute_and_the_driver_leaves_in_time() -> None:
    driven = charging(Driven(PLAIN, configuration={"MeterValueSampleInterval": "0"}))
    started = driven.now
    assert driven.until_line("Charging stopped (4.00 kWh delivered)") == started + 600
    assert driven.sent("MeterValues") == []
    started = driven.until_line("Charging started")
    driven.pass_s(1)
    driven.environment.change(price=99)
    assert driven.until_line("Price too high (₹99.00 > ₹25.00) — stopping") == started + 60


# ---- the central system sends a driver


def test_a_remote_start_in_the_pause_brings_a_driver_at_once() -> None:
    driven = Driven(profile(idle_s=(3600, 3600))).connect().until(100)
    assert driven.call("RemoteStartTransaction", idTag="APP", connectorId=1) == {"status": "Accepted"}
    driven.until_line("Charging started (price: ₹20.00, id_tag: APP)")
    assert 102 <= driven.now <= 108
    started = driven.now
    assert driven.until_line("Charging stopped") == started + 600
    (stop,) = driven.sent("StopTransaction")
    assert (stop["reason"], stop["idTag"]) == ("Local", "APP")
    driven.pass_s(8.1)
    assert not driven.connector().plugged


def test_a_remote_start_while_the_policy_makes_others_wait_brings_a_driver() -> None:
    driven = Driven(PLAIN, demand_response=True).connect()
    driven.until_line("Demand response event — waiting")
    driven.environment.change(demand_response=False)
    driven.pass_s(1)
    driven.call("RemoteStartTransaction", idTag="APP", connectorId=1)
    driven.until_line("Charging started (price: ₹20.00, id_tag: APP)", within_s=8)
    driven.until_line("Charging stopped")
    driven.until_line("Charging started (price: ₹20.00, id_tag: ABC123)")
    assert [fact.id_tag for fact in driven.facts(TransactionStarted)] == ["APP", "ABC123"]


def test_a_remote_start_while_a_driver_walks_to_the_reader_is_not_stopped_by_his_tag() -> None:
    driven = Driven(PLAIN).connect().until(11)
    assert driven.connector().plugged
    assert driven.call("RemoteStartTransaction", idTag="ABC123", connectorId=1) == {"status": "Accepted"}
    started = driven.until_line("Charging started")
    assert driven.until_line("Charging stopped") == started + 600
    assert driven.sent("Authorize") == []
    assert [fact.reason for fact in driven.facts(TransactionStopped)] == ["Local"]


def test_a_remote_start_for_a_car_that_stands_there_needs_no_cable() -> None:
    driven = Driven(profile(idle_s=(3600, 3600))).connect()
    driven.command(PlugIn())
    driven.call("RemoteStartTransaction", idTag="APP", connectorId=1)
    driven.until_line("Charging started (price: ₹20.00, id_tag: APP)")
    assert 2 <= driven.now <= 8


def test_a_remote_start_with_a_refused_tag_ends_no_pause() -> None:
    driven = Driven(profile(idle_s=(100, 100)), configuration={"AuthorizeRemoteTxRequests": "true"}).connect()
    driven.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
    driven.until(50)
    driven.call("RemoteStartTransaction", idTag="APP", connectorId=1)
    driven.until(99)
    assert driven.lines()[-1] == "Authorization failed - APP (Blocked)"
    assert not driven.connector().plugged
    driven.until(100)
    assert driven.connector().plugged


def test_a_driver_who_comes_too_late_for_a_remote_start_gives_up() -> None:
    driven = Driven(profile(idle_s=(3600, 3600)), configuration={"ConnectionTimeOut": "1"}).connect()
    driven.call("RemoteStartTransaction", idTag="APP", connectorId=1)
    driven.until(9)
    assert driven.connector().plugged
    driven.until(9 + 90 + 8)
    assert not driven.connector().plugged
    assert driven.facts(TransactionStarted) == []


# ---- the connection


def test_a_flaky_station_goes_offline_before_a_session_for_its_time() -> None:
    driven = Driven(profile(offline_probability=1.0, offline_s=40.0)).connect().until(11)
    linked = [driven.until(moment).core.linked for moment in (11, 49.9, 50)]
    assert linked == [False, False, True]
    driven.until_line("Charging started")
    assert len(driven.sent("BootNotification")) == 1


def test_a_driver_is_served_offline_where_that_is_allowed_and_the_log_is_in_order() -> None:
    driven = Driven(PLAIN, configuration={"AllowOfflineTxForUnknownId": "true"}).connect()
    driven.command(Disconnect())
    driven.until_line("Charging stopped")
    assert driven.lines()[1:] == [
        "Authorization successful - ABC123",
        STARTED,
        "Charging stopped (4.00 kWh delivered)",
    ]
    assert driven.sent("StartTransaction") == []


def test_a_station_that_is_ending_does_not_go_offline() -> None:
    driven = Driven(profile(offline_probability=1.0)).connect()
    driven.command(ShutDown())
    driven.until(100)
    assert driven.core.finished
    assert driven.lines() == ["BootNotification accepted", "Station shutting down"]


# ---- several connectors, several speeds, and the end


def test_each_connector_has_its_own_drivers() -> None:
    driven = Driven(profile(idle_s=(5, 60), id_tags=("A", "B", "C")), connectors=3).connect().until(120)
    assert [driven.connector(number).state for number in (1, 2, 3)] == ["Charging"] * 3
    assert driven.call("ChangeAvailability", connectorId=2, type="Inoperative") == {"status": "Scheduled"}
    driven.until(2000)
    assert driven.connector(2).state == "Unavailable"
    assert {payload["connectorId"] for payload in driven.sent("StartTransaction")} == {1, 2, 3}
    by_connector = [payload["connectorId"] for payload in driven.sent("StartTransaction")]
    assert by_connector.count(2) == 1
    assert min(by_connector.count(1), by_connector.count(3)) >= 3


def test_people_and_cars_are_faster_in_scaled_time_and_power_stays_what_it_is() -> None:
    driven = charging(Driven(PLAIN, time_scale=10.0))
    started = driven.now
    assert 1.2 <= started <= 1.8
    assert driven.until_line("Charging stopped (4.00 kWh delivered)") == pytest.approx(started + 60)
    assert {fact.power_w for fact in driven.facts(MeterSampled)} == {POWER_W}
    assert len(driven.facts(MeterSampled)) in (39, 40)  # the last one falls together with the departure


def test_a_shut_down_sends_drivers_home_and_stops_their_transactions() -> None:
    driven = charging(Driven(PLAIN)).pass_s(150)
    driven.command(ShutDown(within_s=5.0))
    assert driven.lines()[-2:] == ["Station shutting down", "Charging stopped (1.00 kWh delivered)"]
    assert [payload["reason"] for payload in driven.sent("StopTransaction")] == ["Local"]
    assert driven.core.finished
    told = len(driven.told)
    driven.pass_s(3600)
    assert driven.connector().plugged  # nobody is left to take the cable out
    assert len(driven.told) == told


def test_a_shut_down_between_sessions_ends_at_once() -> None:
    driven = Driven(PLAIN).connect().until(5)
    driven.command(ShutDown())
    assert driven.core.finished
    driven.until(1000)
    assert driven.sent("Authorize") == []


def test_a_meter_that_is_set_by_hand_counts() -> None:
    driven = charging(Driven(profile(dwell_min=(600, 600))))
    started = driven.now
    driven.command(Meter(energy_wh=29_000.0))
    assert driven.until_line("Charging stopped (30.00 kWh delivered)") == pytest.approx(started + 150)
