"""A station on the bench: a scripted central system, a network that can fail and a clock that is moved by hand.

Every frame that the station sends is held against the official JSON schema of the `ocpp` package, and against what
OCPP-J asks of the frames of one peer: ids used once, one CALL in flight, answers only to what was asked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import jsonschema

from evsim_locust.ocppj import timestamps
from evsim_locust.station.commands import Command
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.connector import Connector
from evsim_locust.station.events import CallEnded, Event
from evsim_locust.station.settings import Identity, Settings
from evsim_locust.station.station import Station

Payload = dict[str, Any]
Kind = TypeVar("Kind")
ERROR_CODES = (  # OCPP-J 1.6, section 4.2.3
    "NotImplemented",
    "NotSupported",
    "InternalError",
    "ProtocolError",
    "SecurityError",
    "FormationViolation",
    "PropertyConstraintViolation",
    "OccurenceConstraintViolation",
    "TypeConstraintViolation",
    "GenericError",
)
MIDNIGHT = 1_767_225_600.0  # 2026-01-01T00:00:00Z, where every bench begins
_FOLDER = files("ocpp").joinpath("v16", "schemas")


@dataclass(frozen=True)
class Refuse:
    """The central system answers with a CALLERROR."""

    code: str = "InternalError"


SILENT = object()  # the central system does not answer; `Bench.answer` may do so later
Script = Payload | Refuse | object | Callable[[Payload], Payload]


@dataclass(frozen=True)
class Call:
    """A CALL that the station sent, and when."""

    unique_id: str
    action: str
    payload: Payload
    at: float

    def __str__(self) -> str:
        """As tests want to read it."""
        if self.action == "StatusNotification":
            return f"{self.payload['connectorId']} {self.payload['status']}"
        return f"StopTransaction {self.payload['reason']}" if self.action == "StopTransaction" else self.action


@dataclass
class Record:
    """What the central system remembers of a transaction."""

    start: Payload
    stops: list[Payload] = field(default_factory=list)
    meter_values: list[Payload] = field(default_factory=list)


@cache
def _validator(name: str) -> Any:
    return jsonschema.Draft4Validator(json.loads(_FOLDER.joinpath(f"{name}.json").read_text("utf-8-sig")))


class Bench:
    """One station; `now` is its monotonic clock. It answers and reconnects by itself unless told otherwise.

    `interval` is that of the boot's answer. `answers` holds what the central system answers to an action, `script` what
    it does instead, where a list is used up entry by entry; `tags` holds idTagInfos, unknown tags are Accepted. Calls
    that `SILENT` left open wait in `held`.
    """

    def __init__(
        self,
        connectors: int = 1,
        config: Mapping[str, str] | None = None,
        heartbeat_s: int = 60,
        seed: int = 1,
        **settings: Any,
    ) -> None:
        self.now = 1000.0
        self.settings = Settings(connectors=connectors, configuration=config or {}, **settings)
        self.station = Station(
            Identity("CS-1", "bench-", heartbeat_s, 15),
            self.settings,
            shared_values(self.settings.configuration, connectors),
            random.Random(seed),
            self.now,
            MIDNIGHT - self.now,
        )
        self.calls: list[Call] = []
        self.events: list[Event] = []
        self.held: list[Call] = []
        self.script: dict[str, Script | list[Script]] = {}
        self.answers: dict[str, Callable[[Payload], Payload]] = {
            "BootNotification": self._on_boot,
            "Heartbeat": self._on_heartbeat,
            "DataTransfer": self._on_data,
            "Authorize": self._on_authorize,
            "StartTransaction": self._on_start,
            "MeterValues": self._on_meter_values,
            "StopTransaction": self._on_stop,
        }
        self.tags: dict[str, Payload] = {}
        self.records: dict[int, Record] = {}
        self.interval = 300
        self.network = False
        self._asked: dict[str, tuple[str, Any]] = {}
        self._numbers = 0
        self._ids: set[str] = set()
        self._in_flight: str | None = None
        self._read = 0

    # ---- the world

    def connect(self) -> Bench:
        """The network is there; the station connects when it wants to."""
        self.network = True
        self._go_on()
        return self

    def drop(self, code: str = "1006") -> None:
        """The network is gone, whatever was on its way is lost."""
        self.network = False
        self._unlink(code)
        self._go_on()

    def do(self, *commands: Command) -> None:
        """Give the station commands."""
        for command in commands:
            self.station.command(command, self.now)
            self._go_on()

    def advance(self, seconds: float) -> None:
        """Let time pass; the station is woken at each of its deadlines."""
        until = self.now + seconds
        for _ in range(100_000):
            at = self.station.next_deadline()
            if at > until:
                break
            self.now = max(self.now, at)
            self.station.wake(self.now)
            self._go_on()
        else:
            raise AssertionError("the station's deadlines never end")
        self.now = until

    # ---- the central system

    def ask(self, action: str, **payload: Any) -> Any:
        """Send a CALL: the answer's payload, or the code of the CALLERROR."""
        return self.ask_raw(action, payload)

    def ask_raw(self, action: str, payload: object) -> Any:
        """As `ask`, with any payload."""
        self._numbers += 1
        unique_id = f"csms-{self._numbers}"
        self._asked[unique_id] = (action, None)
        self.receive(json.dumps([2, unique_id, action, payload]))
        action, reply = self._asked[unique_id]
        assert reply is not None, f"{action} was not answered"
        return reply

    def ask_broken(self, unique_id: str, text: str) -> Any:
        """Send a text that is meant to be a CALL with that id: the code of the CALLERROR."""
        self._asked[unique_id] = ("a broken CALL", None)
        self.receive(text)
        return self._asked[unique_id][1]

    def receive(self, text: str) -> None:
        """Any text from the central system."""
        assert self.station.linked
        self.station.receive(text, self.now)
        self._go_on()

    def answer(self, payload: Script | None = None) -> None:
        """Answer the oldest held call, by default as the central system would have."""
        self._answer(self.held.pop(0), payload)
        self._go_on()

    def only_record(self) -> Record:
        """The one transaction there is."""
        (record,) = self.records.values()
        return record

    # ---- what can be seen

    def told(self) -> list[str]:
        """The CALLs since the last look, in a short form: `1 Charging`, `StopTransaction Local`, `Authorize`."""
        new, self._read = self.calls[self._read :], len(self.calls)
        return [str(call) for call in new]

    def sent(self, action: str) -> list[Payload]:
        """The payloads of all CALLs of `action`."""
        return [call.payload for call in self.calls if call.action == action]

    def times(self, action: str) -> list[float]:
        """When they were sent."""
        return [call.at for call in self.calls if call.action == action]

    def seen(self, kind: type[Kind]) -> list[Kind]:
        """All events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def connector(self, connector_id: int = 1) -> Connector:
        """To look at."""
        return self.station.connectors[connector_id]

    def wire_time(self, at: float | None = None) -> str:
        """The date-time that a frame of this moment carries."""
        return timestamps.write((self.now if at is None else at) + MIDNIGHT - 1000.0)

    # ---- inside

    def _go_on(self) -> None:
        """Exchange frames until both sides are silent, and let the link follow the station's wish."""
        for _ in range(10_000):
            texts = self.station.take_outbox()
            self._take_events()
            for text in texts:
                self._receive(json.loads(text))
            if not texts and not self._follow_wish():
                return
        raise AssertionError("station and central system never come to rest")

    def _follow_wish(self) -> bool:
        station = self.station
        if station.linked and not station.wants_link:
            self._unlink("1000")
            return True
        if not station.linked and station.wants_link and self.network and not station.finished:
            station.connected(self.now)
            return True
        return False

    def _unlink(self, code: str) -> None:
        if self.station.linked:
            self.station.disconnected(self.now, code)
            self._in_flight = None
            self.held.clear()
            self._take_events()

    def _take_events(self) -> None:
        new = self.station.take_events()
        self.events += new
        if any(isinstance(event, CallEnded) and event.error == "Timeout" for event in new):
            self._in_flight = None
            self.held.clear()

    def _receive(self, frame: list[Any]) -> None:
        assert self.station.linked, f"sent without a link: {frame}"
        if frame[0] == 2:
            self._receive_call(*frame[1:])
            return
        action, reply = self._asked[frame[1]]
        assert reply is None, f"{action} was answered twice"
        if frame[0] == 3:
            _validator(f"{action}Response").validate(frame[2])
            self._asked[frame[1]] = (action, frame[2])
        else:
            kind, unique_id, code, description, details = frame
            assert kind == 4
            assert code in ERROR_CODES
            assert len(description) <= 255
            assert details == {}
            self._asked[unique_id] = (action, code)

    def _receive_call(self, unique_id: str, action: str, payload: Payload) -> None:
        assert self._in_flight is None, f"{action} was sent before an answer to {self._in_flight}"
        assert len(unique_id) <= 36
        assert unique_id not in self._ids, "an id was used twice"
        self._ids.add(unique_id)
        _validator(action).validate(payload)
        call = Call(unique_id, action, payload, self.now)
        self.calls.append(call)
        self._in_flight = action
        script = self.script.get(action)
        if isinstance(script, list):
            script = script.pop(0) if script else None
        if script is SILENT:
            self.held.append(call)
        else:
            self._answer(call, script)

    def _answer(self, call: Call, script: Script | None) -> None:
        self._in_flight = None
        if isinstance(script, Refuse):
            frame: list[Any] = [4, call.unique_id, script.code, "as scripted", {}]
        else:
            frame = [3, call.unique_id, self._payload(call, script)]
        self.station.receive(json.dumps(frame), self.now)

    def _payload(self, call: Call, script: Script | None) -> Payload:
        if isinstance(script, dict):
            if "transactionId" in script:  # it will come back with the transaction's other messages
                self.records.setdefault(script["transactionId"], Record(call.payload))
            return script
        if callable(script):
            return script(call.payload)
        return self.answers.get(call.action, _nothing)(call.payload)

    # ---- the default answers

    def _on_boot(self, _request: Payload) -> Payload:
        return boot_answer(self, "Accepted", self.interval)

    def _on_heartbeat(self, _request: Payload) -> Payload:
        return {"currentTime": self.wire_time()}

    def _on_data(self, _request: Payload) -> Payload:
        return {"status": "Accepted"}

    def _on_authorize(self, request: Payload) -> Payload:
        return {"idTagInfo": self._tag(request["idTag"])}

    def _on_start(self, request: Payload) -> Payload:
        known = [number for number, record in self.records.items() if record.start == request]
        number = known[0] if known else len(self.records) + 501
        self.records.setdefault(number, Record(request))
        return {"transactionId": number, "idTagInfo": self._tag(request["idTag"])}

    def _on_meter_values(self, request: Payload) -> Payload:
        if "transactionId" in request:
            self.records[request["transactionId"]].meter_values.append(request)
        return {}

    def _on_stop(self, request: Payload) -> Payload:
        record = self.records[request["transactionId"]]
        if request not in record.stops:
            record.stops.append(request)
        return {"idTagInfo": self._tag(request["idTag"])} if "idTag" in request else {}

    def _tag(self, id_tag: str) -> Payload:
        return self.tags.get(id_tag, {"status": "Accepted"})


def _nothing(_request: Payload) -> Payload:
    return {}


def boot_answer(bench: Bench, status: str, interval: int = 300) -> Payload:
    """The payload of a BootNotification.conf."""
    return {"status": status, "currentTime": bench.wire_time(), "interval": interval}


def booted(
    connectors: int = 1, config: Mapping[str, str] | None = None, interval: int = 86400, **settings: Any
) -> Bench:
    """A station that is connected and accepted, its heartbeats far away; what it told until then is read."""
    bench = Bench(connectors, config, **settings)
    bench.interval = interval
    bench.connect()
    assert bench.station.ready
    bench.told()
    return bench


def sampled(payload: Payload) -> dict[str, float]:
    """Measurand -> value of a MeterValues payload with one meterValue."""
    (value,) = payload["meterValue"]
    return {entry["measurand"]: float(entry["value"]) for entry in value["sampledValue"]}
