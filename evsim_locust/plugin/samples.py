"""Hands samples to Locust in small batches: one after the other they find its code and counters in the CPU's caches.

A batch is small, as no station can act while it is handed over. While nobody but Locust itself listens to its `request`
event, a batch goes into its statistics as one.
"""

from __future__ import annotations

from typing import Any

import gevent
from locust.exception import InterruptTaskSet, RescheduleTask, StopTest, StopUser

from evsim_locust.metrics.counts import Counts
from evsim_locust.plugin.statistics import Sample, by_name, listens_alone, log_batch

_BATCH = 64  # 0.1 ms, and 0.4 ms with other listeners
_LATEST_S = 0.1
_TO_END_A_USER = (StopUser, RescheduleTask, InterruptTaskSet)  # what Locust lets a listener raise


class Samples:
    """One environment's; a sample is a `request` event within a tenth of a second, and `flush` makes it one now.

    `counts` is told of each of them too.
    """

    def __init__(self, environment: Any, counts: Counts) -> None:
        self._environment, self._counts = environment, counts
        self._waiting: list[Sample] = []
        self._flushing: gevent.Greenlet | None = None

    def add(self, sample: Sample) -> None:
        """User, request type, name, milliseconds, bytes, and the failure's text or None."""
        self._waiting.append(sample)
        if len(self._waiting) >= _BATCH:
            self._hand_over()
        elif self._flushing is None:
            self._flushing = gevent.spawn_later(_LATEST_S, self._flush_late)

    def flush(self) -> None:
        """Nothing waits any more, and nothing is left that would look."""
        if self._flushing is not None:
            self._flushing.kill(block=False)
            self._flushing = None
        self._hand_over()

    def _hand_over(self) -> None:
        """All that wait, in order; this is the one place where Locust is given a sample."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        names = by_name(batch)
        for (kind, name), columns in names.items():
            self._counts.samples(kind, name, columns.times, columns.failures)
        if listens_alone(self._environment.events.request):
            log_batch(self._environment.stats, names)
        else:
            self._fire(batch)

    def _fire(self, batch: list[Sample]) -> None:
        fire = self._environment.events.request.fire
        for user, kind, name, milliseconds, size, failure in batch:
            try:
                fire(
                    request_type=kind,
                    name=name,
                    response_time=milliseconds,
                    response_length=size,
                    response=None,
                    context=user.sample_context,
                    exception=failure,
                    start_time=None,
                    url=None,
                )
            except _TO_END_A_USER:
                user.stop_softly()
            except StopTest as reason:
                gevent.spawn(self._stop_test, reason)

    def _flush_late(self) -> None:
        self._flushing = None
        self._hand_over()

    def _stop_test(self, _reason: StopTest) -> None:
        """As Locust does when a user raises it."""
        headless = getattr(self._environment.parsed_options, "headless", False)
        (self._environment.runner.quit if headless else self._environment.runner.stop)()
