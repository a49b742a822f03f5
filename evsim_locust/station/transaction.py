"""One transaction on the station: from the first energy offer to its StopTransaction."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """Where a transaction stands."""

    STARTING = "StartTransaction has no verdict yet"
    RUNNING = "energy may flow"
    DEAUTHORIZED = "the central system refused the tag, the transaction is kept without energy"
    ENDED = "stopped on the station"

    __hash__ = object.__hash__  # members are unique objects; Enum's own hash runs Python code


class Verdict(Enum):
    """What can happen to a transaction."""

    ACCEPTED = "idTagInfo Accepted"
    REFUSED = "idTagInfo anything else"
    UNDECIDED = "no answer: the tag was accepted before, so the driver is served"
    STOP = "ended by anyone"

    __hash__ = object.__hash__


TABLE: dict[tuple[Phase, Verdict], Phase] = {
    (Phase.STARTING, Verdict.ACCEPTED): Phase.RUNNING,
    (Phase.STARTING, Verdict.UNDECIDED): Phase.RUNNING,
    (Phase.STARTING, Verdict.REFUSED): Phase.DEAUTHORIZED,
    (Phase.STARTING, Verdict.STOP): Phase.ENDED,
    (Phase.RUNNING, Verdict.REFUSED): Phase.DEAUTHORIZED,
    (Phase.RUNNING, Verdict.STOP): Phase.ENDED,
    (Phase.DEAUTHORIZED, Verdict.STOP): Phase.ENDED,
}


class Transaction:
    """What the station knows of it; `transaction_id` comes with the StartTransaction's answer.

    `served`: energy might flow at some time. `lost`: its StartTransaction was given up, the central system will never
    know it.
    """

    __slots__ = (
        "connector_id",
        "id_tag",
        "lost",
        "meter_start_wh",
        "parent_id_tag",
        "phase",
        "served",
        "started_at",
        "transaction_id",
    )

    def __init__(self, connector_id: int, id_tag: str, parent_id_tag: str | None, meter_start_wh: int, now: float):
        self.connector_id = connector_id
        self.id_tag = id_tag
        self.parent_id_tag = parent_id_tag
        self.meter_start_wh = meter_start_wh
        self.started_at = now
        self.transaction_id: int | None = None
        self.served = self.lost = False
        self.phase = Phase.STARTING

    def step(self, verdict: Verdict) -> bool:
        """Take one verdict through the table; whether the phase changed."""
        before = self.phase
        self.phase = TABLE.get((before, verdict), before)
        return self.phase is not before

    def is_of(self, id_tag: str, parent_id_tag: str | None) -> bool:
        """Whether this tag may stop it: the same one, or one of the same group (OCPP 1.6, section 4.10).

        Tags are CiStrings (section 7.28): upper and lower case are the same.
        """
        return _same(id_tag, self.id_tag) or _same(parent_id_tag, self.parent_id_tag)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.casefold() == other.casefold()
