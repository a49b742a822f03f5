"""The history of a run, on the master or in a single process: opened at the start, closed after the last station."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from evsim_locust.control.archive import SessionFilter
from evsim_locust.control.errors import Refused
from evsim_locust.history.database import Database, open_database
from evsim_locust.history.errors import HistoryBusy, HistoryRefused, UnknownRun, Unreadable
from evsim_locust.history.reader import Reader
from evsim_locust.history.records import Batch
from evsim_locust.history.writer import Writer
from evsim_locust.plugin.latencies import Latencies
from evsim_locust.plugin.reading import OptionRefused
from evsim_locust.plugin.run_options import RunOptions

DEFAULT = "simulator.db"
_OLD_VARIABLE = "SIMULATOR_DB_PATH"  # of the simulator that this one follows
_OFF = "none"
_CLOSE_S = 10.0
T = TypeVar("T")
_log = logging.getLogger("evsim_locust")


class Chronicle:
    """One process's; what its methods cannot write is said in the log and the run goes on.

    `counted` takes what was counted, `refresh` has everything told that is not yet.
    """

    def __init__(self, database: Database, retention_s: float | None, refresh: Callable[[], object]) -> None:
        self._writer = Writer(database, retention_s)
        self._reader = Reader(database.location)
        self.archive = _Archive(self._reader)
        self._latencies = Latencies(refresh, self.put)
        self.counted = self._latencies.counted

    def begin(self, options: RunOptions, price: float) -> None:
        """A run begins."""
        self._writer.begin(str(uuid.uuid4()), time.time(), config_of(options))
        self.price(price)
        self._latencies.begin()

    def put(self, batch: Batch) -> None:
        """What a worker has collected."""
        self._writer.put(batch)

    def price(self, price: float) -> None:
        """A new price holds."""
        self._writer.price(time.time(), price)

    def end(self) -> None:
        """The run is over, and everything is told."""
        self._latencies.write()
        self._writer.end(time.time())

    def close(self) -> None:
        """Write the rest, let the database go."""
        self._latencies.close()
        self._reader.close()
        if not self._writer.close(_CLOSE_S):
            _log.error("--history: not everything could be written; it has %d rows", self._writer.written)


def open_chronicle(given: str, retention_s: float | None, refresh: Callable[[], object]) -> Chronicle | None:
    """By the value of --history; None when it is off. Raises `OptionRefused` when what was asked for cannot be had.

    Nobody asked for the default file, so a run goes on without it. `refresh` is as for `Chronicle`.
    """
    asked = given or os.environ.get(_OLD_VARIABLE, "")
    if asked == _OFF:
        return None
    try:
        return Chronicle(open_database(asked or DEFAULT), retention_s, refresh)
    except (HistoryBusy, HistoryRefused) as error:
        if asked:
            raise OptionRefused(f"--history: {error}") from None
        _log.warning("This run keeps no history: %s", error)
        return None


def config_of(options: RunOptions) -> dict[str, Any]:
    """What a run was asked for, without anything secret."""
    world, settings = options.world, options.settings
    return {
        "station_profile": dict(options.mix.weights),
        "profiles": {
            name: {
                "max_energy_kwh": profile.max_energy_kwh,
                "charge_if_price_below": profile.charge_if_price_below,
                "allow_peak": profile.allow_peak,
            }
            for name, profile in options.profiles.items()
        },
        "price": world.price,
        "currency": world.currency,
        "timezone": None if world.timezone is None else world.timezone.key,
        "peak_hours": _peak_hours(options),
        "time_scale": settings.time_scale,
        "seed": options.seed,
        "connectors": settings.connectors,
        "host": str(options.connection.url),
    }


def _peak_hours(options: RunOptions) -> list[int]:
    """The run's own, or those of the profiles that it uses."""
    if options.world.peak_hours is not None:
        return sorted(options.world.peak_hours)
    return sorted(set().union(*(options.profiles[name].peak_hours for name, _weight in options.mix.weights)))


class _Archive:
    """The history for the REST API: its errors are the API's."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def station(self, station_id: str, limit_logs: int, limit_snapshots: int) -> Mapping[str, Any]:
        with _as_refusals():
            return self._reader.station(station_id, limit_logs, limit_snapshots)

    def sessions(self, wanted: SessionFilter) -> Sequence[Mapping[str, Any]]:
        with _as_refusals():
            return self._reader.sessions(wanted)

    def every_session(self, wanted: SessionFilter) -> Iterator[Mapping[str, Any]]:
        with _as_refusals():
            rows = self._reader.every_session(wanted)  # an unknown run is found out before anything is sent
        return _paged(rows)

    def runs(self) -> Sequence[Mapping[str, Any]]:
        with _as_refusals():
            return self._reader.runs()


def _paged(rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    with _as_refusals():
        yield from rows


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except UnknownRun as error:
        raise Refused(404, str(error)) from None
    except Unreadable as error:
        raise Refused(504, f"the history cannot be read now: {error}") from None
