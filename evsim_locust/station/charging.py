"""Transactions on a connector: started, sampled and stopped (OCPP 1.6, sections 4.8, 4.10 and 4.7)."""

from __future__ import annotations

from msgspec import UNSET

from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.events import CallEnded
from evsim_locust.ocppj.v16.messages import (
    MeterValues,
    StartTransaction,
    StartTransactionResponse,
    StopTransaction,
    StopTransactionResponse,
)
from evsim_locust.station import availability, pacing, reporting
from evsim_locust.station.cache import parent_of
from evsim_locust.station.connector import Connector
from evsim_locust.station.connector_table import Input
from evsim_locust.station.core import Core, Timer
from evsim_locust.station.delivery import Message, TransactionRequest
from evsim_locust.station.events import MessageDropped, MeterSampled, TransactionStarted, TransactionStopped
from evsim_locust.station.measurands import Context, Reading, meter_value
from evsim_locust.station.transaction import Phase, Transaction, Verdict
from evsim_locust.station.words import StopReason

_LOST = "its StartTransaction was refused"


def start(core: Core, connector: Connector, id_tag: str, parent_id_tag: str | None) -> None:
    """Cable and tag are there: open a transaction; energy waits for the central system's word on the tag."""
    register_wh = connector.meter.read_wh(core.now)
    transaction = Transaction(connector.id, id_tag, parent_id_tag, register_wh, core.now)
    connector.authorization, connector.transaction = None, transaction
    core.clear_timer(Timer.CONNECTION, connector.id)
    request = StartTransaction(
        connector_id=connector.id, id_tag=id_tag, meter_start=register_wh, timestamp=core.timestamp()
    )
    _queue(core, request, transaction)
    if not core.ready:
        judge(core, transaction, Verdict.UNDECIDED)


def stop(core: Core, connector: Connector, reason: StopReason, id_tag: str | None = None) -> None:
    """End the connector's transaction; its StopTransaction is sent when its turn comes."""
    transaction = connector.transaction
    assert transaction is not None
    register_wh = connector.meter.read_wh(core.now)
    transaction.step(Verdict.STOP)
    connector.transaction = None
    connector.draw_w = 0.0
    core.clear_timer(Timer.SAMPLE, connector.id)
    request = StopTransaction(transaction_id=0, meter_stop=register_wh, timestamp=core.timestamp(), reason=reason)
    if id_tag is not None:
        request.id_tag = id_tag
    energy_wh = register_wh - transaction.meter_start_wh
    core.emit(
        TransactionStopped(
            connector.id, transaction.id_tag, transaction.transaction_id, reason, energy_wh, transaction.served
        )
    )
    core.log(f"Charging stopped ({energy_wh / 1000:.2f} kWh delivered)")
    _queue(core, request, transaction)
    reporting.step(core, connector, Input.END)
    availability.apply_scheduled(core, connector)
    if not connector.plugged:  # it was taken out before: no user action is left
        reporting.step(core, connector, Input.PLUG_OUT)


def judge(core: Core, transaction: Transaction, verdict: Verdict) -> None:
    """The central system's word on the tag, or that there is none; a transaction that has ended stays ended."""
    if not transaction.step(verdict):
        return
    connector = core.connectors[transaction.connector_id]
    if transaction.phase is Phase.RUNNING:
        _energise(core, connector, transaction)
    elif transaction.phase is Phase.DEAUTHORIZED:
        # Section 4.8: StopTransactionOnInvalidId decides whether a refused tag ends it or only stops the energy.
        if core.configuration.boolean("StopTransactionOnInvalidId"):
            stop(core, connector, "DeAuthorized")
        else:
            reporting.step(core, connector, Input.SUSPEND_EVSE)


def serve_offline(core: Core) -> None:
    """The connection is gone: transactions that wait for the central system's word go on without it."""
    for connector in core.own_connectors:
        if connector.transaction is not None:
            judge(core, connector.transaction, Verdict.UNDECIDED)


def _energise(core: Core, connector: Connector, transaction: Transaction) -> None:
    reporting.step(core, connector, Input.START if connector.plugged else Input.SUSPEND_EV)
    schedule_sample(core, connector)
    transaction.served = True
    core.emit(
        TransactionStarted(connector.id, transaction.id_tag, transaction.transaction_id, transaction.meter_start_wh)
    )


# ---- delivery


def deliver(core: Core) -> None:
    """Send the next transaction message, if it may be sent now."""
    if core.ready and (message := core.delivery.due(core.now)) is not None:
        core.endpoint.call(message.request, core.now, message)


def _queue(core: Core, request: TransactionRequest, transaction: Transaction) -> None:
    if transaction.lost:
        core.emit(MessageDropped(type(request).__name__, _LOST))
        return
    if core.delivery.add(request, transaction) is not None:
        core.emit(MessageDropped("MeterValues", "too many held while offline"))
    deliver(core)


