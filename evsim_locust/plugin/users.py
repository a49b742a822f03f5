"""One Locust user is one charging station."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any

import gevent
from locust import User, task
from locust.user.task import LOCUST_STATE_RUNNING

from evsim_locust.behaviour.session import sessions
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory
from evsim_locust.plugin import state
from evsim_locust.plugin.reporting import report
from evsim_locust.plugin.run import clock
from evsim_locust.station.commands import Command, ShutDown
from evsim_locust.transport.life import Life

_LINES_KEPT = 50
_CLOSE_S = 1.0  # after the drain, for the close frame
_log = logging.getLogger(__name__)


class StationUser(User):
    """A station that connects, boots and lives by its profile until Locust stops it.

    `station` and `station_id` are there while it runs; `lines` are the last 50 of its log, newest last. `on_start`
    and `on_stop` are Locust's, for whoever subclasses it; `script` is what drivers do at each connector.
    """

    abstract = True
    script: ScriptFactory = staticmethod(sessions)

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.station_id = ""
        self.station: SimulatedStation | None = None
        self.lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self.sample_context: dict[str, str] = {}
        self._life: Life | None = None
        self._stopping = False
        self._ends_by = 0.0

    def run(self) -> None:  # type: ignore[misc]  # final in Locust's annotations only
        """Locust's own `run` would put a TaskSet around `live`, at 3 KiB a station and six C frames."""
        self._state = LOCUST_STATE_RUNNING
        try:
            self.on_start()
            self.live()
        except Exception as error:
            _log.exception("station %s ended by an error", self.station_id)
            self.environment.events.user_error.fire(user_instance=self, exception=error, tb=error.__traceback__)
        finally:
            self.on_stop()  # type: ignore[no-untyped-call]  # untyped in Locust

    @task
    def live(self) -> None:
        """The station's whole life, in the user's own greenlet."""
        run = state.of(self.environment).run()
        number = run.numbers.take()
        try:
            self.station_id = run.station_id(number)
            self.sample_context = {"station_id": self.station_id}
            self.station = run.station(number, self.script)
            self._life = run.life(number, self.station, self.publish)
            if not self._stopping:
                self._life.run()
        finally:
            run.numbers.give_back(number)

    def publish(self, event: object) -> None:
        """Everything that the station and its connection tell passes here; extend it to see more."""
        report(self, event)

    def command(self, command: Command) -> None:
        """Act on the station, from any greenlet; raises `CommandRefused`."""
        if self.station is not None and self._life is not None:
            self.station.command(command, clock())
            if gevent.getcurrent() is not self._greenlet:  # its own greenlet sends before it waits
                self._life.wake()

    def ping_every(self, interval_s: int) -> None:
        """Send WebSocket pings at that interval; 0 for none."""
        if self._life is not None:
            self._life.ping_every(float(interval_s))

    def stop(self, force: bool = False) -> bool:
        """Stop its transactions, wait for the answers at most --drain-timeout seconds, close, end.

        Locust forces all users out at the end of a run unless it has a --stop-timeout, and it may do so twice at the
        same time (a worker that gets Ctrl-C and its master's word); even then nothing is lost.
        """
        if not self._stopping:
            self._stopping = True
            within_s = state.of(self.environment).drain_timeout_s()
            self._ends_by = clock() + within_s + _CLOSE_S
            self.command(ShutDown(within_s))
        if force and self._greenlet not in (None, gevent.getcurrent()):
            self._greenlet.join(max(0.0, self._ends_by - clock()))
        ended: bool = super().stop(force)
        return ended
