"""Station dispatchers without runners: what the tests of one ramp and of two have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent
from locust import User, task
from locust.runners import WorkerNode

from evsim_locust.plugin.dispatcher import Books, StationDispatcher


class Sleeper(User):
    """Does nothing for long."""

    abstract = True

    @task
    def live(self) -> None:
        gevent.sleep(60)


class Often(Sleeper):
    """Three of four."""

    weight = 3


class Rarely(Sleeper):
    """One of four."""

    weight = 1


class Twice(Sleeper):
    """Exactly two."""

    fixed_count = 2


def workers_named(*names: str, **counts: dict[str, int]) -> list[WorkerNode]:
    """As Locust's master knows them; `counts` are for those that have reported users, by class."""
    nodes = [WorkerNode(name) for name in (*names, *counts)]
    for node in nodes:
        node.user_classes_count = counts.get(node.id, {})
    return nodes


def no_pause(_seconds: float) -> None:
    """Between the steps of a ramp."""


def made_of(
    nodes: list[WorkerNode], *classes: type[User], sleep: Callable[[float], Any] = no_pause
) -> StationDispatcher:
    """A dispatcher, of `Often` if not said otherwise."""
    return StationDispatcher(nodes, list(classes) or [Often], sleep=sleep)


def ramp(dispatcher: StationDispatcher, target: int, rate: float = 1000) -> Books:
    """A whole ramp, and what Locust gets at its end."""
    dispatcher.new_dispatch(target, rate)
    return list(dispatcher)[-1]


def totals(books: Books) -> dict[str, int]:
    """Users of all classes by worker."""
    return {worker: sum(counts.values()) for worker, counts in books.items()}
