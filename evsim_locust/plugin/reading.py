"""One function that reads and checks all options, from the command line and from the web form alike.

Every value is text here (Locust's start form writes strings straight into its options), and every error names the
option, what is wrong and what would be right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from evsim_locust.behaviour.clock_options import parse_peak_hours, parse_timezone
from evsim_locust.behaviour.errors import BehaviourError
from evsim_locust.behaviour.identity import Naming, station_id
from evsim_locust.behaviour.mix import parse_mix
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.profiles_file import parse_profiles, shipped_profiles
from evsim_locust.plugin.option_table import OPTIONS, Option
from evsim_locust.plugin.run_options import ConnectionOptions, RunOptions, WorldOptions
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.settings import Settings
from evsim_locust.transport.backoff import BackoffPolicy
from evsim_locust.transport.target import BaseUrl, parse_base_url
from evsim_locust.transport.tls import client_context

_ROWS = {option.name: option for option in OPTIONS}
_MOST_STATIONS = 1_000_000  # ids are checked up to here
_FLAG_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
_DAY_S = 86400.0
PROFILES_CONTENT = "evsim_profiles_content"  # the master's profiles file as text: a worker may not have the file


class OptionRefused(Exception):
    """An option that cannot be used; the text is `--option: what is wrong, what would be right`."""


def read_options(given: Mapping[str, Any], base_url: str) -> RunOptions:
    """All options, typed and checked together; raises `OptionRefused`. `given` maps an option's dest to its value."""
    reader = Reader(given)
    profiles = reader.profiles()
    connectors = reader.integer("connectors", 1, 100)
    configuration = reader.configuration(connectors)
    settings = Settings(
        connectors=connectors,
        vendor=reader.text("vendor", 20),
        model=reader.text("model", 20),
        firmware_version=reader.text("firmware-version", 50),
        call_timeout_s=reader.number("call-timeout", above=0.0, most=3600.0),
        time_scale=reader.number("time-scale", above=0.0, most=100_000.0),
        lockstep=reader.one_of("phase", ("spread", "lockstep")) == "lockstep",
        boot_on_reconnect=reader.flag("boot-on-reconnect"),
        configuration=configuration,
    )
    return RunOptions(
        settings=settings,
        profiles=profiles,
        mix=reader.convert("station-profile", lambda text: parse_mix(text, profiles)),
        naming=reader.naming(),
        seed=reader.optional_integer("seed", 0, 2**63 - 1),
        world=reader.world(),
        connection=reader.connection(base_url),
        drain_timeout_s=reader.number("drain-timeout", above=0.0, most=3600.0),
    )


