"""GetConfiguration and ChangeConfiguration (OCPP 1.6, sections 5.8 and 5.3), and what a change sets in motion."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET

from evsim_locust.ocppj.v16 import messages as v16
from evsim_locust.station import charging, heartbeat
from evsim_locust.station.commands import KeyUnknown, ValueRefused
from evsim_locust.station.configuration import KEYS, key_named
from evsim_locust.station.core import Core
from evsim_locust.station.events import ConfigurationChanged
from evsim_locust.station.replies import Reply


def get(core: Core, request: v16.GetConfiguration) -> Reply:
    """All keys, or those that were asked for."""
    wanted = list(core.configuration) if request.key is UNSET or not request.key else request.key
    known = [
        v16.ConfigurationKey(key=key, readonly=not KEYS[key].writable, value=core.configuration.text(key))
        for name in wanted
        if (key := key_named(name)) is not None
    ]
    unknown = [name for name in wanted if key_named(name) is None]
    return Reply(
        v16.GetConfigurationResponse(configuration_key=known or UNSET, unknown_key=unknown if unknown else UNSET)
    )


def change(core: Core, request: v16.ChangeConfiguration) -> Reply:
    """Set one key, at once."""
    key = key_named(request.key) or request.key
    outcome = core.configuration.change(key, request.value)
    if outcome == "Accepted":
        apply(core, key)
    return Reply(v16.ChangeConfigurationResponse(status=outcome))


def configure(core: Core, key: str, value: str) -> None:
    """The same by hand; raises `KeyUnknown` or `ValueRefused`."""
    key = key_named(key) or key
    outcome = core.configuration.configure(key, value)
    if outcome == "NotSupported":
        raise KeyUnknown(f"{key!r} is not a key of this station")
    if outcome == "Rejected":
        raise ValueRefused(f"{key} cannot be {value!r}")
    apply(core, key)


def apply(core: Core, key: str) -> None:
    """Tell it; timers that depend on the key start anew."""
    core.emit(ConfigurationChanged(key, core.configuration.text(key)))
    effect = _EFFECTS.get(key)
    if effect is not None:
        effect(core)


def _sample_anew(core: Core) -> None:
    for connector in core.own_connectors:
        if connector.transaction is not None:
            charging.schedule_sample(core, connector)


def _beat_anew(core: Core) -> None:
    if core.ready:
        heartbeat.start(core)


_EFFECTS: dict[str, Callable[[Core], None]] = {
    "ClockAlignedDataInterval": charging.schedule_clock_aligned,
    "HeartbeatInterval": _beat_anew,
    "MeterValueSampleInterval": _sample_anew,
}
