"""A profile's values: what they may be, and what the policy gets of them."""

from __future__ import annotations

from typing import Any

import pytest

from evsim_locust.behaviour.errors import BehaviourError, ProfileRefused
from evsim_locust.behaviour.profile import Profile
from policy import evaluate_charging_policy

RANGES = ["idle_s", "dwell_min", "sample_energy_wh", "sample_interval_s", "samples_per_session"]


def test_a_profile_from_a_file_and_one_made_in_code_are_the_same() -> None:
    read = Profile.of({"idle_s": [5, 20], "peak_hours": [8, 9, 9], "max_energy_kwh": 40})
    made = Profile(idle_s=[5, 20], peak_hours=[8, 9], max_energy_kwh=40)  # type: ignore[arg-type]
    assert read == made
    assert hash(read) == hash(made)
    assert (read.idle_s, read.peak_hours) == ((5.0, 20.0), frozenset({8, 9}))
    assert type(made.max_energy_kwh) is float


def test_the_policy_reads_a_profile_without_a_copy() -> None:
    profile = Profile(charge_if_price_below=20, max_energy_kwh=40, allow_peak=False, priority=3)
    assert profile.policy is profile.policy
    assert profile.policy == {
        "charge_if_price_below": 20.0,
        "max_energy_kwh": 40.0,
        "allow_peak_hours": False,
        "peak_hours": frozenset(range(8, 18)),
        "priority": 3,
    }


def test_the_extensions_of_the_policy_are_told_when_they_are_set() -> None:
    rules = Profile(max_carbon_gco2_kwh=300, max_grid_load=0.8).policy
    env = {"current_price": 1, "hour": 0}
    assert evaluate_charging_policy({"energy_dispensed": 0}, rules, env | {"grid_load": 0.9})["action"] == "ramp_down"
    dirty = evaluate_charging_policy({"energy_dispensed": 0}, rules, env | {"carbon_intensity": 301})
    assert dirty["action"] == "flexible_wait"


@pytest.mark.parametrize("key", RANGES)
def test_a_pair_goes_up(key: str) -> None:
    assert getattr(Profile.of({key: [7, 7]}), key) == (7, 7)
    with pytest.raises(ProfileRefused, match=rf"^{key}: \[from, to\] with from above to: \[8, 7\]"):
        Profile.of({key: [8, 7]})


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [
        ("idle_s", [5, "a"], "idle_s[1]"),
        ("idle_s", [-1, 5], "idle_s[0]"),
        ("idle_s", [0, float("inf")], "idle_s[1]"),
        ("idle_s", [0, float("nan")], "idle_s[1]"),
        ("idle_s", [0, 10**400], "idle_s[1]"),
        ("idle_s", [1], "idle_s"),
        ("idle_s", 5, "idle_s"),
        ("sample_interval_s", [0, 5], "sample_interval_s[0]"),
        ("sample_interval_s", [1.5, 5], "sample_interval_s[0]"),
        ("samples_per_session", [0, 1], "samples_per_session[0]"),
        ("heartbeat_s", 0, "heartbeat_s"),
        ("max_energy_kwh", 0, "max_energy_kwh"),
        ("charge_if_price_below", -0.01, "charge_if_price_below"),
        ("policy_retry_s", 0, "policy_retry_s"),
        ("offline_probability", 1.01, "offline_probability"),
        ("offline_probability", True, "offline_probability"),
        ("max_grid_load", 1.01, "max_grid_load"),
        ("priority", -1, "priority"),
        ("peak_hours", [8, 24], "peak_hours[1]"),
        ("peak_hours", [8.5], "peak_hours[0]"),
        ("id_tags", [], "id_tags"),
        ("id_tags", "ABC123", "id_tags"),
        ("id_tags", ["A", "B" * 21], "id_tags[1]"),
        ("id_tags", [""], "id_tags[0]"),
        ("id_tags", ["A\n"], "id_tags[0]"),
        ("id_tags", [" A"], "id_tags[0]"),
        ("id_tags", ["Ä"], "id_tags[0]"),
        ("allow_peak", "no", "allow_peak"),
        ("transactions", "sometimes", "transactions"),
        ("transactions", 1, "transactions"),
        ("on_wait", "go on", "on_wait"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place_with_what_the_key_is_for(key: str, value: Any, place: str) -> None:
    with pytest.raises(ProfileRefused) as refusal:
        Profile.of({key: value})
    assert refusal.value.place == place
    assert f"({key}: " in str(refusal.value)


def test_values_made_in_code_are_checked_too() -> None:
    with pytest.raises(BehaviourError, match="offline_probability"):
        Profile(offline_probability=2.0)
    with pytest.raises(BehaviourError, match=r"idle_s: .*from above to"):
        Profile(idle_s=(5.0, 1.0))


def test_values_that_are_no_table_are_refused() -> None:
    with pytest.raises(ProfileRefused):
        Profile.of({"idle_s": {"from": 1, "to": 2}})


def test_an_unknown_key_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(
        ProfileRefused, match=r"^idel_s: no such key; did you mean idle_s\? \(the keys are allow_peak, "
    ):
        Profile.of({"idel_s": [1, 2]})
    with pytest.raises(ProfileRefused, match=r"^policy: no such key"):
        Profile.of({"policy": {}})


def test_the_longest_id_tag_and_spaces_inside_are_good() -> None:
    assert Profile(id_tags=("B" * 20, "A B", "x")).id_tags == ("B" * 20, "A B", "x")


def test_a_profile_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Profile().heartbeat_s = 5  # type: ignore[misc]
