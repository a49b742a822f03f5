"""The newest end first, in Locust's own way of stopping users."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pytest
from gevent import Greenlet
from hypothesis import given
from hypothesis import strategies as st
from locust import User, task
from locust.env import Environment
from locust.event import Events
from locust.runners import LocalRunner

from evsim_locust.plugin.newest_first import NewestFirstGroup


class Sleeper(User):
    """Lives until it is stopped."""

    @task
    def live(self) -> None:
        gevent.sleep(60)


class Other(Sleeper):
    """Of another class."""


@pytest.fixture
def runner() -> Iterator[LocalRunner]:
    runner = Environment(user_classes=[Sleeper, Other], events=Events()).create_local_runner()
    runner.user_greenlets = NewestFirstGroup()
    yield runner
    runner.quit()
    assert len(runner.user_greenlets) == 0


def _alive(users: list[User]) -> list[bool]:
    return [not user.greenlet.dead for user in users]


@pytest.mark.parametrize("stop_timeout", [0.0, 0.05])
def test_locust_stops_the_newest_users_of_a_class(runner: LocalRunner, stop_timeout: float) -> None:
    runner.environment.stop_timeout = stop_timeout
    users = runner.spawn_users({"Sleeper": 5})
    others = runner.spawn_users({"Other": 2})
    gevent.sleep(0)
    runner.stop_users({"Sleeper": 2, "Other": 1})
    assert _alive(users) == [True, True, True, False, False]
    assert _alive(others) == [True, False]
    assert runner.user_classes_count == {"Sleeper": 3, "Other": 1}


def test_users_that_come_later_are_newer_also_after_some_have_gone(runner: LocalRunner) -> None:
    first = runner.spawn_users({"Sleeper": 3})
    gevent.sleep(0)
    first[1].stop(force=True)
    second = runner.spawn_users({"Sleeper": 1})
    gevent.sleep(0)
    runner.stop_users({"Sleeper": 2})
    assert (_alive(first), _alive(second)) == ([True, False, False], [False])


def test_a_group_that_ends_by_itself_is_waited_for() -> None:
    group = NewestFirstGroup()
    ended: list[int] = []
    for number in range(3):
        group.spawn(ended.append, number)
    assert len(group) == 3
    assert group.join(timeout=5)
    assert (ended, len(group), list(group)) == ([0, 1, 2], 0, [])


def test_a_group_in_which_some_go_on_is_not_empty_in_time() -> None:
    group = NewestFirstGroup()
    group.spawn(gevent.sleep, 60)
    assert not group.join(timeout=0.01)
    group.kill()
    assert len(group) == 0


def test_one_is_killed_and_the_others_go_on() -> None:
    group = NewestFirstGroup()
    first, second, third = (group.spawn(gevent.sleep, 60) for _ in range(3))
    group.killone(second)
    gevent.sleep(0)  # the group learns of it in the hub's next turn
    assert second.dead
    assert (list(group), second in group, first in group) == ([third, first], False, True)
    group.kill()
    assert first.dead
    assert third.dead


def test_who_is_discarded_goes_on_without_the_group() -> None:
    group = NewestFirstGroup()
    kept, let_go = (group.spawn(gevent.sleep, 60) for _ in range(2))
    group.discard(let_go)
    group.discard(let_go)
    group.kill()
    assert kept.dead
    assert not let_go.dead
    let_go.kill()


def test_greenlets_given_at_the_beginning_are_members() -> None:
    given_ones = [gevent.spawn(gevent.sleep, 60) for _ in range(2)]
    group = NewestFirstGroup(given_ones)
    assert list(group) == given_ones[::-1]
    group.kill()
    assert (len(group), [greenlet.dead for greenlet in given_ones]) == (0, [True, True])


@given(st.lists(st.tuples(st.sampled_from(["add", "discard"]), st.integers(0, 6))))
def test_it_is_a_list_of_who_came_without_who_went(changes: list[tuple[str, int]]) -> None:
    greenlets = [Greenlet(int) for _ in range(7)]
    group, expected = NewestFirstGroup(), list[Greenlet]()
    for change, number in changes:
        greenlet = greenlets[number]
        getattr(group, change)(greenlet)
        if change == "discard":
            expected = [other for other in expected if other is not greenlet]
        elif greenlet not in expected:
            expected.append(greenlet)
        assert list(group) == expected[::-1]
        assert (len(group), bool(group)) == (len(expected), bool(expected))
