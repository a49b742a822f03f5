"""Every option's text, good or bad, from the command line and from the form."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.identity import Lease, Naming
from evsim_locust.behaviour.session import sessions
from evsim_locust.plugin.option_table import OPTIONS, Option, Shape
from evsim_locust.plugin.reading import PROFILES_CONTENT, OptionRefused, read_options
from evsim_locust.plugin.run import Run
from evsim_locust.plugin.run_options import RunOptions
from evsim_locust.transport.backoff import BackoffPolicy

URL = "ws://127.0.0.1:9000/ocpp"
MINE = "[mine]\nidle_s = [1, 2]\n"


def read(url: str = URL, **given: Any) -> RunOptions:
    return read_options(given, url)


def refusal(url: str = URL, **given: Any) -> str:
    with pytest.raises(OptionRefused) as caught:
        read(url, **given)
    return str(caught.value)


def test_nothing_given_is_every_default() -> None:
    options = read()
    assert options.naming == Naming("PY-SIM-", 1, 4)
    assert options.mix.weights == (("default", 1),)
    assert {"default", "busy", "idle", "no-transactions", "flaky", "manual"} <= set(options.profiles)
    settings = options.settings
    assert (settings.vendor, settings.model, settings.firmware_version) == ("EVSim", "PY-SIM", "1.0.0")
    assert (settings.connectors, settings.call_timeout_s, settings.time_scale) == (1, 30.0, 1.0)
    assert (settings.lockstep, settings.boot_on_reconnect, settings.configuration) == (False, False, {})
    world = options.world
    assert (world.price, world.currency, world.timezone, world.peak_hours) == (20.0, "₹", None, None)
    connection = options.connection
    assert (connection.password, connection.ca, connection.cert, connection.key) == (None, None, None, None)
    assert (connection.source_addresses, connection.backoff) == ((), BackoffPolicy("exponential", 1.0, 60.0, 1.0, 5))
    assert (options.seed, options.drain_timeout_s) == (None, 10.0)


def test_given_defaults_are_the_same_as_nothing_given() -> None:
    assert read(**{option.dest: option.default for option in OPTIONS}) == read()


@pytest.mark.parametrize(
    ("option", "text", "where", "value"),
    [
        ("station_profile", "default:6, busy:3", "mix.weights", (("default", 6), ("busy", 3))),
        ("station_prefix", "DE*ABC-", "naming", Naming("DE*ABC-", 1, 4)),
        ("station_start", "1000000000", "naming", Naming("PY-SIM-", 10**9, 4)),
        ("station_digits", "1", "naming", Naming("PY-SIM-", 1, 1)),
        ("connectors", "100", "settings.connectors", 100),
        ("vendor", "x" * 20, "settings.vendor", "x" * 20),
        ("model", " ₹ ", "settings.model", "₹"),
        ("firmware_version", "x" * 50, "settings.firmware_version", "x" * 50),
        ("station_config", "ConnectionTimeOut = 5", "settings.configuration", {"ConnectionTimeOut": "5"}),
        ("station_config", ["HeartbeatInterval=7", " "], "settings.configuration", {"HeartbeatInterval": "7"}),
        ("phase", "lockstep", "settings.lockstep", True),
        ("price", "0.01", "world.price", 0.01),
        ("price", 25, "world.price", 25.0),
        ("currency", "€", "world.currency", "€"),
        ("timezone", "Asia/Kolkata", "world.timezone", ZoneInfo("Asia/Kolkata")),
        ("peak_hours", "none", "world.peak_hours", frozenset()),
        ("peak_hours", "22-1,8", "world.peak_hours", frozenset({22, 23, 0, 1, 8})),
        ("time_scale", "1e5", "settings.time_scale", 100_000.0),
        ("seed", "0", "seed", 0),
        ("security_profile", "0", "connection.password", None),
        ("basic_auth_key", " two words ", "connection.password", " two words "),
        ("source_addresses", "127.0.0.2, ::1,", "connection.source_addresses", ("127.0.0.2", "::1")),
        ("call_timeout", "0.5", "settings.call_timeout_s", 0.5),
        ("reconnect", "fixed", "connection.backoff.kind", "fixed"),
        ("reconnect_min", "0.01", "connection.backoff.min_s", 0.01),
        ("reconnect_max", "86400", "connection.backoff.max_s", 86400.0),
        ("reconnect_range", "0", "connection.backoff.range_s", 0.0),
        ("reconnect_repeats", "100", "connection.backoff.repeats", 100),
        ("boot_on_reconnect", True, "settings.boot_on_reconnect", True),
        ("boot_on_reconnect", "true", "settings.boot_on_reconnect", True),
        ("boot_on_reconnect", "False", "settings.boot_on_reconnect", False),
        ("ping_interval", "30", "settings.configuration", {"WebSocketPingInterval": "30"}),
        ("drain_timeout", "3600", "drain_timeout_s", 3600.0),
    ],
)
def test_a_good_value_is_read(option: str, text: Any, where: str, value: Any) -> None:
    found: Any = read(**{option: text})
    for name in where.split("."):
        found = getattr(found, name)
    assert found == value


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("station_profile", "bussy", "--station-profile: no profile 'bussy'; did you mean busy"),
        ("station_profile", "busy:0", "--station-profile: the weight of 'busy' must be a whole number from 1"),
        ("station_profile", "", "--station-profile: '' is not NAME[:WEIGHT],..."),
        ("profiles_file", "/no/such.toml", "--profiles-file: cannot read '/no/such.toml' (No such file or directory)"),
        ("profiles_file", "\0", "--profiles-file: "),
        ("station_prefix", "a b", "--station-prefix: 'a b0001' is not a station id"),
        ("station_prefix", "x" * 42, f"--station-prefix: '{'x' * 42}1000000' is not a station id"),
        ("station_start", "0", "--station-start: '0' is wrong: give a whole number from 1 to 1000000000"),
        ("station_start", "1.5", "--station-start: '1.5' is wrong: give a whole number"),
        ("station_digits", "-3", "--station-digits: '-3' is wrong: give a whole number from 1 to 20"),
        ("connectors", "101", "--connectors: '101' is wrong: give a whole number from 1 to 100"),
        ("connectors", "²", "--connectors: '²' is wrong: give a whole number"),
        ("vendor", "x" * 21, f"--vendor: '{'x' * 21}' does not fit: give 1 to 20 printable characters"),
        ("model", "", "--model: '' does not fit: give 1 to 20 printable characters"),
        ("firmware_version", "1\n2", "--firmware-version: '1\\n2' does not fit"),
        ("station_config", "ConnectionTimeOut", "--station-config: 'ConnectionTimeOut' has no =: give KEY=VALUE"),
        ("station_config", "No=1", "--station-config: unknown configuration key 'No'; known are "),
        ("station_config", ["HeartbeatInterval=x"], "--station-config: HeartbeatInterval: 'x' is not a whole number"),
        ("phase", "Spread", "--phase: 'Spread' is unknown: give spread or lockstep"),
        ("price", "nan", "--price: 'nan' is wrong: give a number above 0, at most 1e+09"),
        ("price", "inf", "--price: 'inf' is wrong"),
        ("price", "0", "--price: '0' is wrong"),
        ("price", "1e300", "--price: '1e300' is wrong"),
        ("price", "20 ₹", "--price: '20 ₹' is wrong"),
        ("currency", "rupees of India", "--currency: 'rupees of India' does not fit: give 1 to 8"),
        ("timezone", "Europe/Berln", "--timezone: no time zone 'Europe/Berln'; did you mean Europe/Berlin?"),
        ("peak_hours", "8-24", "--peak-hours: '8-24': the hours of a day are 0 to 23"),
        ("time_scale", "0", "--time-scale: '0' is wrong: give a number above 0, at most 100000"),
        ("seed", "-1", "--seed: '-1' is wrong: give a whole number from 0"),
        ("security_profile", "4", "--security-profile: '4' is wrong: give a whole number from 0 to 3"),
        ("basic_auth_key", "\ud800", "--basic-auth-key: it is not UTF-8: give a text"),
        ("station_tls_ca", "/no/ca.pem", "--station-tls-ca: cannot read '/no/ca.pem' (No such file or directory)"),
        ("station_tls_ca", "x" * 300, f"--station-tls-ca: cannot read '{'x' * 200}' (File name too long)"),
        ("station_tls_cert", "/", "--station-tls-cert: cannot read '/' (Is a directory): give the path of a PEM file"),
        ("station_tls_key", "\0", "--station-tls-key: cannot read '\\x00' (embedded null byte)"),
        ("source_addresses", "localhost", "--source-addresses: 'localhost' is no address: give local addresses"),
        ("call_timeout", "-1", "--call-timeout: '-1' is wrong: give a number above 0, at most 3600"),
        ("reconnect", "never", "--reconnect: 'never' is unknown: give exponential or fixed or ocpp201"),
        ("reconnect_min", "0.001", "--reconnect-min: '0.001' is wrong: give a number 0.01 or more, at most 86400"),
        ("reconnect_max", "0.5", "--reconnect-max: 0.5 is below --reconnect-min: give 1 or more"),
        ("reconnect_range", "-1", "--reconnect-range: '-1' is wrong: give a number 0 or more, at most 86400"),
        ("reconnect_repeats", "101", "--reconnect-repeats: '101' is wrong: give a whole number from 0 to 100"),
        ("boot_on_reconnect", "maybe", "--boot-on-reconnect: 'maybe' is unknown: give true or false"),
        ("ping_interval", "1.5", "--ping-interval: '1.5' is wrong: give a whole number from 0 to 86400"),
        ("drain_timeout", "0", "--drain-timeout: '0' is wrong: give a number above 0, at most 3600"),
    ],
)
def test_a_bad_value_is_refused_with_what_would_be_right(option: str, text: Any, message: str) -> None:
    found = refusal(**{option: text})
    assert found.startswith(message)
    assert "\n" not in found


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://h/", "--host: base URL does not begin with ws:// or wss://: write ws://host[:port]/path"),
        ("ws://", "--host: base URL has no host"),
        ("ws://user:planted@h/", "--host: base URL holds a user or password: give them by --basic-auth-key"),
    ],
)
def test_a_bad_host_is_refused(url: str, message: str) -> None:
    found = refusal(url)
    assert found.startswith(message)
    assert "planted" not in found


# ---- options that must fit each other


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pem")
    authority = trustme.CA()
    issued = authority.issue_cert("station.example")
    authority.cert_pem.write_to_path(folder / "ca")
    issued.cert_chain_pems[0].write_to_path(folder / "cert")
    issued.private_key_pem.write_to_path(folder / "key")
    trustme.CA().issue_cert("other.example").private_key_pem.write_to_path(folder / "other")
    (folder / "text").write_text("no certificate")
    return {file.name: str(file) for file in folder.iterdir()}


@pytest.mark.parametrize("profile", ["", "0", "1", "2", "3"])
def test_a_security_profile_with_all_it_needs_is_read(profile: str, pem: dict[str, str]) -> None:
    given = {"security_profile": profile}
    if profile in ("1", "2"):
        given["basic_auth_key"] = "password"
    if profile == "3":
        given |= {"station_tls_cert": pem["cert"], "station_tls_key": pem["key"]}
    if profile in ("2", "3"):
        given["station_tls_ca"] = pem["ca"]
    connection = read("wss://h/" if profile in ("2", "3") else "ws://h/", **given).connection
    assert connection.password == given.get("basic_auth_key")
    assert (connection.ca, connection.cert) == (given.get("station_tls_ca"), given.get("station_tls_cert"))


@pytest.mark.parametrize(
    ("url", "given", "message"),
    [
        ("wss://h/", {"security_profile": "0"}, "--security-profile: 0 needs a CSMS at ws://"),
        ("ws://h/", {"security_profile": "0", "basic_auth_key": "k"}, "--security-profile: 0 needs no --basic"),
        ("ws://h/", {"security_profile": "1"}, "--security-profile: 1 needs a password (--basic-auth-key)"),
        ("ws://h/", {"security_profile": "2"}, "--security-profile: 2 needs a CSMS at wss:// and a password"),
        ("wss://h/", {"security_profile": "3"}, "--security-profile: 3 needs a client certificate"),
        ("ws://h/", {"station_tls_ca": "ca"}, "--station-tls-ca: certificates are for TLS only: give a CSMS at wss://"),
        ("ws://h/", {"station_tls_cert": "cert", "station_tls_key": "key"}, "--station-tls-cert: certificates are"),
        ("wss://h/", {"station_tls_cert": "cert"}, "--station-tls-cert: a certificate and its key belong together"),
        ("wss://h/", {"station_tls_key": "key"}, "--station-tls-key: a certificate and its key belong together"),
        ("wss://h/", {"station_tls_ca": "text"}, "--station-tls-ca: "),
        ("wss://h/", {"station_tls_cert": "cert", "station_tls_key": "other"}, "--station-tls-cert: "),
    ],
)
def test_what_does_not_fit_together_is_refused(
    url: str, given: dict[str, str], message: str, pem: dict[str, str]
) -> None:
    assert refusal(url, **{key: pem.get(value, value) for key, value in given.items()}).startswith(message)


def test_the_ping_interval_gives_way_to_the_configuration_key() -> None:
    options = read(ping_interval="30", station_config=["WebSocketPingInterval=5"])
    assert options.settings.configuration == {"WebSocketPingInterval": "5"}


# ---- profiles of a file


def test_a_profiles_file_adds_to_the_shipped_ones(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    options = read(profiles_file=str(file), station_profile="mine,busy")
    assert options.profiles["mine"].idle_s == (1, 2)
    assert options.mix.weights == (("mine", 1), ("busy", 1))


def test_the_content_sent_by_the_master_needs_no_file() -> None:
    given = {"profiles_file": "/no/such.toml", PROFILES_CONTENT: MINE, "station_profile": "mine"}
    assert read(**given).profiles["mine"].idle_s == (1, 2)


def test_a_bad_profiles_file_is_named_with_the_place_in_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[mine]\nidle_s = [1, "x"]\n')
    assert refusal(profiles_file=str(file)).startswith(f"--profiles-file: {file}: mine.idle_s[1]: ")
    file.write_bytes(b"\xff")
    assert refusal(profiles_file=str(file)) == (
        f"--profiles-file: cannot read {str(file)!r} (not UTF-8): give a file of profiles, TOML or YAML"
    )


def test_a_password_is_not_part_of_the_text_of_the_options() -> None:
    options = read(basic_auth_key="planted-secret")
    assert options.connection.password == "planted-secret"
    assert "planted-secret" not in f"{options} {options!r} {options.connection!r}"


# ---- anything at all

NASTY = st.sampled_from(
    [
        "nan",
        "-inf",
        "1e400",
        "5e-324",
        "-0",
        "\0",
        "\ud800",
        "x" * 5000,
        "٣",
        "8-17",
        "{station_id}",
        "../..",
        "1_0",
        "~",
    ]
)
TEXTS = st.one_of(st.text(), NASTY, st.integers().map(str), st.floats().map(str))
VALUES = {
    Shape.VALUE: st.one_of(TEXTS, st.none(), st.integers(), st.floats()),
    Shape.FLAG: st.one_of(TEXTS, st.none(), st.booleans()),
    Shape.LIST: st.one_of(TEXTS, st.none(), st.lists(TEXTS, max_size=3)),
}


@given(st.sampled_from(OPTIONS).flatmap(lambda option: st.tuples(st.just(option), VALUES[option.shape])))
def test_any_value_is_read_or_refused_in_one_line(pair: tuple[Option, Any]) -> None:
    option, value = pair
    outcome = _attempt(URL, {option.dest: value})
    if isinstance(outcome, RunOptions):
        _can_be_run(outcome)
    else:
        assert outcome.startswith(f"{option.flag}: ") or (outcome.startswith("--") and option.flag in outcome)
        assert len(outcome.splitlines()) == 1
        assert not option.secret or str(value) not in outcome


@given(st.one_of(TEXTS, TEXTS.map("ws://{}".format), TEXTS.map("ws://h/{}".format)))
def test_any_host_is_read_or_refused_in_one_line(url: str) -> None:
    outcome = _attempt(url, {})
    if isinstance(outcome, RunOptions):
        _can_be_run(outcome)
    else:
        assert outcome.startswith("--host: ")
        assert len(outcome.splitlines()) == 1


def _attempt(url: str, given: dict[str, Any]) -> RunOptions | str:
    try:
        return read_options(given, url)
    except OptionRefused as refused:
        return str(refused)


def _can_be_run(options: RunOptions) -> None:
    """What was read is enough for a station, and for the last of many."""
    run, naming = Run(options), options.naming
    first, last = (Lease(naming.id_of(naming.start + index), index) for index in (0, 999_999))
    station = run.station(first, sessions)
    assert run.life(first, station, lambda event: None) is not None
    assert len(last.station_id) <= 48
    assert run.profile_of(last) in options.profiles.values()
