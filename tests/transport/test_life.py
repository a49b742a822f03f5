"""A station's life in memory, in every order that links, commands and time can come in."""

from __future__ import annotations

import random

import pytest

from evsim_locust.transport.backoff import Backoff, BackoffPolicy
from evsim_locust.transport.errors import Disconnected, OpenFailed
from evsim_locust.transport.events import LinkClosed, OpenEnded
from evsim_locust.transport.life import Life

from .world import BOOT, World


def test_a_life_from_boot_to_end():
    world = World()
    connection = world.opens("a", 3.0, "finish", takes_s=0.5)
    world.run()
    assert connection.sent == [BOOT, b"a", b"finish"]
    assert connection.closes == [(1000, "", 1.0)]
    assert world.core.told == [
        ("connected", 0.5),
        ("receive", 0.5, "a"),
        ("receive", 3.5, "finish"),
        ("disconnected", 3.5, "1000"),
    ]
    assert world.published == [
        OpenEnded(None, 0.5, {"tcp": 0.5}),
        LinkClosed(1000, "", True, 3.0),
        "lost 1000",
    ]


def test_deadlines_are_served_on_a_link():
    world = World()
    world.opens()
    world.core.deadline = 7.0
    world.command(9, world.core.finish)
    world.run()
    assert [told for told in world.core.told if told[0] == "wake"] == [("wake", 7), ("wake", 9)]
    assert "deadline served" in world.published


def test_a_command_on_a_link_is_looked_at_at_once():
    world = World()
    connection = world.opens()
    world.command(2, lambda: world.core.outbox.append(b"commanded"))
    world.command(4, world.core.finish)
    world.run()
    assert connection.sent == [BOOT, b"commanded"]
    assert world.closed() == [LinkClosed(1000, "", True, 4.0)]


def test_a_failed_opening_is_told_and_tried_again_after_the_back_off():
    world = World()
    world.fails(takes_s=0.25)
    world.fails(OpenFailed("http", "no", 401))
    world.opens("finish")
    world.run()
    assert world.link.asked_at == [0, 5.25, 10.25]
    assert [event.error for event in world.opened()] == ["tcp refused", "http 401", None]
    assert world.opened()[0] == OpenEnded("tcp refused", 0.25, {"tcp": 0.25}, "tcp: refused")
    assert ("connected", 10.25) in world.core.told


def test_a_csms_that_closes_at_once_is_not_hammered():
    world = World(BackoffPolicy("ocpp201", min_s=1, range_s=0, repeats=10))
    for _ in range(5):
        world.opens(Disconnected(1008, "go away"))
    world.opens("finish")
    world.run()
    assert world.link.asked_at == [0, 1, 3, 7, 15, 31]
    assert world.closed()[:5] == [LinkClosed(1008, "go away", False, 0.0)] * 5
    assert next(told for told in world.core.told if told[0] == "disconnected") == ("disconnected", 0, "1008")


@pytest.mark.parametrize(("lived_s", "second_wait_s"), [(9.9, 2), (10.0, 1)])
def test_the_back_off_is_reset_by_a_link_that_lived(lived_s, second_wait_s):
    world = World(BackoffPolicy("ocpp201", min_s=1, range_s=0, repeats=10))
    world.fails()
    world.opens(lived_s, Disconnected(1006, "lost"))
    world.opens("finish")
    world.run()
    assert world.link.asked_at == [0, 1, 1 + lived_s + second_wait_s]


def test_the_core_learns_that_a_link_is_gone_before_anybody_else_and_its_events_come_at_once():
    world = World()
    world.opens(1.0, Disconnected(1012, "bye"))
    world.command(3, world.core.finish)
    world.run()
    assert world.published[1:] == [LinkClosed(1012, "bye", False, 1.0), "lost 1012"]


def test_deadlines_are_served_and_events_published_during_back_off():
    world = World()
    world.fails()
    world.opens("finish")
    world.core.deadline = 2.0
    world.run()
    assert world.core.told[:3] == [("wake", 2), ("wake", 5), ("connected", 5)]
    assert world.published[1] == "deadline served"


