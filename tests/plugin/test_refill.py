"""What the master does about workers that are lost and return."""

from __future__ import annotations

from types import SimpleNamespace

import gevent
import pytest
from gevent.event import Event
from gevent.pool import Group
from locust import User
from locust.event import Events
from locust.runners import (
    STATE_INIT,
    STATE_MISSING,
    STATE_RUNNING,
    STATE_SPAWNING,
    STATE_STOPPED,
    STATE_STOPPING,
    WorkerNode,
    WorkerNodes,
)

from evsim_locust.plugin.dispatcher import StationDispatcher
from evsim_locust.plugin.refill import Refill


class Station(User):
    """A class to dispatch."""

    abstract = False


class Twice(User):
    """Exactly two."""

    fixed_count, abstract = 2, False


class Runner:
    """What is seen of Locust's master: its ramp is a loop over the dispatcher, then it waits for reports.

    `starts` are (count, rate).
    """

    def __init__(self, user_class: type[User], workers: int, count: int) -> None:
        self.clients = WorkerNodes()
        for number in range(workers):
            self.clients[f"w_{number}"] = WorkerNode(f"w_{number}", STATE_RUNNING)
        self._users_dispatcher: object = StationDispatcher(
            list(self.clients.values()), [user_class], sleep=lambda seconds: self.pause.wait()
        )
        self.state = STATE_RUNNING
        self.greenlet = Group()
        self.pause, self.reports = Event(), Event()
        self.pause.set()
        self.reports.set()
        self.starts: list[tuple[int, float]] = []
        self.start(count, 10)

    @property
    def worker_count(self) -> int:
        return sum(node.state != STATE_MISSING for node in self.clients.values())

    @property
    def dispatcher(self) -> StationDispatcher:
        assert isinstance(self._users_dispatcher, StationDispatcher)
        return self._users_dispatcher

    def start(self, count: int, rate: float) -> None:
        self.starts.append((count, rate))
        self.target_user_count, self.spawn_rate = count, rate
        self.dispatcher.new_dispatch(count, rate)
        for _books in self.dispatcher:
            pass
        self.reports.wait()

    def lose(self, name: str) -> None:
        """As Locust's heartbeat loop does."""
        self.clients[name].state = STATE_MISSING
        self.clients[name].heartbeat = -1
        self.dispatcher.remove_worker(self.clients[name])


class Told:
    """A master's refill, and what it has told."""

    def __init__(self, runner: Runner, **options: object) -> None:
        self.lost: list[str] = []
        self.returned: list[str] = []
        environment = SimpleNamespace(runner=runner, parsed_options=SimpleNamespace(**options), events=Events())
        self.options, self.events = environment.parsed_options, environment.events
        self.refill = Refill(environment, self.lost.append, self.returned.append)
        self.look()

    def look(self) -> None:
        self.refill.step()
        for _ in range(5):
            gevent.sleep(0)


@pytest.mark.parametrize(("rate_chosen", "rate"), [(1.0, 2.0), (50.0, 50.0)])
def test_lost_users_are_started_again_within_seconds(rate_chosen: float, rate: float) -> None:
    runner = Runner(Station, workers=2, count=20)
    runner.spawn_rate = rate_chosen
    told = Told(runner)
    runner.lose("w_1")
    told.look()
    assert told.lost == ["w_1"]
    assert runner.starts[1:] == [(20, rate)]
    assert (runner.dispatcher.missing, runner.spawn_rate) == (0, rate_chosen)
    told.look()
    assert len(runner.starts) == 2


def test_a_rate_chosen_while_it_refills_stays() -> None:
    runner = Runner(Station, workers=2, count=20)
    runner.spawn_rate = 1.0
    told = Told(runner)
    runner.pause.clear()
    runner.lose("w_1")
    told.look()
    assert runner.dispatcher.ramping
    newer = gevent.spawn(runner.start, 12, 3.0)
    runner.pause.set()
    newer.join(5)
    told.look()
    assert (runner.spawn_rate, runner.target_user_count, runner.dispatcher.missing) == (3.0, 12, 0)
    assert len(runner.starts) == 3


def test_one_refill_at_a_time_and_none_during_a_ramp() -> None:
    runner = Runner(Station, workers=3, count=30)
    runner.spawn_rate = 1.0
    told = Told(runner)
    runner.pause.clear()
    runner.lose("w_1")
    told.look()
    runner.lose("w_2")
    told.look()
    assert (told.lost, len(runner.starts), runner.dispatcher.ramping) == (["w_1", "w_2"], 2, True)
    runner.pause.set()
    told.look()
    assert (runner.dispatcher.missing, len(runner.starts)) == (0, 2)  # the one refill has made both losses good


