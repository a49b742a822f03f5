"""The master's watch over its workers: tells who was lost and who came back, and has the lost users started again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import gevent
from locust.log import greenlet_exception_logger
from locust.runners import HEARTBEAT_DEAD_INTERNAL, STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, MasterRunner

from evsim_locust.plugin.dispatcher import StationDispatcher

_INTERVAL_S = 0.5
_FILLED_WITHIN_S = 5.0
_FORGET_AT = HEARTBEAT_DEAD_INTERNAL + 10  # heartbeats missed, one a second; the rest is room for a busy master
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Findings:
    """Names of workers: lost and returned since the last look, and missing for so long that they are to be deleted."""

    lost: list[str]
    returned: list[str]
    forget: list[str]


class Watch:
    """Tells what has happened to the workers from how they look now and how they looked before."""

    def __init__(self) -> None:
        self._alive: set[str] = set()
        self._lost: set[str] = set()

    def step(self, nodes: Iterable[tuple[str, str, int]], *, running: bool) -> Findings:
        """Each node is (worker id, Locust's state of it, heartbeats left); `running` is whether a run is on.

        A worker that has left the list is lost only while a run is on: at the end of one each of them leaves for a
        moment, after it has stopped its users.
        """
        states = {worker_id: (state, heartbeat) for worker_id, state, heartbeat in nodes}
        missing = {worker_id for worker_id, (state, _) in states.items() if state == STATE_MISSING}
        alive = states.keys() - missing
        gone = self._alive - states.keys() if running else set()
        lost = (missing | gone) - self._lost
        returned = self._lost & alive
        self._alive, self._lost = alive, (self._lost | lost) - returned
        forget = [worker_id for worker_id in missing if states[worker_id][1] <= _FORGET_AT]
        return Findings(sorted(lost), sorted(returned), sorted(forget))


class Refill:
    """Looks twice a second, in the greenlet that calls `run`; the callbacks get the worker's name and must not block.

    Locust would do some of it inside its heartbeat and message loops, which stand still meanwhile: delete a worker a
    minute after it was lost and ramp everybody up again, and rebalance. Both are kept from happening.
    """

    def __init__(
        self, environment: Any, on_lost: Callable[[str], object], on_returned: Callable[[str], object]
    ) -> None:
        self._runner: MasterRunner = environment.runner
        self._on_lost, self._on_returned = on_lost, on_returned
        self._watch = Watch()
        self._filling: gevent.Greenlet | None = None
        _refuse_rebalancing(environment.parsed_options)
        environment.events.test_stopping.add_listener(self.end_ramps)

    def run(self) -> None:
        """Never returns."""
        while True:
            self.step()
            gevent.sleep(_INTERVAL_S)

    def step(self) -> None:
        """One look and what follows from it; does not block."""
        clients = self._runner.clients
        nodes = [(node.id, node.state, node.heartbeat) for node in clients.values()]
        findings = self._watch.step(nodes, running=self._running())
        for worker_id in findings.lost:
            _tell(self._on_lost, worker_id)
        for worker_id in findings.returned:
            _tell(self._on_returned, worker_id)
        for worker_id in findings.forget:
            clients.pop(worker_id, None)  # a callback may have let Locust do it
        if self._missing() and (self._filling is None or self._filling.ready()):
            self._filling = self._runner.greenlet.spawn(self._fill)
            self._filling.link_exception(greenlet_exception_logger(_log))

    def end_ramps(self, **_kwargs: Any) -> None:
        """The run ends: no ramp may go on into that, and no refill's last words may tell that the run is on again."""
        if isinstance(self._runner._users_dispatcher, StationDispatcher):
            self._runner._users_dispatcher.retire()
        if self._filling is not None:
            self._filling.kill(block=False)

    def _fill(self) -> None:
        """The same ramp again, fast enough to be done in time; the rate that the user chose stays the runner's own."""
        runner = self._runner
        missing = self._missing()  # asked again: the run may have ended before this greenlet's turn
        if not missing:
            return
        chosen = runner.spawn_rate
        rate = max(chosen, missing / _FILLED_WITHIN_S)
        _log.info("%d stations went with their workers: starting them again at %.1f per second", missing, rate)
        try:
            runner.start(runner.target_user_count, rate)
        finally:
            if runner.spawn_rate == rate:  # no newer start has chosen another
                runner.spawn_rate = chosen

    def _missing(self) -> int:
        """How many users to start now."""
        dispatcher = self._runner._users_dispatcher
        if not isinstance(dispatcher, StationDispatcher) or dispatcher.ramping:
            return 0
        return dispatcher.missing if self._running() and self._runner.worker_count else 0

    def _running(self) -> bool:
        return self._runner.state in (STATE_SPAWNING, STATE_RUNNING)


def _tell(callback: Callable[[str], object], worker_id: str) -> None:
    """One failing callback must not end the watch, nor keep the others from being told."""
    try:
        callback(worker_id)
    except Exception:
        _log.exception("Uncaught exception while telling about worker %s", worker_id)


def _refuse_rebalancing(options: Any) -> None:
    if getattr(options, "enable_rebalancing", False):
        _log.warning("--enable-rebalancing is ignored: stations stay where they are")
        options.enable_rebalancing = False
