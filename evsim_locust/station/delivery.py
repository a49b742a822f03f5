"""Transaction messages: kept until they are answered, sent in the order they happened (OCPP 1.6, section 3.7.1).

StartTransaction, the MeterValues of a transaction and StopTransaction go through here. One is on its way at a time.
A lost connection or a missing answer leaves it at the head; an answer that refuses it counts as an attempt, and after
TransactionMessageAttempts it is dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from evsim_locust.ocppj.v16.messages import MeterValues, StartTransaction, StopTransaction
from evsim_locust.station.transaction import Transaction

TransactionRequest = StartTransaction | MeterValues | StopTransaction
_MOST_METER_VALUES = 1000  # held while offline; section 3.7.1 lets intermediate values go first when memory is short


class Message:
    """One entry: the request waits for the transaction's id until it is sent."""

    __slots__ = ("attempts", "request", "transaction")

    def __init__(self, request: TransactionRequest, transaction: Transaction) -> None:
        self.request, self.transaction = request, transaction
        self.attempts = 0


class Delivery:
    """The queue; `retry_at` is when a refused head may be sent again."""

    __slots__ = ("_entries", "_meter_values", "_on_its_way", "retry_at")

    def __init__(self) -> None:
        self._entries: deque[Message] | None = None
        self._meter_values = 0
        self._on_its_way = False
        self.retry_at = 0.0

    def __len__(self) -> int:
        return len(self._entries) if self._entries else 0

    @property
    def empty(self) -> bool:
        """Everything was answered or dropped."""
        return not self._entries

    def add(self, request: TransactionRequest, transaction: Transaction) -> Message | None:
        """Put a message at the end; returns the meter value that had to make room, if any."""
        if self._entries is None:
            self._entries = deque()
        self._entries.append(Message(request, transaction))
        if type(request) is not MeterValues:
            return None
        self._meter_values += 1
        return self._make_room() if self._meter_values > _MOST_METER_VALUES else None

    def due(self, now: float) -> Message | None:
        """The message to send now; calling this says that it is sent."""
        if not self._entries or self._on_its_way or now < self.retry_at:
            return None
        head = self._entries[0]
        if not isinstance(head.request, StartTransaction):
            assert head.transaction.transaction_id is not None, "its StartTransaction comes first and gives the id"
            head.request.transaction_id = head.transaction.transaction_id
        self._on_its_way = True
        return head

    def done(self) -> None:
        """The head was answered, or will never be."""
        assert self._entries
        self._on_its_way = False
        if type(self._entries.popleft().request) is MeterValues:
            self._meter_values -= 1

    def unanswered(self) -> None:
        """The head's answer did not come: it stays."""
        self._on_its_way = False

    def refused(self, now: float, most: int, interval_s: float) -> bool:
        """The head was refused: whether it is given up; else it waits `interval_s` x the tries so far."""
        assert self._entries
        head = self._entries[0]
        head.attempts += 1
        if head.attempts >= most:
            self.done()
            return True
        self._on_its_way = False
        self.retry_at = now + interval_s * head.attempts
        return False

    def drop_of(self, transaction: Transaction) -> list[Message]:
        """Take out what belongs to a transaction that the central system will never know."""
        gone = [entry for entry in self._entries or () if entry.transaction is transaction]
        self._keep(entry for entry in self._entries or () if entry.transaction is not transaction)
        return gone

    def drop_all(self) -> list[Message]:
        """Take out everything."""
        gone = list(self._entries or ())
        self._keep(())
        return gone

    def _keep(self, entries: Iterable[Message]) -> None:
        self._entries = deque(entries)
        self._meter_values = sum(type(entry.request) is MeterValues for entry in self._entries)

    def _make_room(self) -> Message:
        """The oldest meter value that is not on its way goes."""
        assert self._entries
        for place, entry in enumerate(self._entries):
            if type(entry.request) is MeterValues and not (place == 0 and self._on_its_way):
                del self._entries[place]
                self._meter_values -= 1
                return entry
        raise AssertionError("meter values were counted that are not there")
