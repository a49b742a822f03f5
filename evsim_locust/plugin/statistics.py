"""A batch of samples in Locust's statistics at the price of a few.

Does what `RequestStats.log_request` and `log_error` do for each, once for all of a name: a test holds both to the same
figures.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from locust import stats as locust_stats
from locust.event import EventHook
from locust.stats import RequestStats

from evsim_locust.metrics.labels import Kind

Sample = tuple[Any, Kind, str, float, int, str | None]  # user, kind, name, milliseconds, size, failure
_OWN = ("locust.runners", "Runner.__init__.<locals>.on_request")  # what a runner listens with, for its statistics


def listens_alone(request: EventHook) -> bool:
    """Whether a runner's statistics are all that hears of a request."""
    return [(getattr(one, "__module__", ""), getattr(one, "__qualname__", "")) for one in request._handlers] == [_OWN]


class Columns(NamedTuple):
    """Samples column by column: milliseconds, bytes, and each one's failure or None."""

    times: Sequence[float]
    sizes: Sequence[int]
    failures: Sequence[str | None]


ByName = Mapping[tuple[Kind, str], Columns]


def by_name(batch: Sequence[Sample]) -> ByName:
    """The samples of each kind and name."""
    found: dict[tuple[Kind, str], list[Sample]] = {}
    for sample in batch:
        found.setdefault(sample[1:3], []).append(sample)
    return {key: _columns(samples) for key, samples in found.items()}


def _columns(samples: Sequence[Sample]) -> Columns:
    _users, _kinds, _names, times, sizes, failures = zip(*samples, strict=True)
    return Columns(times, sizes, failures)


def log_batch(stats: RequestStats, names: ByName) -> None:
    """All of a batch, as of now."""
    now, total = time.time(), stats.total
    for (kind, name), columns in names.items():
        entry = stats.entries[name, kind]
        _log(entry, columns, now)
        _log(total, columns, now)
        for bucket in map(locust_stats.bucket_response_time, columns.times):
            entry.response_times[bucket] += 1
            total.response_times[bucket] += 1
        for failure in filter(None, columns.failures):
            stats.log_error(kind, name, failure)


def _log(entry: Any, columns: Columns, now: float) -> None:
    """All but the buckets."""
    second, last = int(now), entry.last_request_timestamp
    if entry.use_response_times_cache and last and second > int(last):
        entry._cache_response_times(second - 1)
    times = columns.times
    entry.num_requests += len(times)
    entry.num_reqs_per_sec[second] += len(times)
    entry.last_request_timestamp = now
    entry.total_content_length += sum(columns.sizes)
    entry.total_response_time += sum(times)
    shortest, known = min(times), entry.min_response_time
    entry.min_response_time = shortest if known is None else min(known, shortest)
    entry.max_response_time = max(entry.max_response_time, *times)
