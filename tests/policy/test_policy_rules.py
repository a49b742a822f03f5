"""Each rule alone, its texts, its keys and what it refuses; then what holds for all of them together."""

from __future__ import annotations

import math
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import ACTIONS, METER_ACTIONS, evaluate_charging_policy, evaluate_meter_value_decision

STATE = {"energy_dispensed": 15.0}
PROFILE = {"charge_if_price_below": 20.0, "max_energy_kwh": 30.0, "allow_peak_hours": False, "peak_hours": (18, 19)}
ENV = {"current_price": 18.5, "hour": 14}
EXTENDED = {"priority": 2, "max_carbon_gco2_kwh": 300, "max_grid_load": 0.8}
CHARGE = {"action": "charge", "reason": "Conditions OK"}


def decide(state: Any = None, profile: Any = None, env: Any = None) -> Any:
    return evaluate_charging_policy(STATE | (state or {}), PROFILE | (profile or {}), ENV | (env or {}))


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_peak_hours_come_in_any_collection(kind: Any) -> None:
    profile = {"peak_hours": kind([18, 19])}
    assert decide(profile=profile, env={"hour": 19})["reason"] == "Peak hour block (hour 19)"
    assert decide(profile=profile, env={"hour": 20}) == CHARGE


def test_peak_hours_may_be_a_range() -> None:
    assert decide(profile={"peak_hours": range(8, 18)}, env={"hour": 17})["action"] == "wait"
    assert decide(profile={"peak_hours": range(8, 18)}, env={"hour": 18}) == CHARGE


def test_no_peak_hours_block_nothing() -> None:
    assert decide(profile={"peak_hours": []}, env={"hour": 0}) == CHARGE


@pytest.mark.parametrize(
    ("flags", "blocked"),
    [
        ({"allow_peak": True}, False),
        ({"allow_peak": False}, True),
        ({"allow_peak_hours": True, "allow_peak": False}, False),
        ({"allow_peak_hours": False, "allow_peak": True}, True),
    ],
)
def test_allow_peak_hours_wins_over_its_alias(flags: dict[str, bool], blocked: bool) -> None:
    profile = without(PROFILE, "allow_peak_hours") | flags
    assert (evaluate_charging_policy(STATE, profile, ENV | {"hour": 19})["action"] == "wait") is blocked


def test_the_currency_is_the_environments() -> None:
    assert decide(env={"current_price": 24.5, "currency": "€"})["reason"] == "Price too high (€24.50 > €20.00)"


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"demand_response": True}, {"action": "defer", "reason": "Demand response event"}),
        ({"charging_slots_free": 0}, {"action": "defer", "reason": "Queued (priority 2)"}),
        ({"charging_slots_free": -3}, {"action": "defer", "reason": "Queued (priority 2)"}),
        (
            {"carbon_intensity": 420},
            {"action": "flexible_wait", "reason": "Carbon intensity too high (420 > 300 gCO2/kWh)"},
        ),
        ({"demand_response": False}, CHARGE),
        ({"charging_slots_free": 1}, CHARGE),
        ({"carbon_intensity": 300}, CHARGE),
        ({"grid_load": 0.8}, CHARGE),
    ],
)
def test_extensions(env: dict[str, Any], expected: dict[str, Any]) -> None:
    assert decide(profile=EXTENDED, env=env) == expected


@pytest.mark.parametrize(
    ("load", "limit", "rate", "reason"),
    [
        (0.9, 0.8, 0.5, "Grid load high (0.90 > 0.80)"),
        (0.5, 0.0, 0.5, "Grid load high (0.50 > 0.00)"),
        (1, 0.8, 0.0, "Grid load high (1.00 > 0.80)"),
        (1.2, 0.8, 0.0, "Grid load high (1.20 > 0.80)"),
        (1.2, 1, 0.0, "Grid load high (1.20 > 1.00)"),
    ],
)
def test_grid_load_ramps_down_to_nothing_at_full_load(load: float, limit: float, rate: float, reason: str) -> None:
    decision = decide(profile={"max_grid_load": limit}, env={"grid_load": load})
    assert decision == {"action": "ramp_down", "rate": pytest.approx(rate), "reason": reason}


@pytest.mark.parametrize(
    "env", [{"charging_slots_free": 0}, {"carbon_intensity": 999}, {"grid_load": 0.99}, {"charging_slots_free": "x"}]
)
def test_an_extension_without_its_key_in_the_profile_is_inert(env: dict[str, Any]) -> None:
    assert decide(env=env) == CHARGE


def test_an_extension_without_its_key_in_the_environment_is_inert() -> None:
    assert decide(profile=EXTENDED) == CHARGE


