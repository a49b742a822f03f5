"""One Locust user is one charging station."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from typing import Any

import gevent
from gevent.event import AsyncResult
from locust import User, task
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING

from evsim_locust.behaviour.identity import Lease
from evsim_locust.behaviour.session import sessions
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory
from evsim_locust.control import actions
from evsim_locust.control.frame_log import Record
from evsim_locust.control.tracking import Tracked
from evsim_locust.plugin import state
from evsim_locust.plugin.reporting import report
from evsim_locust.plugin.run import clock
from evsim_locust.plugin.worker import Worker
from evsim_locust.station.commands import Command, ShutDown
from evsim_locust.transport.life import Life

_LINES_KEPT = 50
_CLOSE_S = 1.0  # after the drain, for the close frame
_log = logging.getLogger(__name__)


class StationUser(User):
    """A station that connects, boots and lives by its profile until Locust stops it.

    `station` and `station_id` are there while it runs; `lines` are the last 50 of its log, newest last. `on_start`
    and `on_stop` are Locust's, for whoever subclasses it; `script` is what drivers do at each connector. `lease` is
    set from outside for a station that must have a certain id.
    """

    abstract = True
    script: ScriptFactory = staticmethod(sessions)

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.station_id = ""
        self.station: SimulatedStation | None = None
        self.lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self.sample_context: dict[str, str] = {}
        self.lease: Lease | None = None
        self.tracked: Tracked | None = None
        self.profile_name = ""
        self.last_end = ""  # how the last link, or the last attempt to open one, ended
        worker = state.of(environment).worker
        assert worker is not None, "users live beside a worker's or a local runner"
        self.worker: Worker = worker
        self._ticket: AsyncResult[Lease | None] | None = None
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
        lease = self._take_lease()
        if lease is None:
            return
        try:
            run = self.worker.run()
            self.station_id = lease.station_id
            self.profile_name = run.options.profile_name_of(lease)
            self.sample_context = {"station_id": self.station_id}
            self.station = run.station(lease, self.script)
            self._life = run.life(lease, self.station, self.publish)
            self.tracked = self.worker.entered(self)
            if not self._stopping:
                self._life.run()
        finally:
            self.worker.left(self, lease)

    def _take_lease(self) -> Lease | None:
        """Wait for an id; None when the station is stopped before it has one."""
        if self.lease is None and not self._stopping and not self.worker.draining:
            self._ticket = self.worker.desk.want()
            self.lease = self._ticket.get()
            self._ticket = None
        return self.lease

    publish = report  # everything that the station and its connection tell passes here: extend it to see more

    def command(self, command: Command) -> None:
        """Act on the station, from any greenlet; raises `CommandRefused`."""
        if self.station is not None:
            self.station.command(command, clock())
            self._wake()

    def act(self, action: str, parameters: Mapping[str, Any]) -> None:
        """As `command`, by an action's name (`control.actions`); raises `Refused`."""
        if self.station is not None:
            actions.act(self.station, action, parameters, clock())
            self._wake()

    def _wake(self) -> None:
        if self._life is not None and gevent.getcurrent() is not self._greenlet:  # its own sends before it waits
            self._life.wake()

    def ping_every(self, interval_s: int) -> None:
        """Send WebSocket pings at that interval; 0 for none."""
        if self._life is not None:
            self._life.ping_every(float(interval_s))

    def record_frames(self, record: Record | None) -> None:
        """Hand every frame that is sent or received to `record` from now on; None ends it."""
        if self._life is not None:
            self._life.record(record)

    def stop_softly(self) -> None:
        """Begin to stop its transactions, get the answers within --drain-timeout seconds, close, end; does not wait."""
        if self._stopping:
            return
        self._stopping = True
        within_s = self.worker.drain_timeout_s
        self._ends_by = clock() + within_s + _CLOSE_S
        if self._state == LOCUST_STATE_RUNNING:
            self._state = LOCUST_STATE_STOPPING
        if self._ticket is not None and not self._ticket.ready():
            self._ticket.set(None)
        self.command(ShutDown(within_s))

    def stop(self, force: bool = False) -> bool:
        """As `stop_softly`; with `force` it waits for the end.

        Locust forces all users out at the end of a run unless it has a --stop-timeout, and it may do so twice at the
        same time (a worker that gets Ctrl-C and its master's word); even then nothing is lost.
        """
        self.stop_softly()
        if not force:
            return False
        if self._greenlet not in (None, gevent.getcurrent()):
            self._greenlet.join(max(0.0, self._ends_by - clock()))
        ended: bool = super().stop(force)
        return ended
