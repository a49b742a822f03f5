"""The world as the policy is told of it: price, hour, peak hours, the grid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.environment import Conditions, Environment
from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.profile import Profile
from policy import evaluate_charging_policy

UTC_ZONE = ZoneInfo("UTC")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",  # +05:30
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/St_Johns",  # summer time began at 00:01 until 2011
    "Pacific/Apia",  # left out a day
]


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_the_policy_is_told_only_of_what_holds() -> None:
    environment = Environment(timezone=UTC_ZONE)
    assert environment.policy_env(at("2026-11-22T19:30")) == {"current_price": 20.0, "hour": 19, "currency": "₹"}
    assert environment.conditions == Conditions()


def test_a_change_is_told_from_the_next_decision_on() -> None:
    environment = Environment(Conditions(price=18.5), currency="€", timezone=UTC_ZONE)
    now = at("2026-11-22T05:00")
    assert environment.policy_env(now)["current_price"] == 18.5
    environment.change(price=22, demand_response=True, grid_load=0.9, carbon_intensity=420, charging_slots_free=0)
    assert environment.policy_env(now) == {
        "current_price": 22.0,
        "hour": 5,
        "currency": "€",
        "demand_response": True,
        "grid_load": 0.9,
        "carbon_intensity": 420.0,
        "charging_slots_free": 0,
    }
    environment.change(demand_response=None, grid_load=None)
    assert "demand_response" not in environment.policy_env(now)
    assert environment.policy_env(now)["carbon_intensity"] == 420.0
    assert environment.price == 22.0


def test_conditions_can_be_set_as_a_whole() -> None:
    environment = Environment(Conditions(grid_load=0.5))
    environment.conditions = Conditions(price=7.0)
    assert environment.conditions == Conditions(price=7.0)
    assert "grid_load" not in environment.policy_env(0.0)


@pytest.mark.parametrize(
    "values",
    [
        {"price": 0},
        {"price": -1.0},
        {"price": float("nan")},
        {"price": float("inf")},
        {"price": "20"},
        {"price": True},
        {"price": None},
        {"demand_response": 1},
        {"grid_load": -0.1},
        {"carbon_intensity": "high"},
        {"charging_slots_free": 1.5},
    ],
)
def test_a_wrong_condition_is_refused_by_name_and_nothing_changes(values: dict[str, Any]) -> None:
    environment = Environment()
    with pytest.raises(SettingRefused, match=f"^{next(iter(values))}: Expected"):
        environment.change(**{"grid_load": 0.5, **values} if "grid_load" not in values else values)
    assert environment.conditions == Conditions()


def test_an_unknown_condition_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(SettingRefused, match=r"no condition 'prise'; did you mean price\?"):
        Environment().change(prise=1)


def test_conditions_made_in_code_are_checked_on_the_way_in() -> None:
    with pytest.raises(SettingRefused, match="price"):
        Environment(Conditions(price=-1.0))
    environment = Environment()
    with pytest.raises(SettingRefused, match="price"):
        environment.conditions = Conditions(price=float("nan"))
    assert environment.price == 20.0


def test_the_policy_takes_what_it_is_told() -> None:
    environment = Environment(Conditions(charging_slots_free=0), timezone=UTC_ZONE)
    told = environment.policy_env(at("2026-11-22T12:00"))
    decision = evaluate_charging_policy({"energy_dispensed": 0.0}, environment.rules_of(Profile()), told)
    assert decision == {"action": "defer", "reason": "Queued (priority 0)"}


# ---- peak hours


def test_peak_hours_are_the_profiles() -> None:
    environment, profile = Environment(), Profile(peak_hours=frozenset({18}))
    assert environment.peak_hours_of(profile) == {18}
    assert environment.rules_of(profile) is profile.policy


def test_the_runs_peak_hours_override_the_profiles() -> None:
    environment, profile = Environment(peak_hours={1, 2}), Profile(peak_hours=frozenset({18}), priority=7)
    assert environment.peak_hours_of(profile) == {1, 2}
    rules = environment.rules_of(profile)
    assert rules == {**profile.policy, "peak_hours": frozenset({1, 2})}
    assert environment.rules_of(profile) is rules
    assert profile.policy["peak_hours"] == {18}


def test_no_peak_hours_at_all_is_an_override_too() -> None:
    environment = Environment(peak_hours=frozenset())
    assert environment.peak_hours_of(Profile()) == frozenset()


def test_overridden_rules_of_profiles_that_come_and_go_do_not_mix() -> None:
    environment = Environment(peak_hours={1})
    for price in range(200):
        assert environment.rules_of(Profile(charge_if_price_below=price))["charge_if_price_below"] == price


# ---- the hour


@pytest.mark.parametrize(
    ("zone", "utc", "hour"),
    [
        ("Asia/Kolkata", "2026-06-01T18:29:59.999", 23),
        ("Asia/Kolkata", "2026-06-01T18:30", 0),
        ("Asia/Kathmandu", "2026-06-01T18:14:59", 23),
        ("Asia/Kathmandu", "2026-06-01T18:15", 0),
        ("Europe/Berlin", "2026-03-29T00:59:59", 1),
        ("Europe/Berlin", "2026-03-29T01:00", 3),
        ("Europe/Berlin", "2026-10-25T00:59:59", 2),
        ("Europe/Berlin", "2026-10-25T01:00", 2),
        ("Europe/Berlin", "2026-10-25T02:00", 3),
        ("Australia/Lord_Howe", "2026-04-04T14:59:59", 1),
        ("Australia/Lord_Howe", "2026-04-04T15:00", 1),
        ("Australia/Lord_Howe", "2026-04-04T15:30", 2),
        ("America/St_Johns", "2010-03-14T03:30:59", 0),
        ("America/St_Johns", "2010-03-14T03:31", 1),
    ],
)
def test_the_hour_in_zones_of_every_kind(zone: str, utc: str, hour: int) -> None:
    assert Environment(timezone=ZoneInfo(zone)).hour(at(utc)) == hour


@given(st.sampled_from(ZONES), st.floats(0, 4e9), st.lists(st.floats(-4000, 4000), max_size=20))
def test_what_is_remembered_is_never_wrong(zone: str, start: float, steps: list[float]) -> None:
    environment, moment = Environment(timezone=ZoneInfo(zone)), start
    for step in [0.0, *steps]:
        moment = max(0.0, moment + step)
        expected = datetime.fromtimestamp(moment, ZoneInfo(zone)).hour
        assert environment.hour(moment) == expected
        assert environment.policy_env(moment)["hour"] == expected


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T01:00"),
        ("Australia/Lord_Howe", "2026-04-04T15:00"),
        ("Australia/Lord_Howe", "2026-10-03T15:30"),
        ("America/St_Johns", "2010-03-14T03:31"),
        ("America/St_Johns", "2010-11-07T02:31"),
    ],
)
def test_a_clock_that_runs_over_a_change_of_summer_time_is_right_each_second(zone: str, change: str) -> None:
    environment = Environment(timezone=ZoneInfo(zone))
    for second in range(-4000, 4000, 7):
        moment = at(change) + second
        assert environment.hour(moment) == datetime.fromtimestamp(moment, ZoneInfo(zone)).hour


def test_without_a_time_zone_the_machines_clock_counts() -> None:
    moment = at("2026-11-22T12:00")
    assert Environment().hour(moment) == datetime.fromtimestamp(moment).hour


def test_a_moment_that_is_none_leaves_the_hour_right() -> None:
    environment = Environment(timezone=UTC_ZONE)
    assert environment.hour(at("2026-11-22T12:00")) == 12
    with pytest.raises((ValueError, OverflowError)):
        environment.hour(1e300)
    with pytest.raises((ValueError, OverflowError)):
        environment.hour(1e300)
    assert environment.hour(at("2026-11-22T12:00")) == 12
