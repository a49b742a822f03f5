"""The state of one station and the few things that every part of it does: send a CALL, tell a fact, set a timer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.endpoint import Endpoint
from evsim_locust.ocppj.v16 import V16
from evsim_locust.ocppj.v16.messages import IdTagInfo
from evsim_locust.station.cache import AuthorizationCache
from evsim_locust.station.configuration import Configuration, Value
from evsim_locust.station.connector import Connector
from evsim_locust.station.delivery import Delivery
from evsim_locust.station.events import Event, LogLine
from evsim_locust.station.meter import Meter
from evsim_locust.station.settings import Draws, Identity, Settings
from evsim_locust.station.words import Registration

NEVER = float("inf")


class Timer(Enum):
    """The named deadlines of a station; those of a connector are kept per connector."""

    BOOT = "send BootNotification"
    HEARTBEAT = "send Heartbeat"
    DELIVER = "try the head of the transaction messages again"
    SAMPLE = "sample the meter during a transaction"
    CLOCK = "send clock-aligned meter values"
    CONNECTION = "ConnectionTimeOut: no cable came"
    RESET = "reset although not everything was answered"
    POWER_ON = "start again after a reset"
    SHUT_DOWN = "end although not everything was answered"

    __hash__ = object.__hash__  # members are unique objects; Enum's own hash runs Python code


class Core:
    """Everything one station knows. The parts are modules of functions over it; `station.Station` adds the verbs.

    `shared` are the initial configuration values (`configuration.shared_values`), kept as they are. `now` is the time
    of the verb that is being carried out, in monotonic seconds; `wall_offset` added to it gives
    seconds since the epoch. `linked` is whether a connection is open. `due_at` is never later than the first deadline;
    it may be sooner, when that was put off: then one wake finds nothing to do.
    """

    __slots__ = (
        "boot_failures",
        "cache",
        "configuration",
        "connectors",
        "deadlines",
        "delivery",
        "draws",
        "due_at",
        "endpoint",
        "events",
        "finished",
        "heartbeat_waiting",
        "identity",
        "linked",
        "now",
        "offline_wish",
        "powered",
        "registration",
        "resetting",
        "settings",
        "shutting_down",
        "wall_offset",
    )

    def __init__(
        self,
        identity: Identity,
        settings: Settings,
        shared: Mapping[str, Value],
        draws: Draws,
        now: float,
        wall_offset: float,
    ) -> None:
        self.identity, self.settings, self.draws = identity, settings, draws
        self.now, self.wall_offset = now, wall_offset
        self.configuration = Configuration(shared)
        if "HeartbeatInterval" not in settings.configuration:
            self.configuration.set("HeartbeatInterval", identity.heartbeat_s)
        if "MeterValueSampleInterval" not in settings.configuration:
            self.configuration.set("MeterValueSampleInterval", identity.sample_s)
        self.endpoint = Endpoint(V16, identity.message_prefix, settings.call_timeout_s)
        self.delivery = Delivery()
        self.cache = AuthorizationCache()
        numbers = range(settings.connectors + 1)
        self.connectors = tuple(Connector(number, Meter(now, settings.time_scale)) for number in numbers)
        self.deadlines: dict[tuple[Timer, int], float] = {}
        self.due_at = NEVER
        self.events: list[Event] = []
        self.registration: Registration | None = None
        self.boot_failures = 0
        self.linked = self.heartbeat_waiting = False
        self.powered = True
        self.resetting = self.shutting_down = self.finished = self.offline_wish = False

    @property
    def ready(self) -> bool:
        """Whether the station may send what it likes: connected, accepted, not about to go offline."""
        return self.linked and self.registration == "Accepted" and not self.offline_wish and not self.finished

    @property
    def leaving(self) -> bool:
        """About to restart or to end: nobody may start a transaction."""
        return self.resetting or self.shutting_down

    @property
    def own_connectors(self) -> tuple[Connector, ...]:
        """The real ones, from 1."""
        return self.connectors[1:]

    def call(self, request: Struct, token: Any = None) -> None:
        """Send a CALL, behind those that wait."""
        self.endpoint.call(request, self.now, token)

    def learn(self, id_tag: str, info: IdTagInfo) -> None:
        """Keep the central system's word on a tag, if AuthorizationCacheEnabled."""
        if self.configuration.boolean("AuthorizationCacheEnabled"):
            self.cache.learn(id_tag, info)

    def emit(self, event: Event) -> None:
        """Tell a fact; subclasses listen here, so what drivers wait for never goes into `events` directly."""
        self.events.append(event)

    def log(self, text: str) -> None:
        """Write a line to the station's log."""
        self.events.append(LogLine(text))

    def set_timer(self, timer: Timer, after_s: float, connector_id: int = 0) -> None:
        """Have `timer` fire `after_s` real seconds from now, instead of whenever it was set to."""
        self.set_timer_at(timer, self.now + after_s, connector_id)

    def set_timer_at(self, timer: Timer, at: float, connector_id: int = 0) -> None:
        """Have `timer` fire at that moment."""
        self.deadlines[timer, connector_id] = at
        if at < self.due_at:
            self.due_at = at

    def clear_timer(self, timer: Timer, connector_id: int = 0) -> None:
        """It will not fire."""
        self.deadlines.pop((timer, connector_id), None)

    def clear_timers(self) -> None:
        """None will fire."""
        self.deadlines.clear()
        self.due_at = NEVER

    def timestamp(self) -> str:
        """The wire's date-time for now."""
        return timestamps.write(self.now + self.wall_offset)
