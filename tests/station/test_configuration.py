"""Configuration keys: types, ranges, access (OCPP 1.6, section 9), as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.station.configuration import KEYS, Configuration, shared_values, write

BOOLEANS = [
    "AllowOfflineTxForUnknownId",
    "AuthorizationCacheEnabled",
    "AuthorizeRemoteTxRequests",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
]
INTEGERS = {  # name: lowest, highest
    "ClockAlignedDataInterval": (0, 604_800),
    "ConnectionTimeOut": (0, 604_800),
    "HeartbeatInterval": (0, 86_400),
    "MeterValueSampleInterval": (0, 86_400),
    "TransactionMessageAttempts": (1, 100),
    "TransactionMessageRetryInterval": (0, 604_800),
    "WebSocketPingInterval": (0, 86_400),
}
LISTS = ["MeterValuesAlignedData", "MeterValuesSampledData"]
READ_ONLY = {
    "GetConfigurationMaxKeys": "100",
    "NumberOfConnectors": "2",
    "SupportedFeatureProfiles": "Core,RemoteTrigger",
}
NO_INTEGERS = ["", " ", "x", "1.0", "1e3", "+1", "-1", "0x10", "1_0", "٣", "1" * 12, "9" * 500, "true", "10 0"]


def fresh() -> Configuration:
    return Configuration(shared_values({}, 2))


def test_the_table_of_this_test_is_complete() -> None:
    assert sorted([*BOOLEANS, *INTEGERS, *LISTS, *READ_ONLY]) == sorted(KEYS) == sorted(fresh())


@pytest.mark.parametrize("name", BOOLEANS)
def test_booleans(name: str) -> None:
    configuration = fresh()
    for text, value in (("true", True), ("false", False), ("True", True), ("FALSE", False), (" true ", True)):
        assert configuration.change(name, text) == "Accepted"
        assert configuration.boolean(name) is value
        assert configuration.text(name) == ("true" if value else "false")
    for text in ("", "1", "0", "yes", "truefalse", "None"):
        before = configuration.text(name)
        assert configuration.change(name, text) == "Rejected"
        assert configuration.text(name) == before


@pytest.mark.parametrize(("name", "low", "high"), [(name, *ends) for name, ends in INTEGERS.items()])
def test_integers(name: str, low: int, high: int) -> None:
    configuration = fresh()
    for value in (low, high, (low + high) // 2):
        assert configuration.change(name, f" {value} ") == "Accepted"
        assert configuration.integer(name) == value
        assert configuration.text(name) == str(value)
    for text in [*NO_INTEGERS, str(low - 1), str(high + 1)]:
        assert configuration.change(name, text) == "Rejected", text
    assert configuration.integer(name) == (low + high) // 2


@pytest.mark.parametrize("name", LISTS)
def test_lists(name: str) -> None:
    configuration = fresh()
    for text, words in (("Voltage", ("Voltage",)), (" SoC , Voltage ,", ("SoC", "Voltage")), ("", ()), (",", ())):
        assert configuration.change(name, text) == "Accepted"
        assert configuration.words(name) == words
        assert configuration.text(name) == ",".join(words)
    for text in ("Volts", "voltage", "Voltage,Volts", "Voltage;SoC", "Voltage.L1"):
        assert configuration.change(name, text) == "Rejected"
    assert configuration.words(name) == ()


@pytest.mark.parametrize(("name", "text"), READ_ONLY.items())
def test_read_only_keys_change_by_hand_only(name: str, text: str) -> None:
    configuration = fresh()
    assert configuration.text(name) == text
    assert configuration.change(name, text) == "Rejected"
    other = "Core" if name == "SupportedFeatureProfiles" else "7"
    assert configuration.configure(name, other) == "Accepted"
    assert configuration.text(name) == other


def test_unknown_keys_are_not_supported() -> None:
    for change in (fresh().change, fresh().configure):
        assert change("Nonsense", "1") == "NotSupported"


def test_bad_values_are_refused_by_hand_too() -> None:
    assert fresh().configure("ConnectionTimeOut", "soon") == "Rejected"


@given(st.sampled_from(sorted(KEYS)), st.text(max_size=20))
def test_any_text_is_either_refused_or_read_back_as_what_it_means(name: str, text: str) -> None:
    configuration, again = fresh(), fresh()
    outcome = configuration.configure(name, text)
    assert outcome in ("Accepted", "Rejected")
    if outcome == "Accepted":
        written = configuration.text(name)
        assert again.configure(name, written) == "Accepted"
        assert again.text(name) == written
    else:
        assert configuration.text(name) == fresh().text(name)


def test_stations_share_values_until_they_change_them() -> None:
    shared = shared_values({"ConnectionTimeOut": "33"}, 1)
    first, second = Configuration(shared), Configuration(shared)
    assert first.integer("ConnectionTimeOut") == second.integer("ConnectionTimeOut") == 33
    first.set("ConnectionTimeOut", 33)
    first.set("ConnectionTimeOut", 44)
    first.set("ConnectionTimeOut", 33)
    first.set("HeartbeatInterval", 5)
    assert (first.integer("ConnectionTimeOut"), second.integer("HeartbeatInterval")) == (33, 60)
    assert shared["HeartbeatInterval"] == 60


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        ({"Nonsense": "1"}, "unknown configuration key 'Nonsense'; known are AllowOfflineTxForUnknownId,"),
        ({"ConnectionTimeOut": "-1"}, "ConnectionTimeOut: '-1' is not a whole number from 0 to 604800"),
        ({"LocalPreAuthorize": "1"}, "LocalPreAuthorize: '1' is neither true nor false"),
        ({"MeterValuesSampledData": "x"}, "MeterValuesSampledData: 'x' is not one of Current.Import,"),
    ],
)
def test_bad_initial_values_say_what_would_be_right(overrides: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        shared_values(overrides, 1)


def test_values_are_written_as_ocpp_does() -> None:
    assert [write(value) for value in (True, False, 60, ("a", "b"), (), "text")] == [
        "true",
        "false",
        "60",
        "a,b",
        "",
        "text",
    ]