class Reader:
    """Gives the values of the options one by one, or the error of the first bad one."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    # ---- one value each

    def raw(self, name: str) -> str:
        """The option as text, its default when it was not given."""
        value = self._given.get(_ROWS[name].dest)
        return _ROWS[name].default if value is None else str(value).strip()

    def flag(self, name: str) -> bool:
        """A flag; the form writes `true` and `false`."""
        value = self.raw(name).lower()
        if value not in _FLAG_WORDS:
            raise refused(_ROWS[name], f"{value[:40]!r} is unknown: give true or false")
        return _FLAG_WORDS[value]

    def convert(self, name: str, function: Callable[[str], Any]) -> Any:
        """What `function` makes of the text; its ValueError becomes the option's."""
        try:
            return function(self.raw(name))
        except (ValueError, BehaviourError) as error:
            raise refused(_ROWS[name], str(error)) from None

    def text(self, name: str, most: int) -> str:
        """Some characters, none of them a control character."""
        value = self.raw(name)
        if not 1 <= len(value) <= most or not value.isprintable():
            raise refused(_ROWS[name], f"{value[:60]!r} does not fit: give 1 to {most} printable characters")
        return value

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.raw(name)
        if value not in words:
            raise refused(_ROWS[name], f"{value[:40]!r} is unknown: give {' or '.join(words)}")
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """A whole number."""
        value = self.raw(name)
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and low <= int(value) <= high):
            raise refused(_ROWS[name], f"{value[:40]!r} is wrong: give a whole number from {low} to {high}")
        return int(value)

    def optional_integer(self, name: str, low: int, high: int) -> int | None:
        """A whole number, or nothing."""
        return self.integer(name, low, high) if self.raw(name) else None

    def number(self, name: str, above: float, most: float = math.inf, or_equal: bool = False) -> float:
        """A finite number."""
        value = self.raw(name)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and (number > above or (or_equal and number == above)) and number <= most):
            bound = f"{above:g} or more" if or_equal else f"above {above:g}"
            upto = "" if math.isinf(most) else f", at most {most:g}"
            raise refused(_ROWS[name], f"{value[:40]!r} is wrong: give a number {bound}{upto}")
        return number

    # ---- options that belong together

    def profiles(self) -> dict[str, Profile]:
        """The shipped profiles and, on top, those of the file; a worker gets the file's text from the master."""
        name = self.raw("profiles-file")
        if not name:
            return shipped_profiles()
        content = self._given.get(PROFILES_CONTENT)
        if content is None:
            content = self.convert("profiles-file", _file_text)
        shipped = shipped_profiles()
        read: dict[str, Profile] = self.convert("profiles-file", lambda name: parse_profiles(content, name, shipped))
        return read

    def configuration(self, connectors: int) -> dict[str, str]:
        """The KEY=VALUE pairs, checked against the keys that exist."""
        pairs: dict[str, str] = {}
        for entry in self._list("station-config"):
            key, equals, value = entry.partition("=")
            if not equals:
                raise refused(_ROWS["station-config"], f"{entry[:60]!r} has no =: give KEY=VALUE")
            pairs[key.strip()] = value.strip()
        ping_s = self.integer("ping-interval", 0, 86400)
        if ping_s:
            pairs.setdefault("WebSocketPingInterval", str(ping_s))
        try:
            shared_values(pairs, connectors)
        except ValueError as error:
            raise refused(_ROWS["station-config"], str(error)) from None
        return pairs

    def naming(self) -> Naming:
        """How stations are called; the first id and the longest one are checked as wholes."""
        first, digits = self.integer("station-start", 1, 10**9), self.integer("station-digits", 1, 20)

        def checked(prefix: str) -> Naming:
            for number in (first, first + _MOST_STATIONS - 1):
                station_id(prefix, number, digits)
            return Naming(prefix, first, digits)

        naming: Naming = self.convert("station-prefix", checked)
        return naming

    def world(self) -> WorldOptions:
        """Price, hours and currency."""
        return WorldOptions(
            price=self.number("price", above=0.0, most=1e9),
            currency=self.text("currency", 8),
            timezone=self.convert("timezone", parse_timezone),
            peak_hours=self.convert("peak-hours", lambda text: parse_peak_hours(text) if text else None),
        )

    def connection(self, base_url: str) -> ConnectionOptions:
        """Where to and how; the security profile must fit what is given."""
        try:
            url = parse_base_url(base_url)
        except ValueError as error:
            raise OptionRefused(f"--host: {error}") from None
        options = ConnectionOptions(
            url=url,
            password=self._password(),
            ca=self._file("station-tls-ca"),
            cert=self._file("station-tls-cert"),
            key=self._file("station-tls-key"),
            source_addresses=self.convert("source-addresses", _addresses),
            backoff=self._backoff(),
        )
        self._check_security(url, options)
        if url.secure:
            self._check_pem(options)
        return options

    def _backoff(self) -> BackoffPolicy:
        kind = self.one_of("reconnect", ("exponential", "fixed", "ocpp201"))
        shortest = self.number("reconnect-min", above=0.01, most=_DAY_S, or_equal=True)
        longest = self.number("reconnect-max", above=0.01, most=_DAY_S, or_equal=True)
        spread = shortest
        if self.raw("reconnect-range"):
            spread = self.number("reconnect-range", above=0.0, most=_DAY_S, or_equal=True)
        repeats = self.optional_integer("reconnect-repeats", 0, 100)
        if longest < shortest:
            raise refused(_ROWS["reconnect-max"], f"{longest:g} is below --reconnect-min: give {shortest:g} or more")
        return BackoffPolicy(kind, shortest, longest, spread, 5 if repeats is None else repeats)  # type: ignore[arg-type]

    def _check_security(self, url: BaseUrl, options: ConnectionOptions) -> None:
        """OCPP security white paper, section 2: what each profile needs."""
        files = {"station-tls-ca": options.ca, "station-tls-cert": options.cert, "station-tls-key": options.key}
        for name, other in (("station-tls-cert", "station-tls-key"), ("station-tls-key", "station-tls-cert")):
            if files[name] is not None and files[other] is None:
                raise refused(_ROWS[name], f"a certificate and its key belong together: give --{other} too")
        for name, file in files.items():
            if file is not None and not url.secure:
                raise refused(_ROWS[name], "certificates are for TLS only: give a CSMS at wss://")
        profile = self.optional_integer("security-profile", 0, 3)
        if profile is None:
            return
        rows = bool(self.raw("stations-file"))  # may bring what is needed, station by station
        wanted = [what for what, missing in _needs(profile, url, options, rows) if missing]
        if wanted:
            raise refused(_ROWS["security-profile"], f"{profile} needs {' and '.join(wanted)}")

    def _check_pem(self, options: ConnectionOptions) -> None:
        """The files hold what they should: else every station would find out by itself."""
        self.convert("station-tls-ca", lambda _text: client_context(options.ca))
        self.convert("station-tls-cert", lambda _text: client_context(options.ca, options.cert, options.key))

    def _password(self) -> str | None:
        """As it was given, spaces too; never part of an error."""
        value = str(self._given.get(_ROWS["basic-auth-key"].dest) or "")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise refused(_ROWS["basic-auth-key"], "it is not UTF-8: give a text") from None
        return value or None

    def _file(self, name: str) -> str | None:
        return self.convert(name, _readable) if self.raw(name) else None

    def words(self, name: str) -> tuple[str, ...]:
        """The values of an option that may be repeated."""
        return tuple(self._list(name))

    def _list(self, name: str) -> list[str]:
        value = self._given.get(_ROWS[name].dest)
        entries = value if isinstance(value, list) else [value] if value else []
        return [str(entry) for entry in entries if str(entry).strip()]