def delivered(core: Core, message: Message, ended: CallEnded) -> None:
    """A transaction message was answered, refused or lost."""
    if ended.error is None:
        core.delivery.done()
        if type(message.request) is StartTransaction:
            _started(core, message.transaction, ended.answer)
        elif type(message.request) is StopTransaction:
            _stopped(core, message.request, ended.answer)
    elif ended.by_peer or ended.size:  # an answer, but a CALLERROR or one that breaks its schema
        _refused(core, message)
    else:
        core.delivery.unanswered()
        if type(message.request) is StartTransaction:
            judge(core, message.transaction, Verdict.UNDECIDED)
    if not core.delivery.empty:
        deliver(core)


def _started(core: Core, transaction: Transaction, answer: StartTransactionResponse) -> None:
    """The central system gave the transaction its id, and its word on the tag."""
    transaction.transaction_id = answer.transaction_id
    core.learn(transaction.id_tag, answer.id_tag_info)
    transaction.parent_id_tag = parent_of(answer.id_tag_info) or transaction.parent_id_tag
    accepted = answer.id_tag_info.status == "Accepted"
    judge(core, transaction, Verdict.ACCEPTED if accepted else Verdict.REFUSED)


def _stopped(core: Core, request: StopTransaction, answer: StopTransactionResponse) -> None:
    """Section 4.10: what the answer says of the tag that stopped the transaction goes to the cache."""
    if request.id_tag is not UNSET and answer.id_tag_info is not UNSET:
        core.learn(request.id_tag, answer.id_tag_info)


def _refused(core: Core, message: Message) -> None:
    most = core.configuration.integer("TransactionMessageAttempts")
    interval_s = core.configuration.integer("TransactionMessageRetryInterval")
    is_start = type(message.request) is StartTransaction
    if is_start:
        judge(core, message.transaction, Verdict.UNDECIDED)
    if not core.delivery.refused(core.now, most, interval_s):
        core.set_timer_at(Timer.DELIVER, core.delivery.retry_at)
        return
    core.emit(MessageDropped(type(message.request).__name__, "refused too often"))
    if is_start:  # without its start the central system can make nothing of the rest
        message.transaction.lost = True
        for orphan in core.delivery.drop_of(message.transaction):
            core.emit(MessageDropped(type(orphan.request).__name__, _LOST))


# ---- meter values


def schedule_sample(core: Core, connector: Connector) -> None:
    """Set the timer of the next periodic sample; none when the interval is 0."""
    interval_s = core.configuration.integer("MeterValueSampleInterval") / core.settings.time_scale
    if interval_s > 0:
        core.set_timer(Timer.SAMPLE, pacing.until_next(core, interval_s), connector.id)
    else:
        core.clear_timer(Timer.SAMPLE, connector.id)


def sample(core: Core, connector_id: int) -> None:
    """A periodic sample during a transaction (MeterValueSampleInterval)."""
    connector = core.connectors[connector_id]
    transaction = connector.transaction
    if transaction is None:
        return
    schedule_sample(core, connector)
    reading = _read(core, connector)
    core.emit(MeterSampled(connector_id, reading.delivered_wh, reading.power_w))
    _send(core, connector, reading, core.configuration.words("MeterValuesSampledData"), "Sample.Periodic")


def send_meter_values(
    core: Core, connector: Connector, measurands: tuple[str, ...], context: Context, timestamp: str = ""
) -> None:
    """Read the connector's meter and tell the central system, as part of the transaction if there is one."""
    _send(core, connector, _read(core, connector), measurands, context, timestamp)


def _read(core: Core, connector: Connector) -> Reading:
    transaction = connector.transaction
    register_wh = connector.meter.read_wh(core.now)
    delivered_wh = 0 if transaction is None else register_wh - transaction.meter_start_wh
    return Reading(register_wh, connector.meter.power_w, delivered_wh, connector.battery)


def _send(
    core: Core,
    connector: Connector,
    reading: Reading,
    measurands: tuple[str, ...],
    context: Context,
    timestamp: str = "",
) -> None:
    value = meter_value(reading, measurands, context, timestamp or core.timestamp())
    if value is None:
        return
    request = MeterValues(connector_id=connector.id, meter_value=[value])
    if connector.transaction is not None:
        _queue(core, request, connector.transaction)
    elif core.linked:
        core.call(request)


def clock_aligned(core: Core, _connector_id: int = 0) -> None:
    """Meter values of all connectors on the grid of ClockAlignedDataInterval (OCPP 1.6, section 9.1.3)."""
    interval_s = core.configuration.integer("ClockAlignedDataInterval")
    measurands = core.configuration.words("MeterValuesAlignedData")
    schedule_clock_aligned(core)
    timestamp = timestamps.write(pacing.last_clock_point(core, interval_s))
    for connector in core.own_connectors:
        if connector.transaction is not None or core.ready:
            send_meter_values(core, connector, measurands, "Sample.Clock", timestamp)


def schedule_clock_aligned(core: Core) -> None:
    """Set the timer to the next point of the grid, which starts at midnight UTC; none when the interval is 0."""
    interval_s = core.configuration.integer("ClockAlignedDataInterval")
    if interval_s > 0:
        core.set_timer(Timer.CLOCK, pacing.until_clock_point(core, interval_s))
    else:
        core.clear_timer(Timer.CLOCK)
