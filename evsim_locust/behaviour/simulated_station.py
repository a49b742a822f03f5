"""A station with the life around it: drivers at its connectors, who hear what it tells and act on it."""

from __future__ import annotations

from collections.abc import Mapping

from evsim_locust.behaviour.script import CONNECTOR_EVENTS, NEVER, ConnectorEvent, Running
from evsim_locust.behaviour.stage import ScriptFactory, Stage
from evsim_locust.station.commands import Command, ShutDown
from evsim_locust.station.configuration import Value
from evsim_locust.station.events import Event
from evsim_locust.station.settings import Draws, Identity, Settings
from evsim_locust.station.station import Station


class SimulatedStation(Station):
    """The same verbs as a station; at the end of each the scripts hear what it told about their connectors.

    Until `inhabit` it is a station without drivers, driven by commands from outside.
    """

    __slots__ = ("_in_scripts", "_next", "_running", "_unheard")

    def __init__(
        self,
        identity: Identity,
        settings: Settings,
        shared: Mapping[str, Value],
        draws: Draws,
        now: float,
        wall_offset: float = 0.0,
    ) -> None:
        super().__init__(identity, settings, shared, draws, now, wall_offset)
        self._running: list[Running] = []
        self._next = NEVER  # when the first script wants to go on, or sooner
        self._unheard: list[ConnectorEvent] = []
        self._in_scripts = False

    def inhabit(self, stage: Stage, script: ScriptFactory) -> None:
        """Bring in drivers: one `script` for each connector."""
        self._running = [Running(script(stage, connector.id), connector.id) for connector in self.own_connectors]
        self._next = self._first_wait()

    def command(self, command: Command, now: float) -> None:
        """The world acts; raises `CommandRefused` when that is impossible now. `ShutDown` sends the drivers home."""
        if type(command) is ShutDown:
            self._running = []
            self._next = NEVER
        super().command(command, now)

    def wake(self, now: float) -> None:
        """Time has passed."""
        super().wake(now)
        if now >= self._next:
            self._go_on(now)

    def next_deadline(self) -> float:
        """When `wake` has something to do; infinity when never."""
        at, due_at, next_at = self.endpoint.due_at, self.due_at, self._next
        if due_at < at:
            at = due_at
        return at if at < next_at else next_at

    def emit(self, event: Event) -> None:
        """Tell a fact, also to the scripts if it is one that they may wait for."""
        self.events.append(event)
        if type(event) in CONNECTOR_EVENTS and self._running:
            self._unheard.append(event)  # type: ignore[arg-type]  # the set says which it is

    def _react(self) -> None:
        """Tell the scripts what happened, and what happened because of that, until nothing more does.

        When a script acts, the list grows, and the loop that runs the script hears what came of it.
        """
        if self._in_scripts or not self._unheard:
            return
        self._in_scripts = True
        try:
            for event in self._unheard:
                self._tell(event)
        finally:
            self._in_scripts = False
            self._unheard.clear()

    def _tell(self, event: ConnectorEvent) -> None:
        for running in self._running:
            if running.facts and running.wants(event):
                running.resume(event)
                self._next = min(self._next, running.until)

    def _go_on(self, now: float) -> None:
        """Resume the scripts whose moment has come, then let all hear what they did."""
        self._in_scripts = True
        try:
            for running in self._running:
                if now >= running.until:
                    running.resume(None)
        finally:
            self._in_scripts = False
        self._next = self._first_wait()
        self._settle()

    def _first_wait(self) -> float:
        return min((running.until for running in self._running), default=NEVER)
