"""A simulated station, a clock that jumps, and a central system that answers at once what the test told it to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from msgspec import structs

from evsim_locust.behaviour.environment import Environment
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.session import sessions
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory, Stage
from evsim_locust.behaviour.streams import stream
from evsim_locust.station.commands import Command
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.connector import Connector
from evsim_locust.station.events import LogLine
from evsim_locust.station.settings import Identity, Settings

T = TypeVar("T")
ACCEPTED = {"idTagInfo": {"status": "Accepted"}}
_CHATTER = ("Heartbeat sent", "Connector available", "Station initialized", "BootNotification sent")


class Driven:
    """`answers` are payloads by action; None means silence. Times are seconds since midnight."""

    def __init__(
        self,
        profile: Profile,
        *,
        at_hour: float = 0.0,
        seed: int = 1,
        connectors: int = 1,
        time_scale: float = 1.0,
        configuration: Mapping[str, str] | None = None,
        script: ScriptFactory | None = sessions,
        **conditions: object,
    ) -> None:
        self.now = at_hour * 3600.0
        self.environment = Environment(timezone=ZoneInfo("UTC"))  # second 0 is midnight
        self.environment.change(**conditions)
        settings = Settings(connectors=connectors, time_scale=time_scale, configuration=configuration or {})
        shared = shared_values(settings.configuration, connectors)
        draws = stream(seed, "S-1", "station")
        self.core = SimulatedStation(Identity("S-1", sample_s=15), settings, shared, draws, self.now)
        if script is not None:
            drivers = stream(seed, "S-1", "drivers")
            self.core.inhabit(Stage(self.core, profile, self.environment, drivers, 15, time_scale, 0.0), script)
        self.answers: dict[str, dict[str, Any] | None] = {
            "Authorize": ACCEPTED,
            "BootNotification": {"status": "Accepted", "currentTime": "1970-01-01T00:00:00Z", "interval": 3600},
            "Heartbeat": {"currentTime": "1970-01-01T00:00:00Z"},
            "MeterValues": {},
            "StartTransaction": ACCEPTED | {"transactionId": 7},
            "StatusNotification": {},
            "StopTransaction": {},
        }
        self.calls: list[tuple[float, str, dict[str, Any]]] = []
        self.results: list[Any] = []
        self.told: list[tuple[float, object]] = []
        self.online = False
        self.wakes = 0

    # ---- acting

    def connect(self) -> Driven:
        self.online = True
        self._settle()
        return self

    def until(self, moment: float) -> Driven:
        """Let time pass until then, waking the station whenever it asked for it."""
        while (due := self.core.next_deadline()) <= moment:
            self.now = max(self.now, due)
            self.core.wake(self.now)
            self.wakes += 1
            self._settle()
        self.now = moment
        return self

    def pass_s(self, seconds: float) -> Driven:
        return self.until(self.now + seconds)

    def until_line(self, text: str, within_s: float = 4 * 3600.0) -> float:
        """Let time pass until that line is written anew; when it was."""
        known, limit = len(self.told), self.now + within_s
        while (due := self.core.next_deadline()) <= limit:
            self.until(due)
            for at, fact in self.told[known:]:
                if isinstance(fact, LogLine) and fact.text.startswith(text):
                    return at
            known = len(self.told)
        raise AssertionError(f"{text!r} was not written; the last lines are {self.lines()[-8:]}")

    def command(self, command: Command) -> None:
        self.core.command(command, self.now)
        self._settle()

    def call(self, action: str, **payload: Any) -> Any:
        """The central system's CALL; the station's answer to it."""
        self.core.receive(json.dumps([2, f"c{len(self.results)}", action, payload]), self.now)
        self._settle()
        return self.results[-1]

    # ---- looking

    def connector(self, number: int = 1) -> Connector:
        return self.core.connectors[number]

    def lines(self) -> list[str]:
        """The log without what is of no interest here."""
        return [text for _, text in self.timed_lines() if text not in _CHATTER]

    def timed_lines(self) -> list[tuple[float, str]]:
        return [(at, fact.text) for at, fact in self.told if isinstance(fact, LogLine)]

    def facts(self, kind: type[T]) -> list[T]:
        return [fact for _, fact in self.told if isinstance(fact, kind)]

    def sent(self, action: str) -> list[dict[str, Any]]:
        return [payload for _, name, payload in self.calls if name == action]

    # ---- inside

    def _settle(self) -> None:
        """Answer what the station sends, hear what it tells, follow its wish for a connection."""
        while True:
            self.told += [(self.now, event) for event in self.core.take_events()]
            texts = self.core.take_outbox()
            linked = self.online and self.core.wants_link
            if not texts and linked is self.core.linked:
                return
            if not texts:
                (self.core.connected if linked else self.core.disconnected)(self.now)
            for text in texts:
                self._hear(json.loads(text))

    def _hear(self, frame: list[Any]) -> None:
        if frame[0] != 2:
            self.results.append(frame[2])
            return
        _, unique_id, action, payload = frame
        self.calls.append((self.now, action, payload))
        answer = self.answers[action]
        if answer is not None:
            self.core.receive(json.dumps([3, unique_id, answer]), self.now)


# 24 kW: 100 Wh in each 15 s.
PLAIN = Profile(idle_s=(10, 10), dwell_min=(10, 10), sample_energy_wh=(100, 100), id_tags=("ABC123",))
STARTED = "Charging started (price: ₹20.00, id_tag: ABC123)"
POWER_W = 24_000.0


def profile(**changes: Any) -> Profile:
    """The plain profile with some values changed."""
    return structs.replace(PLAIN, **changes)


def charging(driven: Driven) -> Driven:
    """From the beginning to the first transaction."""
    driven.connect().until_line("Charging started")
    return driven
