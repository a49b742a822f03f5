"""A station under whatever its world and its central system do, in any order: what must hold at every moment."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from evsim_locust.station import commands
from evsim_locust.station.commands import CommandRefused
from evsim_locust.station.events import (
    MessageDropped,
    MeterSampled,
    StatusChanged,
    TransactionStarted,
    TransactionStopped,
)
from evsim_locust.station.transaction import Phase
from tests.station.bench import SILENT, Bench, Payload, Refuse, boot_answer, sampled
from tests.station.test_connector_table import ALLOWED

CONNECTORS = st.sampled_from([1, 2])
TAGS = st.sampled_from(["A", "B", "C", "BLOCKED", "TURNS_BAD"])
STATES = {
    Phase.STARTING: {"Preparing"},
    Phase.RUNNING: {"Charging", "SuspendedEV", "SuspendedEVSE"},
    Phase.DEAUTHORIZED: {"SuspendedEVSE"},
}
SIMPLE = [
    commands.PlugIn,
    commands.PlugIn,
    commands.PlugOut,
    commands.SuspendEV,
    commands.ResumeEV,
    commands.SuspendEVSE,
    commands.ResumeEVSE,
    commands.StopCharging,
    commands.SampleMeter,
    commands.ClearFault,
]
SWITCHES = [
    "AllowOfflineTxForUnknownId",
    "AuthorizationCacheEnabled",
    "AuthorizeRemoteTxRequests",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
]
ACTIONS = ["BootNotification", "Authorize", "StartTransaction", "StopTransaction", "MeterValues", "StatusNotification"]


class StationMachine(RuleBasedStateMachine):
    """Commands, CALLs, time, and links and answers that get lost."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = Bench(connectors=2, config={"TransactionMessageRetryInterval": "20"})
        self.bench.tags = {
            "A": {"status": "Accepted", "parentIdTag": "G"},
            "B": {"status": "Accepted", "parentIdTag": "G"},
            "BLOCKED": {"status": "Blocked"},
        }
        answers = self.bench.answers
        self.take_start = answers["StartTransaction"]
        answers |= {
            "BootNotification": self.on_boot,
            "StatusNotification": self.on_status,
            "StartTransaction": self.on_start,
        }
        self.known: dict[int, tuple[str, str]] = {}
        self.forgiven: dict[int, int] = {}
        self.registers = [0, 0, 0]
        self.shown = {0: "Available", 1: "Available", 2: "Available"}
        self.events_read = 0
        self.was_reset = False
        self.faulted_without_transaction: set[int] = set()
        self.bench.connect()

    # ---- the central system's side of the invariants

    def honest(self) -> None:
        """Answer everything from now on."""
        self.bench.script = {}

    def on_status(self, request: Payload) -> Payload:
        """Told is only what is new, unless it was asked for."""
        connector_id, told = request["connectorId"], (request["status"], request["errorCode"])
        if self.known.get(connector_id) == told:
            assert self.forgiven.get(connector_id, 0) > 0, f"{told} of connector {connector_id} was told twice"
            self.forgiven[connector_id] -= 1
        self.known[connector_id] = told
        return {}

    def on_boot(self, _request: Payload) -> Payload:
        """Accepted: everything is told anew (errata 3.22)."""
        self.known.clear()
        return boot_answer(self.bench, "Accepted")

    def on_start(self, request: Payload) -> Payload:
        """One tag is good for Authorize and refused here."""
        answer = self.take_start(request)
        return answer | {"idTagInfo": {"status": "Invalid"}} if request["idTag"] == "TURNS_BAD" else answer

    def ask(self, action: str, **payload: Any) -> Any:
        self.bench.advance(0.01)
        return self.bench.ask(action, **payload) if self.bench.station.linked else None

    def do(self, command: commands.Command) -> None:
        self.bench.advance(0.01)
        with suppress(CommandRefused):
            self.bench.do(command)

    # ---- rules

    @rule(kind=st.sampled_from(SIMPLE), connector_id=CONNECTORS)
    def act(self, kind: Any, connector_id: int) -> None:
        if kind is commands.ClearFault:
            self.faulted_without_transaction.discard(connector_id)
        self.do(kind(connector_id=connector_id))

    @rule(id_tag=TAGS, connector_id=CONNECTORS)
    def swipe(self, id_tag: str, connector_id: int) -> None:
        self.do(commands.Swipe(id_tag, connector_id))

    @rule(connector_id=CONNECTORS, id_tag=TAGS)
    def begin_a_session(self, connector_id: int, id_tag: str) -> None:
        self.do(commands.PlugIn(connector_id))
        self.do(commands.Swipe(id_tag, connector_id))
        self.do(commands.Meter(connector_id, power_w=7200.0))

    @rule(connector_id=CONNECTORS, power_w=st.sampled_from([0.0, 3600.0, 50_000.0]), jump=st.booleans())
    def meter(self, connector_id: int, power_w: float, jump: bool) -> None:
        energy_wh = self.registers[connector_id] + 100.0 if jump else None
        self.do(commands.Meter(connector_id, energy_wh, power_w))

    @rule(connector_id=st.sampled_from([0, 1, 2]), code=st.sampled_from(["GroundFailure", "OverVoltage"]))
    def fault(self, connector_id: int, code: Any) -> None:
        self.do(commands.RaiseFault(code, connector_id))

    @rule(wish=st.sampled_from([commands.Disconnect(), commands.Connect(), commands.Connect()]))
    def wish(self, wish: Any) -> None:
        self.do(wish)

    @rule(up=st.booleans())
    def network(self, up: bool) -> None:
        if up:
            self.bench.connect()
        else:
            self.bench.drop()

    @rule(seconds=st.sampled_from([0.5, 3.0, 16.0, 31.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.bench.advance(seconds)

    @rule(action=st.sampled_from(ACTIONS), script=st.sampled_from([SILENT, Refuse(), {"odd": 1}]))
    def misbehave(self, action: str, script: Any) -> None:
        if action == "StatusNotification":
            self.known.clear()  # nobody can say whether one without an answer was taken
            script = SILENT
        self.bench.script[action] = [script]

    @rule()
    def answer(self) -> None:
        self.honest()
        while self.bench.held:
            self.bench.answer()

    @rule(id_tag=TAGS, connector_id=st.sampled_from([None, 0, 1, 2, 3]))
    def remote_start(self, id_tag: str, connector_id: int | None) -> None:
        wanted = {} if connector_id is None else {"connectorId": connector_id}
        self.ask("RemoteStartTransaction", idTag=id_tag, **wanted)

    @rule(number=st.integers(500, 506))
    def remote_stop(self, number: int) -> None:
        self.ask("RemoteStopTransaction", transactionId=number)

    @rule(kind=st.sampled_from(["Hard", "Soft"]))
    def reset(self, kind: str) -> None:
        if self.ask("Reset", type=kind) == {"status": "Accepted"}:
            self.was_reset = True

    @rule(connector_id=st.sampled_from([0, 1, 2]), kind=st.sampled_from(["Inoperative", "Operative", "Operative"]))
    def availability(self, connector_id: int, kind: str) -> None:
        self.ask("ChangeAvailability", connectorId=connector_id, type=kind)

    @rule(connector_id=CONNECTORS)
    def unlock(self, connector_id: int) -> None:
        self.ask("UnlockConnector", connectorId=connector_id)

    @rule(message=st.sampled_from(["BootNotification", "Heartbeat", "StatusNotification", "MeterValues"]))
    def trigger(self, message: str) -> None:
        self.bench.advance(0.01)
        if self.bench.station.linked:
            if message == "StatusNotification":
                self.forgiven = {number: self.forgiven.get(number, 0) + 1 for number in range(3)}
            self.bench.ask("TriggerMessage", requestedMessage=message)

    @rule(key=st.sampled_from(SWITCHES), value=st.booleans())
    def configure(self, key: str, value: bool) -> None:
        self.do(commands.Configure(key, str(value)))

    @rule(status=st.sampled_from(["Pending", "Rejected"]))
    def the_next_boot_is_not_accepted(self, status: str) -> None:
        self.bench.script["BootNotification"] = [{"status": status, "currentTime": "2026-01-01", "interval": 20}]

    # ---- invariants

    @invariant()
    def statuses_change_as_the_specification_says(self) -> None:
        new, self.events_read = self.bench.events[self.events_read :], len(self.bench.events)
        for event in new:
            if type(event) is StatusChanged:
                before, after = self.shown[event.connector_id], event.status
                over_a_restart = self.was_reset and (before, after) == ("Preparing", "Unavailable")
                assert before == after == "Faulted" or (before, after) in ALLOWED or over_a_restart
                self.shown[event.connector_id] = after

    @invariant()
    def energy_flows_only_for_an_accepted_tag_and_a_cable(self) -> None:
        for connector in self.bench.station.connectors[1:]:
            if connector.meter.power_w > 0.0:
                assert connector.state == "Charging"
                assert connector.plugged
                assert not connector.errors
                assert connector.transaction is not None
                assert connector.transaction.phase is Phase.RUNNING

    @invariant()
    def states_and_transactions_agree(self) -> None:
        for connector in self.bench.station.connectors[1:]:
            transaction = connector.transaction
            if transaction is None:
                assert connector.state in {"Available", "Preparing", "Finishing", "Unavailable"}
            else:
                assert connector.state in STATES[transaction.phase]
            if not connector.plugged:
                assert connector.state not in {"Charging", "Finishing"}

    @invariant()
    def meters_never_go_back(self) -> None:
        for connector in self.bench.station.connectors[1:]:
            register_wh = connector.meter.read_wh(self.bench.now)
            assert register_wh >= self.registers[connector.id]
            self.registers[connector.id] = register_wh

    @invariant()
    def a_fault_starts_nothing(self) -> None:
        for connector in self.bench.station.connectors[1:]:
            if connector.id in self.faulted_without_transaction:
                assert connector.transaction is None
            if connector.errors and connector.transaction is None:
                self.faulted_without_transaction.add(connector.id)

    def teardown(self) -> None:
        """In the end every transaction that the central system knows is stopped, or said to be lost."""
        if self.bench.station.finished:
            return
        self.answer()
        self.bench.do(commands.ShutDown(10.0))
        self.bench.connect()
        self.bench.advance(10.0)
        assert self.bench.station.finished
        assert self.bench.station.undelivered == 0
        open_records = [record for record in self.bench.records.values() if not record.stops]
        dropped = [event for event in self.bench.seen(MessageDropped) if event.action == "StopTransaction"]
        assert len(open_records) <= len(dropped)
        for record in self.bench.records.values():
            self.check_record(record)
        started, stopped = self.bench.seen(TransactionStarted), self.bench.seen(TransactionStopped)
        assert len(started) <= len(stopped)
        assert all(event.energy_wh >= 0 for event in [*stopped, *self.bench.seen(MeterSampled)])

    @staticmethod
    def check_record(record: Any) -> None:
        assert len(record.stops) <= 1
        readings = [record.start["meterStart"]]
        for payload in record.meter_values:
            assert payload["connectorId"] == record.start["connectorId"]
            readings.append(int(sampled(payload)["Energy.Active.Import.Register"]))
        readings += [stop["meterStop"] for stop in record.stops]
        assert readings == sorted(readings)
        times = [payload["meterValue"][0]["timestamp"] for payload in record.meter_values]
        assert times == sorted(times)


StationMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=40)
TestStationMachine = StationMachine.TestCase
