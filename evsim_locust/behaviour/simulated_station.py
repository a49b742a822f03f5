"""A station with the life around it: the same verbs as a station, with drivers at its connectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from evsim_locust.behaviour.script import CONNECTOR_EVENTS, NEVER, ConnectorEvent, Running
from evsim_locust.behaviour.stage import ScriptFactory, Stage
from evsim_locust.station.commands import Command, ShutDown
from evsim_locust.station.events import Event
from evsim_locust.station.station import Station


class SimulatedStation:
    """Passes the verbs on to the station, and what it tells to the scripts; `script` is made once per connector.

    `stage` is what the scripts see and touch; `script` None leaves the station to commands from outside.
    """

    __slots__ = ("_events", "_next", "_running", "_stage", "station", "take_outbox")

    take_outbox: Callable[[], Sequence[bytes]]

    def __init__(self, station: Station, stage: Stage, script: ScriptFactory | None, now: float) -> None:
        self.station = station
        self.take_outbox = station.take_outbox
        self._stage = stage
        stage.now = now
        self._events: list[Event] = [*station.take_events()]
        numbers = range(1, len(station.connectors)) if script is not None else ()
        self._running = [Running(script(stage, number), number) for number in numbers if script is not None]
        self._next = self._first_wait()

    def connected(self, now: float) -> None:
        """The connection is open."""
        self.station.connected(now)
        self._react(now)

    def disconnected(self, now: float, code: str = "1006") -> None:
        """The connection is gone, with the close `code`."""
        self.station.disconnected(now, code)
        self._react(now)

    def receive(self, text: str | bytes, now: float) -> None:
        """One text from the central system."""
        self.station.receive(text, now)
        self._react(now)

    def command(self, command: Command, now: float) -> None:
        """The world acts; raises `CommandRefused` when that is impossible now. `ShutDown` sends the drivers home."""
        if type(command) is ShutDown:
            self._running = []
            self._next = NEVER
        self.station.command(command, now)
        self._react(now)

    def wake(self, now: float) -> None:
        """Time has passed."""
        if now >= self.station.next_deadline():
            self.station.wake(now)
            self._react(now)
        if now >= self._next:
            for running in self._running:
                if now >= running.until:
                    self._resume(running, None, now)
            self._next = self._first_wait()
            self._react(now)

    def next_deadline(self) -> float:
        """When `wake` has something to do; infinity when never."""
        at, following = self.station.next_deadline(), self._next
        return at if at < following else following

    def take_events(self) -> Sequence[Event]:
        """What happened since the last call, in order."""
        if not self._events:
            return ()
        events, self._events = self._events, []
        return events

    @property
    def wants_link(self) -> bool:
        """Whether a connection should be open, or be opened."""
        return self.station.wants_link

    @property
    def finished(self) -> bool:
        """Shut down for good."""
        return self.station.finished

    def _react(self, now: float) -> None:
        """Tell the scripts what happened, and what happened because of that, until nothing more does."""
        told = self._events
        while events := self.station.take_events() or self._stage.take_events():
            for event in events:
                told.append(event)
                if type(event) in CONNECTOR_EVENTS:
                    self._tell(cast(ConnectorEvent, event), now)

    def _tell(self, event: ConnectorEvent, now: float) -> None:
        for running in self._running:
            if running.wants(event):
                self._resume(running, event, now)

    def _resume(self, running: Running, event: ConnectorEvent | None, now: float) -> None:
        self._stage.now = now
        running.resume(event)
        self._next = min(self._next, running.until)

    def _first_wait(self) -> float:
        return min((running.until for running in self._running), default=NEVER)