def test_a_command_during_back_off_reaches_the_core_but_does_not_shorten_it():
    world = World()
    world.fails()
    world.opens("finish")
    world.command(2, lambda: world.core.events.append("plugged in"))
    world.run()
    assert world.core.told[0] == ("wake", 2)
    assert "plugged in" in world.published
    assert world.link.asked_at == [0, 5]


def test_finish_during_back_off_ends_the_life_at_once():
    world = World()
    world.fails()
    world.command(2, world.core.finish, lambda: world.core.events.append("last words"))
    world.run()
    assert world.clock() == 2
    assert world.published[-1] == "last words"


def test_an_offline_wish_during_back_off_ends_the_waiting_for_a_link():
    world = World()
    world.fails()
    world.opens("finish")
    world.command(2, lambda: world.core.want(False))
    world.command(60, lambda: world.core.want(True))
    world.run()
    assert world.link.asked_at == [0, 60]


def test_finish_during_an_opening_aborts_it():
    world = World()
    world.opens(takes_s=8)
    world.command(3, world.core.finish)
    world.run()
    assert world.clock() == 3
    assert [event.error for event in world.opened()] == ["aborted"]
    assert not any(told[0] == "connected" for told in world.core.told)


def test_an_offline_wish_during_an_opening_aborts_it():
    world = World()
    world.opens(takes_s=8)
    world.opens("finish")
    world.command(3, lambda: world.core.want(False))
    world.command(4, lambda: world.core.want(True))
    world.run()
    assert world.link.asked_at == [0, 4]
    assert [event.error for event in world.opened()] == ["aborted", None]


def test_another_command_during_an_opening_does_not_disturb_it():
    world = World()
    world.opens("finish", takes_s=8)
    world.command(3, lambda: world.core.events.append("plugged in"))
    world.run()
    assert world.opened() == [OpenEnded(None, 8.0, {"tcp": 8.0})]
    assert "plugged in" in world.published


def test_finish_in_the_moment_an_opening_succeeds_closes_it_in_good_manner():
    world = World()
    connection = world.opens("never read")

    def publish_and_finish(event: object) -> None:
        world.published.append(event)
        world.core.finish()

    Life(
        world.core, world.link, Backoff(BackoffPolicy(), random.Random()), world.clock, publish_and_finish, world.pause
    ).run()
    assert connection.closes == [(1000, "", 1.0)]
    assert world.closed() == [LinkClosed(1000, "", True, 0.0)]


def test_abort_ends_an_opening_whatever_the_core_says():
    world = World()
    world.opens(takes_s=8)
    world.opens("finish")
    world.clock.call_at(3, world.life.abort)
    world.run()
    assert world.link.asked_at == [0, 8]  # a failed attempt like others: back-off of 5 s
    assert [event.error for event in world.opened()] == ["aborted", None]


def test_an_offline_wish_on_a_link_flushes_closes_and_comes_back_without_back_off():
    world = World(BackoffPolicy("ocpp201", min_s=1, range_s=0, repeats=10))
    world.fails()
    first = world.opens()
    second = world.opens(Disconnected(1006, "lost"))
    world.opens("finish")
    world.command(3, lambda: world.core.outbox.append(b"last"), lambda: world.core.want(False))
    world.command(7, lambda: world.core.want(True))
    world.run()
    assert first.sent == [BOOT, b"last"]
    assert first.closes == [(1000, "", 1.0)]
    assert ("disconnected", 3, "1000") in world.core.told
    assert world.link.asked_at == [0, 1, 7, 8]  # no wait at 7, and a first wait of 1 s after it: reset
    assert second.sent == [BOOT]


def test_a_station_that_begins_offline_waits_for_its_wish():
    world = World()
    world.core.want(False)
    world.core.deadline = 4.0
    world.opens("finish")
    world.command(9, lambda: world.core.want(True))
    world.run()
    assert world.link.asked_at == [9]
    assert world.core.told[0] == ("wake", 4)


