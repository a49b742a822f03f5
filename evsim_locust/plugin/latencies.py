"""How long calls took, for the history: every ten seconds the figures of each action go there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

import gevent

from evsim_locust.history.records import Batch, LatencyRecord
from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.delta import Delta
from evsim_locust.metrics.interval import CallFigures, figures_of

_INTERVAL_S: Final = 10.0
_log = logging.getLogger("evsim_locust")


class Latencies:
    """Told what was counted, and gives records to `put`; `refresh` has everything told that is not yet.

    The interval has counts of its own: differences of the run's would not have its longest call.
    """

    def __init__(
        self,
        refresh: Callable[[], object],
        put: Callable[[Batch], object],
        interval_s: float = _INTERVAL_S,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._refresh, self._put = refresh, put
        self._interval_s, self._clock, self._wall = interval_s, clock, wall
        self._counts = Counts()
        self._since = clock()
        self._beat: gevent.Greenlet | None = None

    def begin(self) -> None:
        """A run begins; what comes after its end belongs to it until the next one."""
        self._counts.forget()
        self._since = self._clock()
        if self._beat is None:
            self._beat = gevent.spawn(self._go_on)
            self._beat.link_exception(_tell_of_bug)

    def counted(self, delta: Delta) -> None:
        """More calls."""
        self._counts.merge(delta)

    def write(self) -> None:
        """The calls since the last time."""
        now, at_s = self._clock(), self._wall()
        length_s, self._since = now - self._since, now
        found = figures_of(self._counts)
        self._counts.forget()
        if found:
            self._put(Batch(latencies=[record_of(at_s, length_s, figures) for figures in found]))

    def close(self) -> None:
        """The rest, also that of an interval that has not ended; nothing is written by itself any more."""
        if self._beat is not None:
            self._beat.kill(block=False)
            self._beat = None
            self.write()

    def _go_on(self) -> None:
        while True:
            gevent.sleep(self._interval_s)
            self._refresh()
            self.write()


def record_of(at_s: float, interval_s: float, figures: CallFigures) -> LatencyRecord:
    """The figures of an interval of that length, which ended at `at_s`."""
    times_ms = (None,) * 4 if figures.times_s is None else tuple(seconds * 1000.0 for seconds in figures.times_s)
    action, direction, calls, failures, _times_s = figures
    return LatencyRecord(at_s, interval_s, action, direction, calls, failures, *times_ms)


def _tell_of_bug(greenlet: gevent.Greenlet) -> None:
    _log.error("the latencies of calls are not kept any more: %r", greenlet.exception)
