"""Samples reach Locust in order and in small batches, and a listener may still end a user or the run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from locust.env import Environment
from locust.event import Events
from locust.exception import RescheduleTask, StopTest, StopUser

from evsim_locust.metrics.counts import Counts
from evsim_locust.plugin.samples import Samples


class Site:
    """An environment, one user and what its listener hears."""

    def __init__(self, headless: bool = False) -> None:
        self.heard: list[str] = []
        self.raises: dict[str, Exception] = {}
        self.stops: list[str] = []
        runner = SimpleNamespace(quit=lambda: self.stops.append("quit"), stop=lambda: self.stops.append("stop"))
        options = SimpleNamespace(headless=headless)
        self.environment: Any = SimpleNamespace(events=Events(), runner=runner, parsed_options=options)
        self.environment.events.request.add_listener(self._hear)
        self.user: Any = SimpleNamespace(sample_context={}, stop_softly=lambda: self.stops.append("user"))
        self.counts = Counts()
        self.samples = Samples(self.environment, self.counts)

    def add(self, *names: str) -> None:
        for name in names:
            self.samples.add((self.user, "OCPP", name, 1.0, 2, None))

    def _hear(self, name: str, **_sample: Any) -> None:
        self.heard.append(name)
        if name in self.raises:
            raise self.raises[name]


def test_a_full_batch_goes_at_once_and_in_order() -> None:
    site = Site()
    names = [str(number) for number in range(64)]
    site.add(*names[:63])
    assert site.heard == []
    site.add(names[63])
    assert site.heard == names


def test_the_rest_follows_within_a_tenth_of_a_second() -> None:
    site = Site()
    site.add("a", "b")
    gevent.sleep(0.15)
    assert site.heard == ["a", "b"]
    site.add("c")
    gevent.sleep(0.15)
    assert site.heard == ["a", "b", "c"]


def test_flush_hands_over_now_and_only_once() -> None:
    site = Site()
    site.add("a")
    site.samples.flush()
    site.samples.flush()
    assert site.heard == ["a"]


@pytest.mark.parametrize("error", [StopUser(), RescheduleTask()])
def test_a_listener_may_end_the_user_of_its_sample(error: Exception) -> None:
    site = Site()
    site.raises["b"] = error
    site.add("a", "b", "c")
    site.samples.flush()
    assert site.heard == ["a", "b", "c"]
    assert site.stops == ["user"]


@pytest.mark.parametrize(("headless", "expected"), [(True, "quit"), (False, "stop")])
def test_a_listener_may_end_the_run(headless: bool, expected: str) -> None:
    site = Site(headless)
    site.raises["a"] = StopTest("enough")
    site.add("a", "b")
    site.samples.flush()
    gevent.sleep(0)
    assert site.heard == ["a", "b"]
    assert site.stops == [expected]


def test_samples_that_a_listener_brings_about_are_not_lost() -> None:
    site = Site()
    site.environment.events.request.add_listener(lambda name, **_sample: site.add("echo") if name == "a" else None)
    site.add("a")
    site.samples.flush()
    site.samples.flush()
    assert site.heard == ["a", "echo"]


def test_each_sample_is_counted_once_with_its_time() -> None:
    site = Site()
    site.samples.add((site.user, "OCPP", "Heartbeat", 1049.0, 2, None))
    site.samples.add((site.user, "OCPP", "Heartbeat", 30000.0, 0, "Timeout"))
    site.samples.flush()
    row = site.counts.rows["OCPP", "Heartbeat"]
    assert (row.succeeded, row.failed, row.latency.count) == (1, 1, 2)
    assert row.latency.quantile(0.5) == pytest.approx(1.049, rel=0.001)  # Locust would say 1.0


def test_with_a_runner_alone_a_batch_is_in_its_statistics_and_no_batch_is_nothing() -> None:
    environment = Environment()
    environment.create_local_runner()
    samples = Samples(environment, Counts())
    samples.flush()
    assert environment.stats.total.num_requests == 0
    samples.add((None, "OCPP", "Heartbeat", 1.0, 2, None))
    samples.add((None, "OCPP", "Heartbeat", 3.0, 2, "Timeout"))
    samples.flush()
    samples.flush()
    assert (environment.stats.total.num_requests, environment.stats.total.num_failures) == (2, 1)
    assert [error.occurrences for error in environment.stats.errors.values()] == [1]
