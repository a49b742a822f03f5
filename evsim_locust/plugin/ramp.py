"""Growing, shrinking and single stations, so that Locust's books, and the user count in its UI, stay true."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any, Protocol

import gevent
from locust.runners import (
    STATE_CLEANUP,
    STATE_RUNNING,
    STATE_SPAWNING,
    STATE_STOPPING,
    LocalRunner,
    MasterRunner,
)

from evsim_locust.control.errors import Refused

LOCAL = "local"  # the only worker of a single process
_RATE = 50.0  # stations a second, when neither the request nor the run says
_ON = (STATE_RUNNING, STATE_SPAWNING)
_ENDING = (STATE_STOPPING, STATE_CLEANUP)
_log = logging.getLogger("evsim_locust")


class Books(Protocol):
    """What is needed of the dispatcher."""

    @property
    def ramping(self) -> bool:
        """Whether a ramp is under way."""

    def note_started(self, worker_id: str, class_name: str) -> bool:
        """One more, outside of a ramp; False when the books know no such worker."""

    def note_stopped(self, worker_id: str, class_name: str) -> bool:
        """One fewer; False when the books know no such station."""


class Ramp:
    """All that changes how many stations there are goes through here, but for what Locust's own UI starts."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._starting: gevent.Greenlet | None = None
        self._ending = False

    @property
    def class_name(self) -> str:
        """The class of single stations: the first that the locustfile has."""
        return str(self._environment.user_classes[0].__name__)

    @property
    def _runner(self) -> Any:
        return self._environment.runner

    @property
    def running(self) -> bool:
        """Whether a run is on."""
        return self._runner.state in _ON

    @property
    def busy(self) -> bool:
        """Whether a ramp is on."""
        beginning = (self._starting, self._runner.spawning_greenlet)  # the second one is a local runner's own
        if any(greenlet is not None and not greenlet.ready() for greenlet in beginning):
            return True
        books: Books | None = self._runner._users_dispatcher  # Locust has no other way to ask or tell
        return books is not None and books.ramping

    def check_idle(self) -> None:
        """Raises `Refused` while a ramp is on, since the books change with every station of it, or the run ends."""
        self._check_not_ending()
        if self.busy:
            raise Refused(409, "a ramp is on: try again when it has ended")

    def to(self, count: int, spawn_rate: float | None) -> None:
        """Begin to grow or shrink to `count`; the last one who asks wins. Raises `Refused`."""
        if self._environment.shape_class is not None:
            raise Refused(409, "a load shape decides how many stations there are")
        self._check_not_ending()
        if isinstance(self._runner, MasterRunner) and not self._runner.worker_count:
            raise Refused(409, "no worker is connected")
        rate = spawn_rate or self._usual_rate()
        options = self._environment.parsed_options
        if options is not None:  # what Locust's UI shows as the present figures
            options.num_users, options.spawn_rate = count, rate
        self._give_up()
        self._starting = gevent.spawn(self._runner.start, count, rate)
        self._starting.link_exception(
            lambda greenlet: _log.error("the ramp to %s failed: %r", count, greenlet.exception)
        )

    def end(self) -> None:
        """The run begins to end: Locust's state says so only after the drain."""
        self._ending = True
        self._give_up()

    def ended(self) -> None:
        """The run is over: a new one may begin."""
        self._ending = False

    def _check_not_ending(self) -> None:
        if self._ending or self._runner.state in _ENDING:
            raise Refused(409, "the run is ending")

    def _give_up(self) -> None:
        """The ramp that this began, if it is still on."""
        if self._starting is not None and self._starting is not gevent.getcurrent():
            self._starting.kill()

    def least_loaded(self, among: Collection[str]) -> str:
        """The one of these workers that a single station goes to; raises `Refused` when there is none."""
        if isinstance(self._runner, LocalRunner):
            return LOCAL
        nodes = [node for node in self._runner.clients.running if node.id in among]  # the others have no options yet
        if not nodes:
            raise Refused(409, "no worker is connected")
        return str(min(nodes, key=lambda node: node.user_count).id)

    def count_one(self, worker: str, difference: int) -> None:
        """One station was started (1) or stopped (-1) by itself."""
        books: Books | None = self._runner._users_dispatcher
        if books is None or not (books.note_started if difference > 0 else books.note_stopped)(worker, self.class_name):
            return  # the run, or the worker, has ended meanwhile
        self._runner.target_user_count += difference
        if worker != LOCAL and worker in self._runner.clients:
            counts = self._runner.clients[worker].user_classes_count  # the next report brings the same
            counts[self.class_name] = counts.get(self.class_name, 0) + difference

    def _usual_rate(self) -> float:
        options = self._environment.parsed_options
        given = getattr(options, "spawn_rate", None)
        return float(given) if given else _RATE
