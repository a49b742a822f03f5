"""The book of transactions: unique ids, at most one open on a connector, and every oddity named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from msgspec import UNSET, Struct
from msgspec.structs import replace

from evsim_locust.ocppj.v16.messages import StartTransaction, StopTransaction

_Place = tuple[str, int]  # station id, connector id


class Finding(StrEnum):
    """What was odd about a message; counted per station."""

    RETRANSMITTED = "retransmitted"  # a StartTransaction that was booked before
    ABANDONED = "abandoned"  # a StartTransaction while the connector's last transaction was open
    METER_GAP = "meter_gaps"  # meter_start is not the connector's last meter_stop
    NEGATIVE_ENERGY = "negative_energy"  # meter_stop below meter_start
    UNKNOWN_STOP = "unknown_stops"  # a StopTransaction for no transaction of this station
    REPEATED_STOP = "repeated_stops"  # the same StopTransaction again
    CONFLICTING_STOP = "conflicting_stops"  # a second StopTransaction that says something else
    BEFORE_BOOT = "before_boot"  # a CALL of a station that has not sent a BootNotification


class Transaction(Struct, frozen=True, kw_only=True, gc=False):
    """One record, also the row of the API; meters in Wh, times in UTC as texts; None while it is open."""

    transaction_id: int
    station_id: str
    connector_id: int
    id_tag: str
    meter_start: int
    meter_stop: int | None = None
    start_time: str
    stop_time: str | None = None
    reason: str | None = None
    status: Literal["open", "stopped", "abandoned"] = "open"


class Started(NamedTuple):
    """`in_use`: an earlier transaction of the same tag is still open."""

    transaction_id: int
    in_use: bool
    findings: Sequence[Finding]


class Book:
    """All transactions, by id.

    `restored` are the records of earlier runs; `first_id` is the lowest id that may be given out, when more were
    given out than were kept.
    """

    def __init__(self, restored: Iterable[Transaction] = (), first_id: int = 1) -> None:
        self._by_id: dict[int, Transaction] = {}
        self._by_start: dict[tuple[str, int, str, str, int], int] = {}
        self._open: dict[_Place, int] = {}
        self._open_by_tag: dict[str, dict[int, None]] = {}  # a dict keeps the order: the first one holds the tag
        self._last_meter: dict[_Place, int] = {}
        self.changed: list[Transaction] = []
        for transaction in sorted(restored, key=lambda t: t.transaction_id):
            self._restore(transaction)
        self._next_id = max(first_id, max(self._by_id, default=0) + 1)

    def start(self, station_id: str, request: StartTransaction, start_time: str) -> Started:
        """Book a transaction, or find the one that this request booked before."""
        tag = request.id_tag.lower()
        start = (station_id, request.connector_id, tag, start_time, request.meter_start)
        known = self._by_start.get(start)
        if known is not None:
            return Started(known, self._in_use(tag, known), (Finding.RETRANSMITTED,))
        findings = self._leave_open_one(start[:2]) or self._compare_meters(start[:2], request.meter_start)
        transaction = Transaction(
            transaction_id=self._next_id,
            station_id=station_id,
            connector_id=request.connector_id,
            id_tag=request.id_tag,
            meter_start=request.meter_start,
            start_time=start_time,
        )
        self._next_id += 1
        self._keep_open(transaction)
        self.changed.append(transaction)
        return Started(transaction.transaction_id, self._in_use(tag, transaction.transaction_id), findings)

    def stop(self, station_id: str, request: StopTransaction, stop_time: str) -> Sequence[Finding]:
        """End a transaction; what cannot be booked changes nothing, as no stop is refused (OCPP 1.6, section 4.10)."""
        transaction = self._by_id.get(request.transaction_id)
        if transaction is None or transaction.station_id != station_id:
            return (Finding.UNKNOWN_STOP,)
        stopped = replace(
            transaction,
            meter_stop=request.meter_stop,
            stop_time=stop_time,
            reason="Local" if request.reason is UNSET else request.reason,  # section 6.49: left out means Local
            status="stopped",
        )
        if transaction.status == "stopped":
            return (Finding.REPEATED_STOP if stopped == transaction else Finding.CONFLICTING_STOP,)
        if transaction.status == "open":
            self._close(transaction)
            self._last_meter[station_id, transaction.connector_id] = request.meter_stop
        self._by_id[transaction.transaction_id] = stopped
        self.changed.append(stopped)
        return (Finding.NEGATIVE_ENERGY,) if request.meter_stop < transaction.meter_start else ()

    @property
    def open_count(self) -> int:
        """How many transactions are open."""
        return len(self._open)

    def rows(self, station_id: str | None = None) -> list[Transaction]:
        """The records of all stations or of one, oldest first."""
        if station_id is None:
            return list(self._by_id.values())
        return [transaction for transaction in self._by_id.values() if transaction.station_id == station_id]

    def take_changes(self) -> list[Transaction]:
        """The records that were opened, stopped or abandoned since the last call, in order."""
        changed, self.changed = self.changed, []
        return changed

    # ---- inside

    def _restore(self, transaction: Transaction) -> None:
        place = (transaction.station_id, transaction.connector_id)
        if transaction.status == "open":
            self._keep_open(transaction)
            return
        self._keep(transaction)
        if transaction.meter_stop is None:
            self._last_meter.pop(place, None)
        else:
            self._last_meter[place] = transaction.meter_stop

    def _keep(self, t: Transaction) -> None:
        self._by_id[t.transaction_id] = t
        start = (t.station_id, t.connector_id, t.id_tag.lower(), t.start_time, t.meter_start)
        self._by_start[start] = t.transaction_id

    def _keep_open(self, transaction: Transaction) -> None:
        self._keep(transaction)
        self._open[transaction.station_id, transaction.connector_id] = transaction.transaction_id
        self._open_by_tag.setdefault(transaction.id_tag.lower(), {})[transaction.transaction_id] = None

    def _close(self, transaction: Transaction) -> None:
        del self._open[transaction.station_id, transaction.connector_id]
        tag = transaction.id_tag.lower()
        holders = self._open_by_tag[tag]
        del holders[transaction.transaction_id]
        if not holders:
            del self._open_by_tag[tag]

    def _leave_open_one(self, place: _Place) -> Sequence[Finding]:
        """Give up the connector's open transaction: its station has forgotten it."""
        open_id = self._open.get(place)
        if open_id is None:
            return ()
        transaction = self._by_id[open_id]
        self._close(transaction)
        self._last_meter.pop(place, None)  # nobody knows where its meter stopped
        abandoned = replace(transaction, status="abandoned")
        self._by_id[open_id] = abandoned
        self.changed.append(abandoned)
        return (Finding.ABANDONED,)

    def _compare_meters(self, place: _Place, meter_start: int) -> Sequence[Finding]:
        return (Finding.METER_GAP,) if self._last_meter.get(place, meter_start) != meter_start else ()

    def _in_use(self, tag: str, transaction_id: int) -> bool:
        holders = self._open_by_tag.get(tag)
        return holders is not None and next(iter(holders)) < transaction_id
