"""The figures of each action go to the history in intervals, the last one too."""

from __future__ import annotations

import gevent
import pytest

from evsim_locust.history.records import Batch, LatencyRecord
from evsim_locust.metrics.counts import Counts
from evsim_locust.plugin.latencies import Latencies


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """Calls wait until they are told, as in a single process."""

    def __init__(self, interval_s: float = 3600.0) -> None:
        self.waiting, self.clock = Counts(), Clock()
        self.batches: list[Batch] = []
        self.latencies = Latencies(
            self.refresh, self.batches.append, interval_s, self.clock, lambda: 1000.0 + self.clock.now
        )

    def calls(self, *calls: tuple[str, float]) -> None:
        for action, milliseconds in calls:
            self.waiting.sample("OCPP", action, milliseconds, None)

    def refresh(self) -> None:
        delta = self.waiting.take_delta()
        if delta is not None:
            self.latencies.counted(delta)

    @property
    def records(self) -> list[LatencyRecord]:
        return [record for batch in self.batches for record in batch.latencies]

    def told(self) -> list[tuple[str, int, float, float]]:
        return [(record.action, record.calls, record.at_s, record.interval_s) for record in self.records]


def test_one_record_for_each_action_with_calls_and_none_for_others():
    bench = Bench()
    bench.latencies.begin()
    bench.calls(("Heartbeat", 10.0), ("Heartbeat", 20.0), ("Authorize", 5.0))
    bench.refresh()
    bench.clock.now += 10.0
    bench.latencies.write()
    bench.clock.now += 10.0
    bench.latencies.write()
    bench.calls(("Authorize", 7.0))
    bench.refresh()
    bench.clock.now += 4.0
    bench.latencies.write()
    assert bench.told() == [
        ("Heartbeat", 2, 1110.0, 10.0),
        ("Authorize", 1, 1110.0, 10.0),
        ("Authorize", 1, 1124.0, 4.0),
    ]
    assert bench.records[2].p95_ms == pytest.approx(7.0, rel=0.001)
    bench.latencies.close()


def test_the_last_interval_is_written_at_the_end_and_only_once():
    bench = Bench()
    bench.latencies.begin()
    bench.calls(("Heartbeat", 10.0))
    bench.refresh()
    bench.clock.now += 1.5
    bench.latencies.close()
    bench.latencies.close()
    assert bench.told() == [("Heartbeat", 1, 1101.5, 1.5)]


def test_a_run_begins_with_zeros():
    bench = Bench()
    bench.latencies.begin()
    bench.calls(*[("Heartbeat", 10.0)] * 5)
    bench.refresh()
    bench.latencies.write()
    bench.clock.now += 500.0
    bench.latencies.begin()
    bench.calls(*[("Heartbeat", 10.0)] * 3)
    bench.refresh()
    bench.clock.now += 2.0
    bench.latencies.close()
    assert bench.told() == [("Heartbeat", 5, 1100.0, 0.0), ("Heartbeat", 3, 1602.0, 2.0)]


def test_it_writes_by_itself_from_counts_that_it_brings_up_to_date():
    bench = Bench(interval_s=0.01)
    bench.latencies.begin()
    for count in range(1, 4):
        bench.calls(("Heartbeat", 10.0))
        with gevent.Timeout(10.0):
            while len(bench.records) < count:
                gevent.sleep(0.005)
    bench.latencies.close()
    assert [record.calls for record in bench.records] == [1, 1, 1]


def test_before_the_first_run_and_after_closing_nothing_is_written():
    bench = Bench(interval_s=0.01)
    bench.calls(("Heartbeat", 10.0))
    bench.latencies.close()
    bench.latencies.begin()
    bench.latencies.close()
    gevent.sleep(0.05)
    assert bench.records == []
    assert bench.waiting.take_delta() is not None


def test_untimed_calls_have_no_times():
    bench = Bench()
    bench.latencies.begin()
    bench.waiting.sample("CSMS", "Reset", 0.0, "InternalError")
    bench.refresh()
    bench.latencies.close()
    (record,) = bench.records
    assert record == LatencyRecord(1100.0, 0.0, "Reset", "received", 1, 1, None, None, None, None)
