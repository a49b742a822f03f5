from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.analysis.config import RunConfig, read_config, read_zone

WHOLE = {
    "profiles": {"busy": {"max_energy_kwh": 40, "charge_if_price_below": 30.0, "allow_peak": True, "priority": 3}},
    "peak_hours": [8, 9],
    "timezone": "Asia/Kolkata",
    "currency": "₹",
    "price": 20,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WHOLE, "x"]), inner, max_size=4),
    max_leaves=10,
)


def test_a_configuration_is_read() -> None:
    config, notes = read_config(json.dumps(WHOLE))
    assert notes == []
    assert config.limits("busy").max_energy_kwh == 40
    assert config.limits("unknown").max_energy_kwh is None
    assert (config.peak_hours, config.currency) == ({8, 9}, "₹")
    assert read_zone(config) == (ZoneInfo("Asia/Kolkata"), "Asia/Kolkata", [])


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"a": "\\ud800"}'])
def test_what_is_no_configuration_is_told(text: str) -> None:
    config, notes = read_config(text)
    assert config == RunConfig()
    assert "cannot be read" in notes[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [("peak_hours", "8-17"), ("profiles", {"busy": {"max_energy_kwh": "much"}}), ("timezone", 5), ("currency", None)],
)
def test_a_wrong_field_is_told_and_the_others_hold(field: str, value: Any) -> None:
    config, notes = read_config(json.dumps({**WHOLE, field: value}))
    assert len(notes) == 1
    assert field in notes[0]
    assert getattr(config, field) == getattr(RunConfig(), field)
    other = "currency" if field != "currency" else "timezone"
    assert getattr(config, other) == WHOLE[other]


@given(JSON)
def test_any_json_gives_a_configuration(value: Any) -> None:
    config, notes = read_config(json.dumps(value))
    assert isinstance(config, RunConfig)
    assert all(isinstance(note, str) for note in notes)


@pytest.mark.parametrize("name", ["Nowhere/Town", "../x", "", "Europe"])
def test_an_unknown_zone_is_told(name: str) -> None:
    zone, words, notes = read_zone(RunConfig(timezone=name))
    assert (zone, words) == (None, "local time")
    assert repr(name) in notes[0]
