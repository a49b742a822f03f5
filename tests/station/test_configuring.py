"""GetConfiguration and ChangeConfiguration over the wire (OCPP 1.6, sections 5.8 and 5.3)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import CommandRefused, Configure
from evsim_locust.station.configuration import KEYS
from evsim_locust.station.events import ConfigurationChanged
from tests.station.bench import Bench, booted


def change(bench: Bench, key: str, value: str) -> str:
    status: str = bench.ask("ChangeConfiguration", key=key, value=value)["status"]
    return status


@pytest.mark.parametrize("payload", [{}, {"key": []}])
def test_TC_019_1_all_keys(payload: dict[str, list[str]]) -> None:
    bench = booted(connectors=3)
    answer = bench.ask("GetConfiguration", **payload)
    assert list(answer) == ["configurationKey"]
    found = {entry["key"]: entry for entry in answer["configurationKey"]}
    assert sorted(found) == sorted(KEYS)
    assert found["NumberOfConnectors"] == {"key": "NumberOfConnectors", "readonly": True, "value": "3"}
    assert found["LocalPreAuthorize"] == {"key": "LocalPreAuthorize", "readonly": False, "value": "false"}
    assert {key for key, entry in found.items() if entry["readonly"]} == {
        "GetConfigurationMaxKeys",
        "NumberOfConnectors",
        "SupportedFeatureProfiles",
    }


def test_TC_019_2_listed_and_unknown_keys() -> None:
    answer = booted().ask("GetConfiguration", key=["Nonsense", "ConnectionTimeOut", "Gibberish"])
    assert answer == {
        "configurationKey": [{"key": "ConnectionTimeOut", "readonly": False, "value": "60"}],
        "unknownKey": ["Nonsense", "Gibberish"],
    }
    assert booted().ask("GetConfiguration", key=["Nonsense"]) == {"unknownKey": ["Nonsense"]}


def test_TC_021_a_change_is_applied_and_told() -> None:
    bench = booted()
    assert change(bench, "ConnectionTimeOut", "5") == "Accepted"
    assert bench.seen(ConfigurationChanged) == [ConfigurationChanged("ConnectionTimeOut", "5")]
    assert bench.ask("GetConfiguration", key=["ConnectionTimeOut"])["configurationKey"][0]["value"] == "5"


def test_TC_040_1_an_unknown_key() -> None:
    assert change(booted(), "Nonsense", "5") == "NotSupported"


@pytest.mark.parametrize(
    ("key", "value"),
    [("MeterValueSampleInterval", "-1"), ("NumberOfConnectors", "5"), ("LocalPreAuthorize", "maybe")],
)
def test_TC_040_2_a_bad_value_or_a_read_only_key(key: str, value: str) -> None:
    bench = booted()
    before = bench.station.configuration.text(key)
    assert change(bench, key, value) == "Rejected"
    assert bench.station.configuration.text(key) == before
    assert bench.seen(ConfigurationChanged) == []


def test_by_hand() -> None:
    bench = booted()
    bench.do(Configure("NumberOfConnectors", "9"))
    assert bench.seen(ConfigurationChanged) == [ConfigurationChanged("NumberOfConnectors", "9")]
    for key, value, why in (("Nonsense", "1", "not a key"), ("ConnectionTimeOut", "x", "cannot be 'x'")):
        with pytest.raises(CommandRefused, match=why):
            bench.do(Configure(key, value))


def test_the_initial_sample_interval_is_the_stations_own_unless_it_was_given() -> None:
    assert booted().station.configuration.integer("MeterValueSampleInterval") == 15
    given = booted(config={"MeterValueSampleInterval": "77"})
    assert given.station.configuration.integer("MeterValueSampleInterval") == 77


def test_the_case_of_a_key_does_not_count() -> None:
    bench = booted()
    assert bench.ask("ChangeConfiguration", key="heartbeatinterval", value="77")["status"] == "Accepted"
    answer = bench.ask("GetConfiguration", key=["HEARTBEATINTERVAL"])
    assert answer["configurationKey"] == [{"key": "HeartbeatInterval", "readonly": False, "value": "77"}]
