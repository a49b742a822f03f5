"""Locust's real master and workers with our dispatcher and refill: who is lost is replaced, nobody else is moved."""

from __future__ import annotations

import gevent
import pytest

from evsim_locust.plugin.refill import Refill
from tests.plugin.cluster import Cluster, cluster, wait_until

pytestmark = pytest.mark.loopback


def _start(one: Cluster, count: int) -> None:
    one.master.start(count, 100)
    wait_until(lambda: sum(one.counts()) == count)


def _identities(one: Cluster) -> list[set[int]]:
    return [{id(greenlet) for greenlet in worker.user_greenlets} for worker in one.workers]


def test_a_newcomer_moves_nobody_and_gets_the_growth() -> None:
    with cluster(workers=2) as one:
        _start(one, 6)
        before = _identities(one)
        one.add_worker()
        gevent.sleep(0.2)
        assert one.counts() == [3, 3, 0]
        _start(one, 8)
        assert one.counts() == [3, 3, 2]
        assert _identities(one)[:2] == before


def test_the_users_of_a_killed_worker_run_elsewhere_soon_and_survivors_stay() -> None:
    with cluster(workers=3) as one:
        lost: list[str] = []
        refill = Refill(one.environment, lost.append, lambda worker: None)
        one.master.greenlet.spawn(refill.run)
        _start(one, 9)
        wait_until(lambda: one.master.state == "running")
        victim = one.workers[-1]
        before = _identities(one)
        one.kill(victim)
        wait_until(lambda: sum(one.counts()) == 9)
        assert lost == [victim.client_id]
        assert sorted(one.counts()) == [4, 5]
        assert all(old <= new for old, new in zip(before, _identities(one), strict=False))
        wait_until(lambda: one.master.user_count == 9)


def test_a_dispatcher_made_in_the_middle_of_a_run_moves_nobody() -> None:
    with cluster(workers=2) as one:
        _start(one, 6)
        wait_until(lambda: one.master.user_count == 6)
        before = _identities(one)
        one.master._users_dispatcher = None
        _start(one, 7)
        assert sorted(one.counts()) == [3, 4]
        assert all(old <= new for old, new in zip(before, _identities(one), strict=True))


def test_a_run_that_is_stopped_in_the_middle_of_a_ramp_starts_nobody_any_more() -> None:
    with cluster(workers=2) as one:
        Refill(one.environment, lambda worker: None, lambda worker: None)
        ramp = gevent.spawn(one.master.start, 100, 1)
        wait_until(lambda: sum(one.counts()) > 0)
        one.master.stop()
        ramp.join(5)
        assert ramp.dead
        wait_until(lambda: len(one.master.clients.ready) == 2)
        assert (one.counts(), one.master.target_user_classes_count) == ([0, 0], {})
