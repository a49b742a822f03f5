"""Who runs where: Locust's books, kept true while workers come and go and single stations start and stop."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from heapq import heapify, heapreplace
from inspect import GEN_CLOSED, getgeneratorstate
from itertools import chain, zip_longest
from time import perf_counter
from typing import Any

import gevent
from gevent import GreenletExit, getcurrent
from locust import User
from locust.dispatch import UsersDispatcher
from locust.runners import LocalRunner, Runner, WorkerNode

Live = Callable[[WorkerNode], Mapping[str, int]]
Entry = tuple[WorkerNode, str]
Books = dict[str, dict[str, int]]


def reported(node: WorkerNode) -> Mapping[str, int]:
    """The users of each class that run on that worker, by its last report."""
    return node.user_classes_count


def live_counts(runner: Runner) -> Live:
    """How to learn what runs on a worker of that runner; a LocalRunner's node keeps its old counts after a stop."""
    return (lambda _node: runner.user_classes_count) if isinstance(runner, LocalRunner) else reported


class StationDispatcher(UsersDispatcher):
    """Locust's dispatcher for users that live long: whoever runs stays where it is.

    Use it as `environment.dispatcher_class = functools.partial(StationDispatcher, live=live_counts(runner))`. It counts
    in what runs already, so one that is made in the middle of a run starts nobody again. A worker that joins gets new
    users only; the users of one that leaves are missing until the next ramp to the same target (`missing`).
    `sleep(seconds)` is the pause between the steps of a ramp.

    It uses private fields of its base class; tests/plugin/test_dispatcher_base.py holds Locust to them.
    """

    def __init__(
        self,
        worker_nodes: list[WorkerNode],
        user_classes: list[type[User]],
        live: Live = reported,
        sleep: Callable[[float], Any] = gevent.sleep,
    ) -> None:
        super().__init__(worker_nodes, user_classes)
        self._sleep = sleep
        self._loop: Any = None  # the greenlet that made the newest dispatch, the only one that may iterate
        self._retired = False
        self._class_names = [user_class.__name__ for user_class in self._original_user_classes]
        for node, class_name in _fairly([self._running(node, live(node)) for node in self._worker_nodes]):
            self._enter(node, class_name)
        self._target_user_count = self._current_user_count

    @property
    def dispatch_in_progress(self) -> bool:
        """Always true, for Locust's sake.

        Locust asks only when a worker has come or gone, and when told no it runs a whole ramp right there, in the loop
        that handles all messages: no heartbeat is answered meanwhile. `refill.Refill` starts that ramp instead.
        """
        return True

    @property
    def ramping(self) -> bool:
        """Whether a ramp is under way; one whose greenlet was killed is not."""
        if self._loop is None or self._loop.dead:
            return False
        return getgeneratorstate(self._dispatcher_generator) != GEN_CLOSED

    @property
    def missing(self) -> int:
        """How many users a new ramp to the same target would start; 0 when no class has anybody left to start."""
        nobody = self._retired or self._no_user_to_spawn
        return 0 if nobody else max(0, self._target_user_count - self._current_user_count)

    def new_dispatch(
        self, target_user_count: int, spawn_rate: float, user_classes: list[type[User]] | None = None
    ) -> None:
        """Begin a ramp, to be iterated by the calling greenlet; the loop of an older one ends at its next step."""
        if self._retired:
            raise GreenletExit
        super().new_dispatch(target_user_count, spawn_rate, user_classes)
        self._no_user_to_spawn = False
        self._loop = getcurrent()

    def retire(self) -> None:
        """The run ends: Locust drops this dispatcher, but its loop would go on starting users while others stop.

        The loop of a ramp ends at its next step, and so does whoever begins one while the users are still ending.
        """
        self._retired = True
        self._loop = None

    def __next__(self) -> Books:
        self._end_older_loop()
        return super().__next__()

    def add_worker(self, worker_node: WorkerNode) -> None:
        """It joins without users, even when it was here before, and nobody is moved to it."""
        self.remove_worker(worker_node)
        self._set_workers([*self._worker_nodes, worker_node])
        self._users_on_workers[worker_node.id] = dict.fromkeys(self._class_names, 0)

    def remove_worker(self, worker_node: WorkerNode) -> None:
        """Its users leave the books, and the target stays."""
        gone = worker_node.id
        self._set_workers([node for node in self._worker_nodes if node.id != gone])
        self._active_users = [entry for entry in self._active_users if entry[0].id != gone]
        lost = sum(self._users_on_workers.pop(gone, {}).values())
        self._current_user_count -= lost
        self._try_dispatch_fixed = True
        self._no_user_to_spawn = self._no_user_to_spawn and not lost

    def note_started(self, worker_id: str, class_name: str) -> bool:
        """One user was started there by name, outside of any ramp; False, and nothing changes, if that worker has left.

        The runner's own `target_user_count` is the caller's to move when this is true.
        """
        node = next((node for node in self._worker_nodes if node.id == worker_id), None)
        if node is not None:
            self._enter(node, class_name)
            self._target_user_count += 1
        return node is not None

    def note_stopped(self, worker_id: str, class_name: str) -> bool:
        """One user was stopped there by name, outside of any ramp; False, and nothing changes, if none was known.

        The runner's own `target_user_count` is the caller's to move when this is true.
        """
        known = self._users_on_workers.get(worker_id, {}).get(class_name, 0) > 0
        if known:
            del self._active_users[self._newest(worker_id, class_name)]
            self._leave(worker_id, class_name)
            self._target_user_count = max(0, self._target_user_count - 1)
        return known

    def _dispatcher(self) -> Generator[Books]:
        """The steps of one ramp, up or down as need be: a worker may leave or come back between any two."""
        while True:
            began = perf_counter()
            yield self._step()
            if self._no_user_to_spawn or self._current_user_count == self._target_user_count:
                return
            self._sleep(max(0.0, self._wait_between_dispatch - (perf_counter() - began)))
            self._end_older_loop()

    def _end_older_loop(self) -> None:
        """Two starts at the same time iterate one dispatcher: the newer one takes over where the older one was.

        StopIteration would have Locust tell everybody that the older ramp is complete.
        """
        if getcurrent() is not self._loop:
            raise GreenletExit

    def _step(self) -> Books:
        if not self._worker_nodes:  # Locust stops the run when its last worker leaves; it cannot sum up an empty step
            raise GreenletExit
        if self._current_user_count < self._target_user_count:
            return self._add_users_on_workers()
        return self._remove_users_from_workers()

    def _add_users_on_workers(self) -> Books:
        """One step up; each user goes to the worker that has the fewest by then."""
        loads = [
            (sum(self._users_on_workers[node.id].values()), order, node)
            for order, node in enumerate(self._worker_nodes)
        ]
        heapify(loads)
        for _ in range(self._in_this_step(self._target_user_count - self._current_user_count)):
            class_name = next(self._user_generator)
            if class_name is None:
                self._no_user_to_spawn = True
                break
            load, order, node = loads[0]
            heapreplace(loads, (load + 1, order, node))
            self._enter(node, class_name)
        return self._users_on_workers

    def _remove_users_from_workers(self) -> Books:
        """One step down, the newest users first."""
        for _ in range(self._in_this_step(self._current_user_count - self._target_user_count)):
            node, class_name = self._active_users.pop()
            self._leave(node.id, class_name)
        return self._users_on_workers

    def _set_workers(self, nodes: list[WorkerNode]) -> None:
        """In Locust's order: the first worker of each host, then the second of each."""
        self._worker_nodes = nodes
        self._sort_workers()  # type: ignore[no-untyped-call]  # untyped in Locust

    def _in_this_step(self, wanted: int) -> int:
        return min(wanted, self._user_count_per_dispatch_iteration)

    def _enter(self, node: WorkerNode, class_name: str) -> None:
        self._users_on_workers[node.id][class_name] += 1
        self._active_users.append((node, class_name))
        self._current_user_count += 1

    def _leave(self, worker_id: str, class_name: str) -> None:
        self._users_on_workers[worker_id][class_name] -= 1
        self._current_user_count -= 1
        self._try_dispatch_fixed = True

    def _newest(self, worker_id: str, class_name: str) -> int:
        """The place of the newest such user among all."""
        places = range(len(self._active_users) - 1, -1, -1)
        return next(
            at for at in places if self._active_users[at][1] == class_name and self._active_users[at][0].id == worker_id
        )

    def _running(self, node: WorkerNode, counts: Mapping[str, int]) -> list[Entry]:
        """That worker's users, as far as this run has their classes."""
        return _fairly([[(node, class_name)] * counts.get(class_name, 0) for class_name in self._class_names])


def _fairly(groups: Iterable[list[Entry]]) -> list[Entry]:
    """The first of each group, then the second of each ...: taken off from the end, the largest group shrinks first."""
    return [entry for entry in chain.from_iterable(zip_longest(*groups)) if entry is not None]