BAD_NUMBERS = [math.nan, -0.01, -1, "20", None, True, False, [], 1j, Decimal(5)]
NUMBERS = [
    ("state", "energy_dispensed"),
    ("profile", "max_energy_kwh"),
    ("env", "current_price"),
    ("profile", "charge_if_price_below"),
    ("env", "carbon_intensity"),
    ("profile", "max_carbon_gco2_kwh"),
    ("env", "grid_load"),
    ("profile", "max_grid_load"),
    ("profile", "priority"),
]
FULL_ENV = {"demand_response": False, "charging_slots_free": 1, "carbon_intensity": 1, "grid_load": 0.1}


@pytest.mark.parametrize("value", BAD_NUMBERS)
@pytest.mark.parametrize(("where", "key"), NUMBERS)
def test_a_value_that_is_no_number_from_0_is_refused_by_name(where: str, key: str, value: Any) -> None:
    given_values: dict[str, Any] = {"state": {}, "profile": dict(EXTENDED), "env": dict(FULL_ENV)}
    given_values[where][key] = value
    with pytest.raises(ValueError, match=f"^{key} must be"):
        decide(**given_values)


@pytest.mark.parametrize(("where", "key"), [pair for pair in NUMBERS if pair[0] != "profile"])
@pytest.mark.parametrize("value", [math.inf, 10**400, 10**5000], ids=["infinity", "beyond float", "unprintable"])
def test_a_measure_is_finite(where: str, key: str, value: Any) -> None:
    given_values: dict[str, Any] = {"state": {}, "profile": dict(EXTENDED), "env": dict(FULL_ENV)}
    given_values[where][key] = value
    with pytest.raises(ValueError, match=f"^{key} must be a finite number"):
        decide(**given_values)


def test_an_infinite_limit_is_no_limit_but_hides_no_infinite_measure() -> None:
    limits = {key: math.inf for where, key in NUMBERS if where == "profile"}
    assert decide(state={"energy_dispensed": 1e9}, profile=limits, env=FULL_ENV | {"current_price": 1e9}) == CHARGE
    for key in ("current_price", "carbon_intensity", "grid_load"):
        with pytest.raises(ValueError, match=key):
            decide(profile=limits, env=FULL_ENV | {key: math.inf})


@pytest.mark.parametrize(
    ("where", "key", "values"),
    [
        ("env", "hour", [24, -1, 7.5, 7.0, "7", True, None, math.nan]),
        ("env", "demand_response", [1, 0, "yes", None]),
        ("env", "charging_slots_free", [math.nan, "0", None, True]),
        ("profile", "allow_peak_hours", ["no", 0, 1, None]),
        (
            "profile",
            "peak_hours",
            ["8-17", 8, None, [24], (-1,), {7.5}, frozenset({24}), ["8"], [[8]], {8: True}, range(20, 25)],
        ),
    ],
)
def test_other_values_are_refused_by_name(where: str, key: str, values: list[Any]) -> None:
    for value in values:
        given_values: dict[str, Any] = {"state": {}, "profile": dict(EXTENDED), "env": dict(FULL_ENV)}
        given_values[where][key] = value
        with pytest.raises(ValueError, match=f"^{key} must be"):
            decide(**given_values)


def test_a_wrong_alias_is_refused_by_its_own_name() -> None:
    with pytest.raises(ValueError, match=r"^allow_peak must be true or false, not 'no'"):
        evaluate_charging_policy(STATE, without(PROFILE, "allow_peak_hours") | {"allow_peak": "no"}, ENV)


def test_a_refusal_shows_long_values_in_short() -> None:
    with pytest.raises(ValueError, match="hour must be") as refusal:
        decide(env={"hour": "x" * 1000})
    assert len(str(refusal.value)) < 120


@pytest.mark.parametrize("key", ["energy_dispensed", *PROFILE, *ENV])
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key} is missing$"):
        evaluate_charging_policy(without(STATE, key), without(PROFILE, key), without(ENV, key))


def test_only_keys_of_the_rules_that_were_asked_are_required() -> None:
    capped = evaluate_charging_policy({"energy_dispensed": 30}, {"max_energy_kwh": 30}, {})
    assert capped["action"] == "pause"
    dear = evaluate_charging_policy(
        {"energy_dispensed": 0}, {"max_energy_kwh": 30, "charge_if_price_below": 20}, {"current_price": 21}
    )
    assert dear["action"] == "wait"


def test_subclasses_of_numbers_count_as_numbers() -> None:
    class Kwh(float):
        """As numpy.float64 is one."""

    class Hour(int):
        """As a member of an IntEnum is one."""

    assert decide(state={"energy_dispensed": Kwh(30.0)})["action"] == "pause"
    assert decide(state={"energy_dispensed": Kwh(29.0)}) == CHARGE
    assert decide(env={"current_price": Kwh(20.0)}) == CHARGE
    assert decide(env={"hour": Hour(14)}) == CHARGE
    low = {"carbon_intensity": Kwh(1.0), "grid_load": Kwh(0.1)}
    assert decide(profile=EXTENDED, env=FULL_ENV | low) == CHARGE