def test_finish_while_offline_ends_the_life():
    world = World()
    world.core.want(False)
    world.command(9, world.core.finish)
    world.run()
    assert (world.clock(), world.published) == (9, [])


def test_a_core_that_is_finished_from_the_start_never_connects():
    world = World()
    world.core.finish()
    world.core.events.append("last words")
    world.run()
    assert (world.link.asked_at, world.published) == ([], ["last words"])


def test_an_abort_with_nothing_to_abort_only_wakes():
    world = World()
    world.opens()
    world.clock.call_at(2, world.life.abort)
    world.command(3, world.core.finish)
    world.run()
    assert world.core.told[1:3] == [("wake", 2), ("wake", 3)]


def test_a_bug_in_the_core_closes_the_socket_and_is_not_hidden():
    world = World()
    connection = world.opens("bug")
    with pytest.raises(ZeroDivisionError):
        world.life.run()
    assert connection.closes == [(1001, "", 0.0)]
    assert world.pause.closed


def test_a_bug_in_publish_closes_the_socket_and_is_not_hidden():
    world = World()
    connection = world.opens()
    life = Life(
        world.core,
        world.link,
        Backoff(BackoffPolicy(), random.Random()),
        world.clock,
        lambda event: 1 / 0,
        world.pause,
    )
    with pytest.raises(ZeroDivisionError):
        life.run()
    assert connection.closed


def test_a_bug_inside_a_link_is_not_taken_for_its_end():
    world = World()
    connection = world.opens(KeyError("bug in a callback"))
    with pytest.raises(KeyError):
        world.life.run()
    assert connection.closed
    assert world.closed() == []


def test_pings_are_set_on_this_link_and_on_later_ones():
    world = World()
    first = world.opens(4.0, Disconnected(1006, "ping timeout", by_us=True))
    second = world.opens("finish")
    world.clock.call_at(1, lambda: world.life.ping_every(30))
    world.run()
    assert (first.pings, second.pings) == ([30], [30])
    assert world.closed()[0] == LinkClosed(1006, "ping timeout", True, 4.0)


def test_no_pings_unless_asked_for():
    world = World()
    connection = world.opens("finish")
    world.run()
    assert connection.pings == []


@pytest.mark.parametrize("seed", range(150))
def test_any_order_of_events_leaves_links_in_pairs_and_nothing_open(seed):
    """Random scripts and commands; then: told connected and disconnected by turns, all closed, all published."""
    rng = random.Random(seed)
    world = World(BackoffPolicy("exponential", min_s=rng.choice([0.1, 5]), max_s=20))
    for _ in range(60):
        if rng.random() < 0.3:
            world.fails(takes_s=rng.choice([0, 1, 12]))
        else:
            world.opens(*_random_script(rng), takes_s=rng.choice([0, 0.5, 12]))
    for _ in range(rng.randint(0, 8)):
        act = rng.choice([lambda: world.core.want(False), lambda: world.core.want(True), world.life.abort])
        world.command(rng.uniform(0, 60), act)
    world.command(60, world.core.finish)
    world.run()
    turns = [told[0] for told in world.core.told if told[0] in ("connected", "disconnected")]
    assert turns == ["connected", "disconnected"] * (len(turns) // 2)
    assert len(world.closed()) == len(turns) // 2
    assert sum(event.error is None for event in world.opened()) == len(turns) // 2
    assert world.clock() == 60
    assert world.core.events == []


def _random_script(rng: random.Random) -> list[str | float | Exception]:
    steps: list[str | float | Exception] = [rng.choice(["a", "b", 0.5, 3.0, 15.0]) for _ in range(rng.randint(0, 5))]
    if rng.random() < 0.6:
        steps.append(Disconnected(rng.choice([1000, 1006, 1012]), ""))
    return steps
