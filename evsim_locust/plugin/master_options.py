"""The options that only the master needs, or a run in one process: its stations, its prices, who may control it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from evsim_locust.behaviour.stations_file import StationRow, parse_stations
from evsim_locust.control.price_schedule import PriceSchedule, parse_schedule
from evsim_locust.history.retention import parse_retention
from evsim_locust.plugin.reading import Reader

_MOST_BYTES = 64 << 20  # of a file with a row per station


class MasterOptions(Struct, frozen=True):
    """`stations` are the rows of the stations file, `control_port` is 0 when there is none; `history` and
    `metrics_port` are empty when nobody asked for one."""

    stations: tuple[StationRow, ...]
    schedule: PriceSchedule | None
    history: str
    retention_s: float | None
    metrics_port: str
    control_port: int
    control_token: str
    allow_hosts: tuple[str, ...]
    allow_origins: tuple[str, ...]
    allow_targets: tuple[str, ...]
    unsafe_remote: bool

    def __repr__(self) -> str:  # the stations' passwords and the token are nobody's business
        return f"MasterOptions({len(self.stations)} stations, port {self.control_port})"


def read_master_options(given: Mapping[str, Any], profiles: Collection[str]) -> MasterOptions:
    """Typed and checked; raises `OptionRefused`. `given` maps an option's dest to its value."""
    reader = Reader(given)
    return MasterOptions(
        stations=reader.convert("stations-file", lambda name: parse_stations(_text(name), name, profiles)) or ()
        if reader.raw("stations-file")
        else (),
        schedule=reader.convert("price-schedule", lambda name: parse_schedule(_text(name), name))
        if reader.raw("price-schedule")
        else None,
        history=reader.raw("history"),
        retention_s=reader.convert("history-retention", parse_retention),
        metrics_port=reader.raw("metrics-port") and str(reader.integer("metrics-port", 0, 65535)),
        control_port=reader.optional_integer("control-port", 0, 65535) or 0,
        control_token=reader.raw("control-token"),
        allow_hosts=reader.words("allow-host"),
        allow_origins=reader.words("allow-origin"),
        allow_targets=reader.words("allow-target"),
        unsafe_remote=reader.flag("unsafe-remote"),
    )


def _text(name: str) -> str:
    try:
        path = Path(name)
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"{name[:200]!r} is larger than {_MOST_BYTES >> 20} MiB: give a CSV file")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ValueError(f"cannot read {name[:200]!r} ({why}): give a CSV file") from None
