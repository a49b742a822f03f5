"""A batch leaves in Locust's statistics what its samples would have left one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust import stats as locust_stats
from locust.env import Environment
from locust.stats import RequestStats

from evsim_locust.plugin.statistics import Sample, by_name, listens_alone, log_batch

SAMPLES = st.builds(
    lambda kind, name, milliseconds, size, failure: (None, kind, name, milliseconds, size, failure),
    st.sampled_from(["OCPP", "CSMS", "WS"]),
    st.sampled_from(["Heartbeat", "MeterValues", "connect"]),
    st.floats(0.0, 1e6),
    st.integers(0, 10_000),
    st.sampled_from([None, None, "Timeout", "1006"]),
)


class Clock:
    """What stands for `time.time` in Locust's statistics and in ours."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock.time)
    return clock


def one_by_one(stats: RequestStats, batch: list[Sample]) -> None:
    for _user, kind, name, milliseconds, size, failure in batch:
        stats.log_request(kind, name, milliseconds, size)  # type: ignore[arg-type]  # Locust takes floats, too
        if failure:
            stats.log_error(kind, name, failure)


def figures(stats: RequestStats) -> Any:
    entries = {key: entry.serialize() for key, entry in stats.entries.items()}
    errors = {key: error.serialize() for key, error in stats.errors.items()}
    cache = {second: (dict(one.response_times), one.num_requests) for second, one in _cache(stats)}
    return entries, stats.total.serialize(), errors, cache


def _cache(stats: RequestStats) -> list[tuple[int, Any]]:
    return list((stats.total.response_times_cache or {}).items())


@given(st.lists(st.tuples(st.lists(SAMPLES, min_size=1, max_size=80), st.floats(0.0, 3.0)), max_size=6))
def test_both_ways_give_the_same_figures(batches: list[tuple[list[Sample], float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr("time.time", clock.time)
        singly, together = RequestStats(), RequestStats()
        for batch, pause_s in batches:
            one_by_one(singly, batch)
            log_batch(together, by_name(batch))
            clock.now += pause_s
        expected, found = figures(singly), figures(together)
    for entry in (*expected[0].values(), expected[1], *found[0].values(), found[1]):
        entry["total_response_time"] = pytest.approx(entry["total_response_time"])  # sums of floats, in two orders
    assert found == expected


def test_buckets_of_the_users_own_count(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locust_stats, "bucket_response_time", lambda milliseconds: int(milliseconds))
    stats = RequestStats()
    log_batch(stats, by_name([(None, "OCPP", "Heartbeat", 1049.0, 2, None)]))
    assert stats.total.response_times == {1049: 1}


def test_a_runner_alone_is_recognised_and_others_too() -> None:
    environment = Environment()
    assert not listens_alone(environment.events.request)  # nobody does: then the event is the way
    environment.create_local_runner()
    assert listens_alone(environment.events.request)
    environment.events.request.add_listener(lambda **_sample: None)
    assert not listens_alone(environment.events.request)
