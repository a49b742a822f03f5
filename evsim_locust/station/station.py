"""One charging station: the verbs, and the tables that lead from what happened to the part that knows what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evsim_locust.ocppj import events as endpoint_events
from evsim_locust.ocppj.errors import ErrorCode
from evsim_locust.station import (
    authorization,
    charging,
    heartbeat,
    registration,
    reporting,
    resetting,
    shutting_down,
)
from evsim_locust.station.acting import COMMANDS
from evsim_locust.station.authorization import Question
from evsim_locust.station.commands import Command
from evsim_locust.station.configuration import Value
from evsim_locust.station.connector import Connector
from evsim_locust.station.core import NEVER, Core, Timer
from evsim_locust.station.delivery import Message
from evsim_locust.station.events import CallHandled, Event
from evsim_locust.station.requests import REQUESTS, Row
from evsim_locust.station.settings import Draws, Identity, Settings

_TIMERS: dict[Timer, Callable[[Core, int], None]] = {
    Timer.BOOT: registration.boot,
    Timer.HEARTBEAT: heartbeat.beat,
    Timer.DELIVER: lambda core, _connector_id: charging.deliver(core),
    Timer.SAMPLE: charging.sample,
    Timer.CLOCK: charging.clock_aligned,
    Timer.CONNECTION: authorization.give_up,
    Timer.RESET: resetting.power_off,
    Timer.POWER_ON: resetting.power_on,
    Timer.SHUT_DOWN: shutting_down.finish,
}


class Station(Core):
    """An OCPP 1.6J charging station without I/O; call a verb, then drain `take_events` and `take_outbox`.

    All times `now` are monotonic seconds. `take_outbox` (texts to send, in order) is the endpoint's own. What else can
    be seen of it, such as `connectors`, `configuration` and `finished`, is there to look at, not to change.
    """

    __slots__ = ("take_outbox",)

    take_outbox: Callable[[], Sequence[bytes]]

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
        self.take_outbox = self.endpoint.take_outbox
        self.log("Station initialized")

    # ---- the verbs

    def connected(self, now: float) -> None:
        """The connection is open; one that came after the wish for it was over is closed without a word."""
        self.now, self.linked = now, True
        if self.wants_link:
            registration.link_up(self)
            self._settle()

    def disconnected(self, now: float, code: str = "1006") -> None:
        """The connection is gone, with the close `code`."""
        self.now, self.linked = now, False
        self.endpoint.disconnected(now, code)
        self._take_from_endpoint()
        registration.link_down(self)
        self._settle()

    def receive(self, text: str | bytes, now: float) -> None:
        """One text from the central system; a station that is dark or finished does not hear it."""
        self.now = now
        if self.powered and not self.finished:
            event = self.endpoint.hear(text, now)
            _HANDLERS[type(event)](self, event)
            self._settle()

    def command(self, command: Command, now: float) -> None:
        """The world acts; raises `CommandRefused` when that is impossible now."""
        self.now = now
        COMMANDS[type(command)](self, command)
        self._settle()

    def wake(self, now: float) -> None:
        """Time has passed: everything that is due happens, in the order of its time."""
        self.now = now
        if now >= self.endpoint.due_at:
            self.endpoint.wake(now)
            self._take_from_endpoint()
            self._settle()
        while now >= self.due_at:
            self._fire_timer(now)

    def next_deadline(self) -> float:
        """When `wake` has something to do; infinity when never."""
        at, due_at = self.endpoint.due_at, self.due_at
        return at if at < due_at else due_at

    def take_events(self) -> Sequence[Event]:
        """What happened since the last call, in order."""
        if not self.events:
            return ()
        events, self.events = self.events, []
        return events

    # ---- what can be seen of it

    @property
    def wants_link(self) -> bool:
        """Whether a connection should be open, or be opened; a wish to be offline lets a CALL in flight end first."""
        return self.powered and not self.finished and not (self.offline_wish and self.endpoint.idle)

    @property
    def station_id(self) -> str:
        """Its name."""
        return self.identity.station_id

    @property
    def registered(self) -> bool:
        """Accepted by the central system, connected or not."""
        return self.registration == "Accepted"

    @property
    def undelivered(self) -> int:
        """Transaction messages that wait to be answered."""
        return len(self.delivery)

    # ---- inside

    def _fire_timer(self, now: float) -> None:
        """Fire the first timer that is due, if one is, and find out when the next will be."""
        deadlines = self.deadlines
        due = min(deadlines, key=deadlines.__getitem__, default=None)
        if due is not None and deadlines[due] <= now:
            del deadlines[due]
            _TIMERS[due[0]](self, due[1])
            self._settle()
        self.due_at = min(deadlines.values(), default=NEVER)

    def _take_from_endpoint(self) -> None:
        """Handle what the endpoint told; handling it makes the endpoint tell nothing more."""
        for event in self.endpoint.take_events():
            _HANDLERS[type(event)](self, event)

    def _settle(self) -> None:
        """The end of every verb: is there anything left to wait for, and who wants to hear of it?"""
        if self.resetting:
            resetting.go_on(self)
        if self.shutting_down:
            shutting_down.go_on(self)
        if self.events:
            self._react()

    def _react(self) -> None:
        """For a subclass: something happened, and waits to be taken."""


def _call_ended(core: Core, ended: endpoint_events.CallEnded) -> None:
    """One of our CALLs came to its end: its token says whose it was."""
    core.events.append(ended)
    token = ended.token
    kind = type(token)
    if kind is Message:
        charging.delivered(core, token, ended)
    elif kind is Connector:
        reporting.answered(core, token, lost=ended.error is not None and not ended.by_peer)
    elif kind is Question:
        authorization.answered(core, token, ended)
    elif token is registration.Asked.BOOT:
        registration.answered(core, ended)
    elif ended.action == "Heartbeat":
        heartbeat.answered(core)
        if ended.answer is not None:
            registration.check_clock(core, ended.answer.current_time)


def _call_received(core: Core, call: endpoint_events.CallReceived) -> None:
    """One of the central system's CALLs: its row says what to do, and whether it may be done now."""
    row = REQUESTS.get(call.action)
    error = None
    if row is None:
        error = ErrorCode.NOT_SUPPORTED
        core.endpoint.refuse(call.unique_id, error, f"{call.action} is not supported by this station")
    elif _may(core, row):
        reply = row.handle(core, call.request)
        core.endpoint.answer(call.unique_id, reply.answer)
        if reply.then is not None:
            reply.then()
    elif row.refusal is not None:
        core.endpoint.answer(call.unique_id, row.refusal)
    else:
        error = ErrorCode.GENERIC_ERROR
        core.endpoint.refuse(call.unique_id, error, "the station is not accepted")
    core.emit(CallHandled(call.action, error, "" if error is None else str(error)))


def _may(core: Core, row: Row) -> bool:
    """Section 4.2.1: Rejected answers to nothing, Pending and not yet answered to some."""
    if core.registration == "Accepted":
        return True
    return row.before_accepted and core.registration != "Rejected"


def _call_refused(core: Core, call: endpoint_events.CallRefused) -> None:
    core.emit(CallHandled(call.action, call.code, call.description))


def _frame_ignored(core: Core, frame: endpoint_events.FrameIgnored) -> None:
    core.events.append(frame)


_HANDLERS: dict[type, Callable[[Core, Any], None]] = {
    endpoint_events.CallEnded: _call_ended,
    endpoint_events.CallReceived: _call_received,
    endpoint_events.CallRefused: _call_refused,
    endpoint_events.FrameIgnored: _frame_ignored,
}