def test_a_loss_while_locust_waits_for_the_reports_of_a_refill_waits_too() -> None:
    runner = Runner(Station, workers=3, count=30)
    told = Told(runner)
    runner.reports.clear()
    runner.lose("w_1")
    told.look()
    runner.lose("w_2")
    told.look()
    assert (len(runner.starts), runner.dispatcher.ramping, runner.dispatcher.missing) == (2, False, 15)
    runner.reports.set()
    told.look()
    told.look()
    assert (len(runner.starts), runner.dispatcher.missing) == (3, 0)


@pytest.mark.parametrize("state", [STATE_INIT, STATE_STOPPING, STATE_STOPPED])
def test_nobody_is_started_when_no_run_is_on(state: str) -> None:
    runner = Runner(Station, workers=2, count=4)
    told = Told(runner)
    runner.lose("w_1")
    runner.state = state
    told.look()
    assert (told.lost, len(runner.starts)) == (["w_1"], 1)


def test_nobody_is_started_when_the_run_ends_before_its_turn() -> None:
    runner = Runner(Station, workers=2, count=4)
    told = Told(runner)
    runner.lose("w_1")
    told.refill.step()
    runner.state = STATE_STOPPING
    told.look()
    assert len(runner.starts) == 1


def test_a_ramp_whose_greenlet_was_killed_is_finished() -> None:
    runner = Runner(Station, workers=1, count=2)
    told = Told(runner)
    runner.pause.clear()
    runner.state = STATE_SPAWNING
    ramp = gevent.spawn(runner.start, 6, 1.0)
    gevent.sleep(0)
    told.look()
    assert len(runner.starts) == 2
    ramp.kill()
    runner.pause.set()
    told.look()
    assert (runner.starts[2:], runner.dispatcher.missing) == ([(6, 1.0)], 0)


def test_users_that_no_class_has_left_are_not_asked_for_again_and_again() -> None:
    runner = Runner(Twice, workers=2, count=5)
    told = Told(runner)
    assert len(runner.starts) == 1
    runner.lose("w_1")
    for _ in range(3):
        told.look()
    assert len(runner.starts) == 2
    assert runner.dispatcher.get_current_user_count() == 2


def test_the_last_worker_is_not_refilled() -> None:
    runner = Runner(Station, workers=1, count=5)
    told = Told(runner)
    runner.lose("w_0")
    told.look()
    assert (told.lost, len(runner.starts)) == (["w_0"], 1)


@pytest.mark.parametrize("refill_waits_for", ["pause", "reports"])
def test_a_refill_does_not_go_on_into_the_end_of_the_run(refill_waits_for: str) -> None:
    runner = Runner(Station, workers=2, count=20)
    runner.spawn_rate = 1.0
    told = Told(runner)
    runner.lose("w_1")
    getattr(runner, refill_waits_for).clear()
    told.look()
    (refill,) = runner.greenlet
    told.events.test_stopping.fire(environment=None)
    runner.lose("w_0")
    told.look()
    assert refill.dead
    assert (len(runner.starts), runner.dispatcher.ramping) == (2, False)
    assert told.lost == ["w_1", "w_0"]


def test_a_run_without_our_dispatcher_is_left_alone() -> None:
    runner = Runner(Station, workers=2, count=5)
    told = Told(runner)
    runner.lose("w_1")
    runner._users_dispatcher = None
    told.look()
    told.events.test_stopping.fire(environment=None)
    assert len(runner.starts) == 1


def test_a_worker_long_missing_is_deleted() -> None:
    runner = Runner(Station, workers=2, count=4)
    told = Told(runner)
    runner.lose("w_1")
    told.look()
    assert list(runner.clients) == ["w_0", "w_1"]
    runner.clients["w_1"].heartbeat = -50
    told.look()
    assert (list(runner.clients), told.lost, told.returned) == (["w_0"], ["w_1"], [])


def test_a_worker_that_returns_is_told_of() -> None:
    runner = Runner(Station, workers=2, count=4)
    told = Told(runner)
    runner.lose("w_1")
    told.look()
    runner.clients["w_1"].state = STATE_RUNNING
    told.look()
    assert (told.lost, told.returned) == (["w_1"], ["w_1"])


def test_a_callback_that_fails_keeps_nobody_else_from_being_told(uncaught: list[str]) -> None:
    runner = Runner(Station, workers=3, count=6)
    heard: list[str] = []

    def fail_first(worker: str) -> None:
        heard.append(worker)
        if len(heard) == 1:
            raise RuntimeError("no")

    environment = SimpleNamespace(runner=runner, parsed_options=None, events=Events())
    refill = Refill(environment, fail_first, heard.append)
    refill.step()
    runner.lose("w_1")
    runner.lose("w_2")
    refill.step()
    assert heard == ["w_1", "w_2"]
    assert "w_1" in uncaught.pop()
    assert uncaught == []
    runner.greenlet.kill()


def test_rebalancing_is_refused_aloud(caplog: pytest.LogCaptureFixture) -> None:
    told = Told(Runner(Station, workers=1, count=1), enable_rebalancing=True)
    assert told.options.enable_rebalancing is False
    assert "--enable-rebalancing is ignored" in caplog.text
