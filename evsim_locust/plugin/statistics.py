"""A batch of samples in Locust's statistics at the price of a few.

Does what `RequestStats.log_request` and `log_error` do for each, once for all of a name: a test holds both to the same
figures.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from locust import stats as locust_stats
from locust.event import EventHook
from locust.stats import RequestStats

from evsim_locust.metrics.labels import Kind

Sample = tuple[Any, Kind, str, float, int, str | None]  # user, kind, name, milliseconds, size, failure


_OWN = ("locust.runners", "Runner.__init__.<locals>.on_request")  # what a runner listens with, for its statistics


def listens_alone(request: EventHook) -> bool:
    """Whether a runner's statistics are all that hears of a request."""
    return [(getattr(one, "__module__", ""), getattr(one, "__qualname__", "")) for one in request._handlers] == [_OWN]


def log_batch(stats: RequestStats, batch: Sequence[Sample]) -> None:
    """All of the batch, as of now."""
    now = time.time()
    by_name: dict[tuple[str, str], list[Sample]] = {}
    for sample in batch:
        by_name.setdefault((sample[2], sample[1]), []).append(sample)
    for key, samples in by_name.items():
        _log(stats.entries[key], samples, now)
    _log(stats.total, batch, now)
    for _user, kind, name, _milliseconds, _size, failure in batch:
        if failure:
            stats.log_error(kind, name, failure)


def _log(entry: Any, samples: Sequence[Sample], now: float) -> None:
    second, last = int(now), entry.last_request_timestamp
    if entry.use_response_times_cache and last and second > int(last):
        entry._cache_response_times(second - 1)
    times = [sample[3] for sample in samples]
    entry.num_requests += len(times)
    entry.num_reqs_per_sec[second] += len(times)
    entry.last_request_timestamp = now
    entry.total_content_length += sum([sample[4] for sample in samples])
    _log_times(entry, times)


def _log_times(entry: Any, times: Sequence[float]) -> None:
    bucket, buckets = locust_stats.bucket_response_time, entry.response_times
    for milliseconds in times:
        entry.total_response_time += milliseconds
        buckets[bucket(milliseconds)] += 1
    shortest, longest = min(times), max(times)
    known = entry.min_response_time
    entry.min_response_time = shortest if known is None else min(known, shortest)
    entry.max_response_time = max(entry.max_response_time, longest)
