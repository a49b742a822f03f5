"""Writes a run's history behind its back: the hub hands batches over and never waits for the disk.

Where Locust has patched `threading`, a thread of Python's is a greenlet: only gevent's own pool has real ones.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import gevent
import msgspec
from gevent.event import Event
from gevent.threadpool import ThreadPool

from evsim_locust.history.database import Database
from evsim_locust.history.ledger import Ledger, Outcome
from evsim_locust.history.pending import Lost, Pending, Unit
from evsim_locust.history.records import Batch

_CLOSING_PAUSE_S: Final = 0.2  # between two tries when time is short
_log = logging.getLogger(__name__)


class Pace(NamedTuple):
    """How often, in seconds, and how many rows may wait."""

    interval_s: float = 1.0
    longest_pause_s: float = 30.0
    sweep_every_s: float = 3_600.0
    tell_every_s: float = 30.0
    capacity: int = 200_000


class Writer:
    """Takes what is to be kept at no cost to the caller; `close` writes the rest and lets the database go.

    `retention_s` is how long rows are kept, None for ever; `wall` gives the time that they are judged by.
    """

    def __init__(
        self,
        database: Database,
        retention_s: float | None = None,
        pace: Pace | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._shown, self._ledger = database.location.shown, Ledger(database)
        self._retention_s, self._pace, self._wall = retention_s, pace or Pace(), wall
        self._pending = Pending(self._pace.capacity)
        self._unit: Unit | None = None  # that could not be written yet
        self._pause_s = 0.0  # since the last failure; 0 when all is well
        self._sweep_at = self._tell_at = 0.0
        self._told, self._refused = Lost(), 0
        self._written = self._failures = 0
        self._wake, self._closing = Event(), False
        self._thread = ThreadPool(1)
        self._greenlet = gevent.spawn(self._run)
        self._greenlet.link_exception(_tell_of_bug)

    @property
    def written(self) -> int:
        """Rows in the database."""
        return self._written

    @property
    def failures(self) -> int:
        """How often the database could not be written; what could not be written was kept and tried again."""
        return self._failures

    @property
    def dropped(self) -> Lost:
        """What is lost for good."""
        return self._pending.lost._replace(refused=self._refused)

    def begin(self, run_id: str, started_at_s: float, config: Mapping[str, Any]) -> None:
        """A run begins; `config` is what it runs with, without secrets."""
        self._pending.begin(run_id, started_at_s, msgspec.json.encode(config, enc_hook=str).decode())
        self._sweep_at = 0.0

    def put(self, batch: Batch) -> None:
        """What a worker has collected."""
        self._pending.put(batch)

    def price(self, at_s: float, price: float) -> None:
        """A new price."""
        self._pending.price(at_s, price)

    def end(self, stopped_at_s: float) -> None:
        """The run is over; batches that come late still belong to it, until the next one begins."""
        self._pending.end(stopped_at_s)
        self._wake.set()

    def close(self, within_s: float) -> bool:
        """Write the rest; False when it was not done in time, and rows are lost."""
        self._closing = True
        self._wake.set()
        self._greenlet.join(within_s)
        if self._greenlet.ready():
            self._thread.kill()
            return bool(self._greenlet.successful())
        self._greenlet.kill(block=False)
        _log.error("history %s: %d rows were not written within %g s", self._shown, self._unwritten(), within_s)
        return False

    # ---- the greenlet

    def _run(self) -> None:
        while (pause_s := self._step()) is not None:
            self._wake.wait(pause_s)
            self._wake.clear()
        self._thread.apply(self._ledger.close)

    def _step(self) -> float | None:
        """Gives the time until the next one, None after the last."""
        self._tell_losses()
        if self._unit is None:
            self._unit = self._pending.take()
        if self._unit is not None:
            if not self._wrote(self._unit):
                return min(self._pause_s, _CLOSING_PAUSE_S) if self._closing else self._pause_s
            self._unit = None
        elif self._closing:
            return None
        at_once = self._closing or self._swept() or self._pending.has_earlier
        return 0.0 if at_once else self._pace.interval_s

    def _wrote(self, unit: Unit) -> bool:
        outcome: Outcome = self._thread.apply(self._ledger.write, (unit,))
        if outcome.error:
            self._failed(outcome.error)
            return False
        if self._pause_s:
            self._pause_s = 0.0
            _log.warning("history %s: can be written again", self._shown)
        self._written += outcome.written
        self._refused += outcome.refused
        return True

    def _failed(self, error: str) -> None:
        self._failures += 1
        if not self._pause_s:
            _log.error("history %s: cannot be written, will be tried again: %s", self._shown, error)
        self._pause_s = min(max(2 * self._pause_s, self._pace.interval_s), self._pace.longest_pause_s)

    def _swept(self) -> bool:
        """Delete some of what is too old; whether there may be more."""
        now = time.monotonic()
        if self._retention_s is None or now < self._sweep_at:
            return False
        before_s = self._wall() - self._retention_s
        outcome: Outcome = self._thread.apply(self._ledger.sweep, (before_s, self._pending.run_id))
        if outcome.error:
            self._failed(outcome.error)
        if not outcome.written:
            self._sweep_at = now + self._pace.sweep_every_s
        return bool(outcome.written)

    def _tell_losses(self) -> None:
        now, lost = time.monotonic(), self.dropped
        if lost != self._told and now >= self._tell_at:
            self._told, self._tell_at = lost, now + self._pace.tell_every_s
            _log.warning(
                "history %s: lost so far %d log lines and %d energy snapshots for want of room; %d rows refused",
                self._shown,
                *lost,
            )

    def _unwritten(self) -> int:
        units = [self._unit] if self._unit is not None else []
        while (unit := self._pending.take()) is not None:
            units.append(unit)
        return sum(unit.rows for unit in units)


def _tell_of_bug(greenlet: gevent.Greenlet) -> None:
    _log.error("the history is not written any more: %r", greenlet.exception)
