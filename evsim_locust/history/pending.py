"""What the writer has yet to write, by run, in order. Pure."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from msgspec import Struct

from evsim_locust.history.buffer import Buffer
from evsim_locust.history.records import Batch


class Unit(Struct):
    """What is written in one transaction, all of one run. `config_json` is set in the unit that begins the run."""

    run_id: str | None
    started_at_s: float = 0.0
    config_json: str | None = None
    stopped_at_s: float | None = None
    prices: list[tuple[float, float]] = []
    batch: Batch = Batch()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write; a mere loss is not."""
        return not (self.rows or self.config_json is not None or self.stopped_at_s is not None)

    @property
    def rows(self) -> int:
        """How many rows have ids that the database gives."""
        batch = self.batch
        stations = len(batch.logs) + len(batch.sessions) + len(batch.snapshots)
        return stations + len(batch.latencies) + len(self.prices)


class Lost(NamedTuple):
    """What will never be written: dropped for want of room, here or on a worker, or `refused` by the database."""

    logs: int = 0
    snapshots: int = 0
    refused: int = 0


class Pending:
    """Keeps at most `capacity` rows of each run, as `Buffer` does."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._earlier: deque[Unit] = deque()
        self._logs = self._snapshots = 0
        self._open(Unit(None))

    def _open(self, unit: Unit) -> None:
        self._unit, self._buffer = unit, Buffer(self._capacity)

    @property
    def lost(self) -> Lost:
        """Dropped so far."""
        buffer = self._buffer
        return Lost(self._logs + buffer.dropped_logs, self._snapshots + buffer.dropped_snapshots)

    @property
    def run_id(self) -> str | None:
        """The run that is on, or was the last one."""
        return self._unit.run_id

    @property
    def has_earlier(self) -> bool:
        """Whether units of earlier runs wait."""
        return bool(self._earlier)

    def begin(self, run_id: str, started_at_s: float, config_json: str) -> None:
        """What comes from now on belongs to this run."""
        self._seal()
        self._open(Unit(run_id, started_at_s, config_json))

    def put(self, batch: Batch) -> None:
        """What a process has collected."""
        self._buffer.absorb(batch)

    def price(self, at_s: float, price: float) -> None:
        """A new price."""
        self._unit.prices.append((at_s, price))

    def end(self, stopped_at_s: float) -> None:
        """The run is over; what its workers say late still belongs to it."""
        self._unit.stopped_at_s = stopped_at_s

    def take(self) -> Unit | None:
        """The next to be written."""
        if not self._earlier:
            run_id = self._unit.run_id
            self._seal()
            self._unit = Unit(run_id)
        return self._earlier.popleft() if self._earlier else None

    def _seal(self) -> None:
        batch = self._buffer.take()
        if batch is not None:
            self._unit.batch = batch
            self._logs += batch.dropped_logs
            self._snapshots += batch.dropped_snapshots
        if not self._unit.empty:
            self._earlier.append(self._unit)