@pytest.mark.parametrize(
    ("env", "action"),
    [
        ({"demand_response": True}, "stop"),
        ({"charging_slots_free": 0}, "stop"),
        ({"carbon_intensity": 420}, "stop"),
        ({"grid_load": 0.9}, "continue"),
        ({}, "continue"),
    ],
)
def test_at_the_meter_charge_and_ramp_down_continue_and_the_rest_stops(env: dict[str, Any], action: str) -> None:
    world = STATE, PROFILE | EXTENDED, ENV | env
    decision = evaluate_meter_value_decision(*world, 15000, 30000)
    assert decision == {"action": action, "reason": evaluate_charging_policy(*world)["reason"]}


def test_at_the_meter_the_energy_is_asked_before_all_else() -> None:
    assert evaluate_meter_value_decision({}, {}, {}, 30000, 30000)["action"] == "stop"


@pytest.mark.parametrize("value", BAD_NUMBERS)
def test_the_meters_energies_are_refused_by_name(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^current_energy_wh must be"):
        evaluate_meter_value_decision(STATE, PROFILE, ENV, value, 30000)
    with pytest.raises(ValueError, match=r"^max_energy_wh must be"):
        evaluate_meter_value_decision(STATE, PROFILE, ENV, 15000, value)


# ---- what holds for all rules together

amounts = st.floats(0, 1e308) | st.integers(0, 10**308)
limits = amounts | st.just(math.inf)
hours = st.integers(0, 23)
hour_lists = st.lists(hours)
hour_collections = hour_lists | hour_lists.map(tuple) | st.sets(hours) | st.frozensets(hours) | st.just(range(8, 18))
states = st.fixed_dictionaries({"energy_dispensed": amounts})
profiles = st.fixed_dictionaries(
    {
        "charge_if_price_below": limits,
        "max_energy_kwh": limits,
        "allow_peak": st.booleans(),
        "peak_hours": hour_collections,
    },
    optional={
        "allow_peak_hours": st.booleans(),
        "priority": st.integers(0, 9),
        "max_carbon_gco2_kwh": limits,
        "max_grid_load": limits | st.floats(0, 1),
    },
)
environments = st.fixed_dictionaries(
    {"current_price": amounts, "hour": hours},
    optional={
        "currency": st.text(max_size=3),
        "demand_response": st.booleans(),
        "charging_slots_free": st.integers(),
        "carbon_intensity": amounts,
        "grid_load": amounts | st.floats(0, 2),
    },
)


@given(states, profiles, environments, amounts, limits)
def test_valid_input_gets_a_decision_and_stays_as_it_was(
    state: Any, profile: Any, env: Any, current: float, cap: float
) -> None:
    before = deepcopy((state, profile, env))
    decision = evaluate_charging_policy(state, profile, env)
    at_meter = evaluate_meter_value_decision(state, profile, env, current, cap)
    assert (state, profile, env) == before
    assert decision["action"] in ACTIONS
    assert decision["reason"]
    assert ("rate" in decision) is (decision["action"] == "ramp_down")
    assert 0 <= decision.get("rate", 0) <= 1
    assert at_meter["action"] in METER_ACTIONS
    assert evaluate_charging_policy(state, profile, env) == decision


# In the order of the contract: what makes the rule speak, and the first words it says.
SPEAKING: list[tuple[str, dict[str, Any], str]] = [
    ("state", {"energy_dispensed": 31}, "Energy cap"),
    ("env", {"current_price": 21}, "Price"),
    ("env", {"hour": 19}, "Peak hour"),
    ("env", {"demand_response": True}, "Demand response"),
    ("env", {"charging_slots_free": 0}, "Queued"),
    ("env", {"carbon_intensity": 301}, "Carbon"),
    ("env", {"grid_load": 0.9}, "Grid load"),
]


@given(st.lists(st.booleans(), min_size=len(SPEAKING), max_size=len(SPEAKING)))
def test_the_first_rule_that_speaks_decides(spoken: list[bool]) -> None:
    given_values: dict[str, Any] = {"state": {}, "profile": dict(EXTENDED), "env": dict(FULL_ENV)}
    expected = "Conditions OK"
    for (where, values, words), speaks in reversed(list(zip(SPEAKING, spoken, strict=True))):
        if speaks:
            given_values[where] |= values
            expected = words
    assert decide(**given_values)["reason"].startswith(expected)


@given(profiles, environments)
def test_more_energy_never_turns_a_refusal_into_a_charge(profile: Any, env: Any) -> None:
    few = evaluate_charging_policy({"energy_dispensed": 10}, profile, env)["action"]
    more = evaluate_charging_policy({"energy_dispensed": 20}, profile, env)["action"]
    assert more in (few, "pause")
