"""One connector: what is plugged in, who may charge, what has gone wrong, and the status that follows from it."""

from __future__ import annotations

from evsim_locust.station.commands import Battery
from evsim_locust.station.connector_table import Input, next_state
from evsim_locust.station.meter import Meter
from evsim_locust.station.transaction import Transaction
from evsim_locust.station.words import ErrorCode, Status


class Authorization:
    """A tag that was accepted and waits for a cable."""

    __slots__ = ("id_tag", "parent_id_tag")

    def __init__(self, id_tag: str, parent_id_tag: str | None) -> None:
        self.id_tag, self.parent_id_tag = id_tag, parent_id_tag


class Connector:
    """The facts of one connector; connector 0 is the station as a whole and only knows availability and faults.

    `state` is the table's, `shown` what the world sees. `reported` is the last status handed to the connection,
    None when the central system may not know it; `unanswered` counts StatusNotifications on their way.
    """

    __slots__ = (
        "authorization",
        "authorizing",
        "battery",
        "draw_w",
        "errors",
        "id",
        "meter",
        "plugged",
        "reported",
        "scheduled_inoperative",
        "shown",
        "state",
        "transaction",
        "unanswered",
    )

    def __init__(self, connector_id: int, meter: Meter) -> None:
        self.id = connector_id
        self.meter = meter
        self.state: Status = "Available"
        self.shown: tuple[Status, ErrorCode] = ("Available", "NoError")
        self.reported: tuple[Status, ErrorCode] | None = None
        self.unanswered = 0
        self.errors: tuple[ErrorCode, ...] = ()
        self.plugged = False
        self.scheduled_inoperative = False
        self.battery: Battery | None = None
        self.draw_w = 0.0
        self.authorizing = False
        self.authorization: Authorization | None = None
        self.transaction: Transaction | None = None

    @property
    def operative(self) -> bool:
        """Neither unavailable nor about to be."""
        return self.state != "Unavailable" and not self.scheduled_inoperative

    @property
    def free(self) -> bool:
        """Could start a transaction for whoever comes first: no fault, nobody authorized, none running."""
        return (
            self.operative
            and not self.errors
            and self.transaction is None
            and self.authorization is None
            and not self.authorizing
            and self.state in ("Available", "Preparing", "Finishing")
        )

    def step(self, event: Input) -> None:
        """Take one input through the table."""
        self.state = next_state(self.state, event)

    def status(self) -> tuple[Status, ErrorCode]:
        """The fault, if there is one, covers the state; the first error that came is the one told."""
        return ("Faulted", self.errors[0]) if self.errors else (self.state, "NoError")

    def update_power(self, now: float) -> None:
        """Energy flows only while charging without a fault; what flows is what the vehicle draws."""
        power_w = self.draw_w if self.state == "Charging" and not self.errors else 0.0
        if power_w != self.meter.power_w:
            self.meter.set_power(power_w, now)
