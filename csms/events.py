"""What the central system tells of itself: frozen facts, in the order they happened."""

from __future__ import annotations

from msgspec import Struct

from csms.transactions import Transaction
from evsim_locust.ocppj.events import CallEnded, CallRefused, FrameIgnored


class TransactionChanged(Struct, frozen=True, gc=False):
    """A transaction was opened, stopped or abandoned; the record as it is now."""

    transaction: Transaction


Event = TransactionChanged | CallEnded | CallRefused | FrameIgnored
