"""The option table on Locust's real parser: files, environment and command line, and secrets taken out."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from locust.argument_parser import default_args_dict, get_parser

import evsim_locust.plugin  # noqa: F401  # registers the options
from evsim_locust.plugin.arguments import take_secrets
from evsim_locust.plugin.option_table import OPTIONS, Option, Shape
from evsim_locust.plugin.reading import read_options

BY_NAME = {option.name: option for option in OPTIONS}
# One good text for each option that is not its default.
TEXTS = {
    "station-profile": "busy:2",
    "station-prefix": "DE-",
    "station-start": "7",
    "station-digits": "6",
    "connectors": "2",
    "vendor": "Vendor",
    "model": "Model",
    "firmware-version": "9",
    "station-config": "ConnectionTimeOut=5",
    "phase": "lockstep",
    "price": "30.5",
    "currency": "€",
    "timezone": "UTC",
    "peak-hours": "7-9",
    "time-scale": "60",
    "seed": "42",
    "security-profile": "0",
    "basic-auth-key": "password",
    "source-addresses": "127.0.0.2",
    "call-timeout": "5",
    "reconnect": "fixed",
    "reconnect-min": "2",
    "reconnect-max": "50",
    "reconnect-range": "3",
    "reconnect-repeats": "4",
    "ping-interval": "20",
    "drain-timeout": "5",
}
# The same for what the stations' own options know nothing of.
OTHER_TEXTS = {
    "stations-file": "stations.csv",
    "price-schedule": "prices.csv",
    "control-port": "8090",
    "history": "run.db",
    "history-retention": "12h",
    "metrics-port": "9101",
    "control-token": "token",
    "allow-host": "ops.example",
    "allow-origin": "https://ops.example",
    "allow-target": "csms.example:8887",
}
FILES = ("profiles-file", "station-tls-ca", "station-tls-cert", "station-tls-key")
Given = Callable[..., Namespace]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """Locust's options for these files, this environment and this command line."""

    def parse(*arguments: str, conf: str = "", toml: str = "", environ: dict[str, str] | None = None) -> Namespace:
        (tmp_path / "locust.conf").write_text(conf)
        (tmp_path / "pyproject.toml").write_text(toml)
        for name, value in (environ or {}).items():
            monkeypatch.setenv(name, value)
        parser = get_parser(default_config_files=[str(tmp_path / "locust.conf"), str(tmp_path / "pyproject.toml")])
        parsed: Namespace = parser.parse_args(list(arguments))
        return parsed

    return parse


def read(options: Namespace) -> Any:
    return read_options(vars(options), "ws://h/ocpp")


def test_every_option_is_tried_here() -> None:
    flags = {option.name for option in OPTIONS if option.shape is Shape.FLAG}
    assert {*TEXTS, *OTHER_TEXTS, *FILES, *flags} == set(BY_NAME)


def test_names_are_ours_alone() -> None:
    dests = [option.dest for option in OPTIONS]
    assert len(set(dests)) == len(dests)
    assert set(dests).isdisjoint(default_args_dict())


def test_without_anything_each_option_has_the_default_of_its_row(given: Given) -> None:
    options = vars(given())
    for option in OPTIONS:
        by_shape = {Shape.VALUE: option.default, Shape.FLAG: False, Shape.LIST: []}
        assert options[option.dest] == by_shape[option.shape]
    assert read(given()) == read_options({}, "ws://h/ocpp")


@pytest.mark.parametrize("name", TEXTS)
def test_a_value_is_the_same_from_every_source(name: str, given: Given) -> None:
    option, text = BY_NAME[name], TEXTS[name]
    expected = read_options({option.dest: text}, "ws://h/ocpp")
    assert expected != read_options({}, "ws://h/ocpp") or name == "security-profile"
    assert read(given(option.flag, text)) == expected
    assert read(given(conf=f"{name} = {text}\n")) == expected
    assert read(given(toml=f'[tool.locust]\n{name} = "{text}"\n')) == expected
    assert read(given(environ={f"EVSIM_{name.upper().replace('-', '_')}": text})) == expected


