"""The dispatcher under Locust's own runner of a single process."""

from __future__ import annotations

from functools import partial

from locust.env import Environment
from locust.event import Events
from locust.runners import LocalRunner

from evsim_locust.plugin.dispatcher import StationDispatcher, live_counts
from tests.plugin.dispatching import Often


def _runner() -> LocalRunner:
    environment = Environment(user_classes=[Often], events=Events())
    runner = environment.create_local_runner()
    environment.dispatcher_class = partial(StationDispatcher, live=live_counts(runner))
    return runner


def _start(runner: LocalRunner, count: int) -> int:
    runner.start(count, 100)
    runner.spawning_greenlet.join(10)
    return runner.user_count


def test_a_local_runner_ramps_up_and_down_with_it() -> None:
    runner = _runner()
    counts = [_start(runner, count) for count in (5, 2, 4)]
    runner.quit()
    assert counts == [5, 2, 4]
    assert runner.user_count == 0


def test_a_local_runner_that_was_stopped_begins_with_nobody() -> None:
    runner = _runner()
    assert _start(runner, 3) == 3
    runner.stop()
    node = runner._local_worker_node
    assert (node.user_classes_count, live_counts(runner)(node)) == ({"Often": 3}, {"Often": 0})
    assert _start(runner, 2) == 2
    runner.quit()


def test_a_local_runner_does_not_undo_what_was_started_and_stopped_by_name() -> None:
    runner = _runner()
    _start(runner, 2)
    named = runner.spawn_users({"Often": 2})
    assert all(runner._users_dispatcher.note_started("local", "Often") for _ in named)
    named[0].stop(force=True)
    assert runner._users_dispatcher.note_stopped("local", "Often")
    left = _start(runner, 3)
    alive = [not user.greenlet.dead for user in named]
    runner.quit()
    assert (left, alive) == (3, [False, True])
