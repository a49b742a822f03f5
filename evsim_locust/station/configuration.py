"""Configuration keys (OCPP 1.6, section 9): a table of those that this station acts on, and their values.

Values are kept typed and written as text only when asked for; what a station did not change is shared by all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from evsim_locust.station.measurands import MEASURANDS

Value = int | bool | tuple[str, ...] | str
Outcome = Literal["Accepted", "Rejected", "NotSupported"]
_WEEK_S = 7 * 24 * 3600


class Key(Struct, frozen=True, gc=False):
    """One row: `low` and `high` bound integers, `words` are the members a list may have."""

    default: Value
    writable: bool = True
    low: int = 0
    high: int = _WEEK_S
    words: frozenset[str] = frozenset()


KEYS: dict[str, Key] = {
    "AllowOfflineTxForUnknownId": Key(False),
    "AuthorizationCacheEnabled": Key(True),
    "AuthorizeRemoteTxRequests": Key(False),
    "ClockAlignedDataInterval": Key(0),
    "ConnectionTimeOut": Key(60),
    "GetConfigurationMaxKeys": Key(100, writable=False),
    "HeartbeatInterval": Key(60, high=86400),
    "LocalAuthorizeOffline": Key(True),
    "LocalPreAuthorize": Key(False),
    "MeterValueSampleInterval": Key(15, high=86400),
    "MeterValuesAlignedData": Key(("Energy.Active.Import.Register",), words=MEASURANDS),
    "MeterValuesSampledData": Key(
        ("Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC"), words=MEASURANDS
    ),
    "NumberOfConnectors": Key(1, writable=False),
    "StopTransactionOnEVSideDisconnect": Key(True),
    "StopTransactionOnInvalidId": Key(True),
    "SupportedFeatureProfiles": Key(("Core", "RemoteTrigger"), writable=False),
    "TransactionMessageAttempts": Key(3, low=1, high=100),
    "TransactionMessageRetryInterval": Key(60),
    "WebSocketPingInterval": Key(0, high=86400),
}


_NAMES = {name.casefold(): name for name in KEYS}


def key_named(name: str) -> str | None:
    """The key as the specification spells it, None if there is none; keys are CiStrings: case does not count."""
    return _NAMES.get(name.casefold())


class Configuration:
    """The values of one station: its own on top of those it shares."""

    __slots__ = ("_own", "_shared")

    def __init__(self, shared: Mapping[str, Value]) -> None:
        self._shared = shared
        self._own: dict[str, Value] | None = None

    def integer(self, name: str) -> int:
        """The value of an integer key; the table's defaults say which keys are."""
        own = self._own
        return own[name] if own is not None and name in own else self._shared[name]  # type: ignore[return-value]

    def boolean(self, name: str) -> bool:
        """The value of a boolean key."""
        return self._value(name) is True

    def words(self, name: str) -> tuple[str, ...]:
        """The value of a list key; the table's defaults say which keys are."""
        own = self._own
        return own[name] if own is not None and name in own else self._shared[name]  # type: ignore[return-value]

    def text(self, name: str) -> str:
        """The value as GetConfiguration writes it."""
        return write(self._value(name))

    def change(self, name: str, text: str) -> Outcome:
        """What ChangeConfiguration may do: refuses unknown keys, read-only ones and bad values."""
        key = KEYS.get(name)
        if key is None:
            return "NotSupported"
        return self._put(name, key, text) if key.writable else "Rejected"

    def configure(self, name: str, text: str) -> Outcome:
        """The same for whoever stands before the station: read-only keys too."""
        key = KEYS.get(name)
        return "NotSupported" if key is None else self._put(name, key, text)

    def set(self, name: str, value: Value) -> None:
        """Set a typed value; nothing is copied when it is the shared one."""
        if self._own is None:
            if self._shared[name] == value:
                return
            self._own = {}
        self._own[name] = value

    def __iter__(self) -> Iterator[str]:
        return iter(KEYS)

    def _value(self, name: str) -> Value:
        if self._own is not None and name in self._own:
            return self._own[name]
        return self._shared[name]

    def _put(self, name: str, key: Key, text: str) -> Outcome:
        try:
            self.set(name, parse(key, text))
        except ValueError:
            return "Rejected"
        return "Accepted"


def shared_values(overrides: Mapping[str, str], number_of_connectors: int) -> dict[str, Value]:
    """The initial values of all stations; raises ValueError naming the key and what would be right."""
    values = {name: key.default for name, key in KEYS.items()}
    values["NumberOfConnectors"] = number_of_connectors
    for name, text in overrides.items():
        if name not in KEYS:
            raise ValueError(f"unknown configuration key {name!r}; known are {', '.join(KEYS)}")
        if name == "NumberOfConnectors":
            raise ValueError("NumberOfConnectors follows the number of connectors, it is not set by itself")
        try:
            values[name] = parse(KEYS[name], text)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return values


def parse(key: Key, text: str) -> Value:
    """The typed value that `text` stands for; raises ValueError saying what would be right."""
    if isinstance(key.default, bool):
        return _parse_boolean(text)
    if isinstance(key.default, int):
        return _parse_integer(text, key.low, key.high)
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [word for word in words if key.words and word not in key.words]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not one of {', '.join(sorted(key.words))}")
    return words


def write(value: Value) -> str:
    """As OCPP writes configuration values: `true`, `60`, `a,b`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _parse_boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return lowered == "true"


def _parse_integer(text: str, low: int, high: int) -> int:
    stripped = text.strip()
    if not stripped.isascii() or not stripped.isdecimal() or len(stripped) > 9 or not low <= int(stripped) <= high:
        raise ValueError(f"{text!r} is not a whole number from {low} to {high}")
    return int(stripped)