@pytest.mark.parametrize("name", OTHER_TEXTS)
def test_what_others_read_is_the_same_from_every_source(name: str, given: Given) -> None:
    option, text = BY_NAME[name], OTHER_TEXTS[name]
    expected = [text] if option.shape is Shape.LIST else text
    sources: list[dict[str, Any]] = [
        {"conf": f"{name} = {text}\n"},
        {"toml": f'[tool.locust]\n{name} = "{text}"\n'},
        {"environ": {option.env_var: text}},
    ]
    assert vars(given(option.flag, text))[option.dest] == expected
    for source in sources:
        assert vars(given(**source))[option.dest] == expected


def test_the_command_line_wins_over_the_environment_and_that_over_files(given: Given) -> None:
    conf, environ = "price = 21\ncurrency = A\nvendor = A\n", {"EVSIM_PRICE": "22", "EVSIM_CURRENCY": "B"}
    options = given("--price", "23", conf=conf, environ=environ)
    assert (options.price, options.currency, options.vendor, options.model) == ("23", "B", "A", "PY-SIM")


@pytest.mark.parametrize(
    "source",
    [
        {"conf": "boot-on-reconnect = true\n"},
        {"toml": "[tool.locust]\nboot-on-reconnect = true\n"},
        {"environ": {"EVSIM_BOOT_ON_RECONNECT": "true"}},
    ],
    ids=lambda source: next(iter(source)),
)
def test_a_flag_from_a_file_or_the_environment(source: dict[str, Any], given: Given) -> None:
    assert read(given(**source)).settings.boot_on_reconnect
    assert read(given("--boot-on-reconnect")).settings.boot_on_reconnect


@pytest.mark.parametrize(
    "source",
    [
        {"conf": "station-config = [ConnectionTimeOut=5, HeartbeatInterval=7]\n"},
        {"toml": '[tool.locust]\nstation-config = ["ConnectionTimeOut=5", "HeartbeatInterval=7"]\n'},
        {"environ": {"EVSIM_STATION_CONFIG": "[ConnectionTimeOut=5, HeartbeatInterval=7]"}},
    ],
    ids=lambda source: next(iter(source)),
)
def test_a_list_from_a_file_or_the_environment(source: dict[str, Any], given: Given) -> None:
    both = {"ConnectionTimeOut": "5", "HeartbeatInterval": "7"}
    assert read(given(**source)).settings.configuration == both


def test_a_list_is_repeated_on_the_command_line(given: Given) -> None:
    options = given("--station-config", "ConnectionTimeOut=5", "--station-config", "HeartbeatInterval=7")
    assert read(options).settings.configuration == {"ConnectionTimeOut": "5", "HeartbeatInterval": "7"}


def test_two_parsers_do_not_share_a_list(given: Given) -> None:
    given("--station-config", "ConnectionTimeOut=5")
    assert given().station_config == []


def test_the_form_shows_the_rows_that_say_so_and_no_secret() -> None:
    parser = get_parser(default_config_files=[])
    shown = set(parser.args_included_in_web_ui) & {option.dest for option in OPTIONS}
    assert shown == {"station_profile", "price", "peak_hours", "time_scale"}
    assert not any((option.secret or option.fixed) and option.in_form for option in OPTIONS)
    assert all(option.fixed for option in OPTIONS if option.secret)


def test_secrets_are_taken_out_of_what_locust_shows_and_sends(given: Given) -> None:
    options = given("--basic-auth-key", "planted-secret", "--control-token", "planted-token", "--price", "30")
    assert take_secrets(options) == {"basic_auth_key": "planted-secret", "control_token": "planted-token"}
    assert "planted" not in str(vars(options))
    assert options.price == "30"
    assert take_secrets(options) == {}


def test_every_row_says_what_it_is_for(given: Given) -> None:
    text = get_parser(default_config_files=[]).format_help()
    for option in OPTIONS:
        assert option.flag in text
        assert _is_told(option)


def _is_told(option: Option) -> bool:
    return bool(option.help) and (bool(option.metavar) or option.shape is Shape.FLAG)