def refused(option: Option, what: str) -> OptionRefused:
    """The error for one option."""
    return OptionRefused(f"{option.flag}: {what}")


def _needs(profile: int, url: BaseUrl, options: ConnectionOptions, rows: bool) -> list[tuple[str, bool]]:
    password = ("a password (--basic-auth-key)", options.password is None and not rows)
    tls = ("a CSMS at wss://", not url.secure)
    missing = options.cert is None and not rows
    certificate = ("a client certificate (--station-tls-cert and --station-tls-key)", missing)
    plain = ("a CSMS at ws://", url.secure)
    open_door = ("no --basic-auth-key", options.password is not None)
    return {0: [plain, open_door], 1: [plain, password], 2: [tls, password], 3: [tls, certificate]}[profile]


def _file_text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ValueError(f"cannot read {name[:200]!r} ({why}): give a file of profiles, TOML or YAML") from None


def _readable(path: str) -> str:
    try:
        Path(path).open("rb").close()
    except (OSError, ValueError) as error:  # ValueError: no possible path
        why = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"cannot read {path[:200]!r} ({why}): give the path of a PEM file") from None
    return path


def _addresses(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        try:
            ip_address(word)
        except ValueError:
            raise ValueError(f"{word[:60]!r} is no address: give local addresses such as 127.0.0.2,127.0.0.3") from None
    return words
