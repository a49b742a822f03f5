"""Actions by name: what they become, what they refuse, and what they do to a station."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.actions import ACTIONS, act, command_of, offered
from evsim_locust.control.errors import Refused
from evsim_locust.station import acting, commands
from evsim_locust.station.commands import Command
from evsim_locust.station.words import ErrorCode
from tests.behaviour.driving import PLAIN, Driven, charging, profile
from tests.station.bench import Bench, booted

FULL: dict[str, tuple[dict[str, Any], Command]] = {
    "plug_in": ({"connector_id": 2}, commands.PlugIn(2)),
    "plug_out": ({"connector_id": 2}, commands.PlugOut(2)),
    "swipe": ({"id_tag": "TAG", "connector_id": 2}, commands.Swipe("TAG", 2)),
    "suspend_ev": ({"connector_id": 2}, commands.SuspendEV(2)),
    "resume_ev": ({"connector_id": 2}, commands.ResumeEV(2)),
    "disconnect": ({}, commands.Disconnect()),
    "connect": ({}, commands.Connect()),
    "meter": ({"energy_wh": 5, "power_w": 7.5, "connector_id": 2}, commands.Meter(2, 5.0, 7.5)),
    "configure": ({"key": "K", "value": ""}, commands.Configure("K", "")),
    "fault": ({"error_code": "GroundFailure", "connector_id": 0}, commands.RaiseFault("GroundFailure", 0)),
    "clear_fault": ({"connector_id": 0}, commands.ClearFault(0)),
    "data_transfer": (
        {"vendor_id": "V", "message_id": "M", "data": "{\n}"},
        commands.TransferData("V", "M", "{\n}"),
    ),
}
NEEDED = {
    "swipe": {"id_tag": "TAG"},
    "meter": {"power_w": 1.0},
    "configure": {"key": "K", "value": "1"},
    "fault": {"error_code": "GroundFailure"},
    "data_transfer": {"vendor_id": "V"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def refusal(action: str, parameters: dict[Any, Any]) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        command_of(action, parameters)
    return caught.value.status, caught.value.detail


def do(bench: Bench, action: str, **parameters: Any) -> None:
    act(bench.station, action, parameters, bench.now)
    bench.advance(0.0)
    bench.connect()


def refused_by(bench: Bench, action: str, **parameters: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        act(bench.station, action, parameters, bench.now)
    return caught.value.status, caught.value.detail


# ---- the table


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_becomes_its_command(action: str) -> None:
    parameters, command = FULL[action]
    assert command_of(action, parameters) == command
    assert type(command) in acting.COMMANDS


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_optional_may_be_left_out_and_the_connector_is_the_first(action: str) -> None:
    command = command_of(action, NEEDED.get(action, {}))
    assert getattr(command, "connector_id", 1) == 1


def test_what_is_offered_is_what_is_taken() -> None:
    rows = {row["name"]: row["parameters"] for row in offered()}
    assert list(rows) == list(ACTIONS)
    assert rows["connect"] == []
    assert rows["meter"][1] == {
        "name": "power_w",
        "type": "number",
        "minimum": 0,
        "maximum": 1e9,
        "description": "0 to 1000000000 W",
        "required": False,
        "default": None,
    }
    for name, parameters in rows.items():
        assert {row["name"] for row in parameters} >= set(FULL[name][0])
        assert {row["name"] for row in parameters if row["required"]} == set(NEEDED.get(name, {})) - {"power_w"}
        assert all(row["type"] in {"string", "integer", "number"} for row in parameters)
        given_default = {row["name"]: row["default"] for row in parameters if row["default"] is not None}
        assert given_default == ({"connector_id": 1} if "connector_id" in FULL[name][0] else {})
    assert json.loads(json.dumps(offered())) == offered()


# ---- refusals


def test_an_unknown_action_is_not_found_and_the_refusal_says_what_there_is() -> None:
    status, detail = refusal("plugin", {})
    assert status == 404
    assert detail.startswith("no action 'plugin'; did you mean plug_in? (the actions are ")
    assert all(name in detail for name in ACTIONS)
    assert len(refusal("x" * 10_000, {})[1]) < 400


@pytest.mark.parametrize(
    ("action", "parameters", "why"),
    [
        ("connect", {"connector_id": 1}, "connect has no parameter 'connector_id'; there are no parameters"),
        ("swipe", {"idTag": "A"}, "swipe has no parameter 'idTag'; did you mean id_tag? (the parameters are "),
        ("plug_in", {7: 1}, "plug_in has no parameter '7'"),
        ("swipe", {}, "swipe needs id_tag"),
        ("configure", {"key": "HeartbeatInterval"}, "configure needs value"),
        ("meter", {"connector_id": 1}, "meter needs energy_wh or power_w"),
    ],
)
def test_unknown_and_missing_parameters_are_named(action: str, parameters: dict[Any, Any], why: str) -> None:
    status, detail = refusal(action, parameters)
    assert (status, detail[: len(why)]) == (422, why)


@pytest.mark.parametrize(
    ("action", "name", "values"),
    [
        ("plug_in", "connector_id", [0, -1, True, 1.0, "1", None, 2**31, 10**400, [1], math.nan]),
        ("clear_fault", "connector_id", [-1, False, 0.0]),
        ("meter", "power_w", [-0.1, 1e10, math.nan, math.inf, -math.inf, True, "7", None, {}, 10**400]),
        ("meter", "energy_wh", [-1, 2**31, math.nan, math.inf, True, "7", None, 10**400]),
        ("swipe", "id_tag", ["", "A" * 21, " A", "A\n", "É", "\ud800", 5, None, ["A"]]),
        ("fault", "error_code", ["", "NoError", "groundfailure", "GroundFailure\n", "x|GroundFailure", 5, None]),
        ("configure", "key", ["", "k" * 51, 5, None, "\udfff"]),
        ("configure", "value", ["v" * 501, 60, True, None, "\ud800"]),
        ("data_transfer", "vendor_id", ["", "v" * 256, 5]),
        ("data_transfer", "message_id", ["m" * 51, 5, None]),
        ("data_transfer", "data", ["\ud800", 5, None, {}]),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(action: str, name: str, values: list[object]) -> None:
    for value in values:
        status, detail = refusal(action, {**NEEDED.get(action, {}), name: value})
        assert status == 422
        assert detail.startswith(f"{name} must be "), repr(value)


def test_every_error_code_of_ocpp_is_a_fault_but_no_error() -> None:
    for code in get_args(ErrorCode):
        if code != "NoError":
            assert command_of("fault", {"error_code": code}) == commands.RaiseFault(code)


@given(st.sampled_from(list(ACTIONS)), st.data())
def test_whatever_is_sent_it_is_a_command_that_the_station_can_write_or_it_is_refused(
    action: str, data: st.DataObject
) -> None:
    names = st.sampled_from([*(parameter.name for parameter in ACTIONS[action].parameters), "other"])
    sent = data.draw(st.dictionaries(names, JSON, max_size=3))
    bench = booted(connectors=2)
    refused = Refused(409, "not refused")
    try:
        act(bench.station, action, sent, bench.now)
    except Refused as reason:
        refused = reason
    assert refused.status in {404, 409, 422}
    assert 0 < len(refused.detail) < 500
    assert "\n" not in refused.detail
    bench.advance(1.0)  # all that was sent is held against the schemas there
    assert bench.station.ready or action == "disconnect"


# ---- what they do


def test_a_session_by_hand() -> None:
    bench = booted()
    do(bench, "plug_in")
    do(bench, "swipe", id_tag="TAG")
    do(bench, "meter", energy_wh=1000, power_w=3600)
    bench.advance(10)
    do(bench, "suspend_ev")
    do(bench, "resume_ev")
    do(bench, "swipe", id_tag="TAG")
    do(bench, "plug_out")
    assert bench.told() == [
        *("1 Preparing", "Authorize", "StartTransaction", "1 Charging", "1 SuspendedEV", "1 Charging"),
        *("StopTransaction Local", "1 Finishing", "1 Available"),
    ]
    assert bench.only_record().stops[0]["meterStop"] == 1010


def test_the_other_actions() -> None:
    bench = booted()
    do(bench, "fault", error_code="GroundFailure", connector_id=0)
    do(bench, "clear_fault", connector_id=0)
    do(bench, "data_transfer", vendor_id="com.example", data="ü")
    assert bench.told() == ["0 Faulted", "0 Available", "DataTransfer"]
    assert bench.sent("DataTransfer") == [{"vendorId": "com.example", "data": "ü"}]
    act(bench.station, "disconnect", {}, bench.now)
    bench.advance(0.0)
    assert not bench.station.wants_link
    do(bench, "connect")
    assert bench.station.ready


def test_configure_reaches_read_only_keys_in_any_case() -> None:
    bench = booted()
    do(bench, "configure", key="numberofconnectors", value="9")
    assert bench.station.configuration.text("NumberOfConnectors") == "9"


def test_configure_tells_an_unknown_key_from_a_bad_value() -> None:
    bench = booted()
    assert refused_by(bench, "configure", key="Non\nsense", value="1") == (
        404,
        "'Non\\nsense' is not a key of this station",
    )
    assert refused_by(bench, "configure", key="connectiontimeout", value="x") == (
        422,
        "ConnectionTimeOut cannot be 'x'",
    )


def test_what_is_impossible_now_is_a_conflict() -> None:
    bench = booted()
    do(bench, "plug_in")
    do(bench, "meter", energy_wh=100)
    assert refused_by(bench, "plug_in") == (409, "a cable is in connector 1 already")
    assert refused_by(bench, "plug_in", connector_id=2) == (422, "there is no connector 2")
    assert refused_by(bench, "suspend_ev") == (409, "no transaction runs on connector 1")
    assert refused_by(bench, "meter", energy_wh=99.0)[0] == 409
    fresh = Bench()
    assert refused_by(fresh, "data_transfer", vendor_id="V") == (409, "not connected and accepted")


def test_a_station_that_has_ended_takes_nothing() -> None:
    bench = booted()
    bench.do(commands.ShutDown())
    assert bench.station.finished
    assert refused_by(bench, "plug_in") == (409, "the station has ended")


def test_a_value_that_nobody_needs_to_see_whole_is_cut() -> None:
    status, detail = refused_by(booted(), "configure", key="ConnectionTimeOut", value="\x00" * 500)
    assert status == 422
    assert len(detail) == 200


def test_drivers_live_with_what_is_done_to_their_station() -> None:
    driven = charging(Driven(PLAIN))
    with pytest.raises(Refused, match="a cable is in connector 1 already"):
        act(driven.core, "plug_in", {}, driven.now)
    act(driven.core, "plug_out", {}, driven.now)
    driven.pass_s(60)
    assert [stop["reason"] for stop in driven.sent("StopTransaction")] == ["EVDisconnected"]
    driven.until_line("Charging started")  # the next driver comes


def test_without_drivers_a_station_lives_by_actions_alone() -> None:
    driven = Driven(profile(transactions="manual"), script=None).connect()
    act(driven.core, "plug_in", {}, driven.now)
    act(driven.core, "swipe", {"id_tag": "ABC123"}, driven.now)
    driven.connect()  # what waits to be sent is sent
    assert driven.connector().shown == ("Charging", "NoError")
