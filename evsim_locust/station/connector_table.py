"""The connector's state machine (OCPP 1.6, section 4.9), as a table: state and input give the next state.

`Faulted` is not in it: a fault covers the state while it lasts (see `connector.Connector.shown`), it is no state to
come back from. Every transition here is one of the specification's A2 to I8; a test holds the table to that list.
"""

from __future__ import annotations

from enum import Enum

from evsim_locust.station.words import Status


class Input(Enum):
    """What can happen to a connector."""

    PLUG_IN = "cable plugged in"
    PLUG_OUT = "cable taken out"
    AUTHORIZE = "tag accepted"
    GIVE_UP = "authorization ended without a transaction"
    START = "energy offered"
    SUSPEND_EV = "vehicle stops drawing"
    SUSPEND_EVSE = "station withholds energy"
    RESUME = "energy flows again"
    END = "transaction ended"
    MAKE_INOPERATIVE = "set inoperative"
    MAKE_OPERATIVE = "set operative"
    MAKE_OPERATIVE_PLUGGED = "set operative, cable in"

    __hash__ = object.__hash__  # members are unique objects; Enum's own hash runs Python code


TABLE: dict[tuple[Status, Input], Status] = {
    ("Available", Input.PLUG_IN): "Preparing",
    ("Available", Input.AUTHORIZE): "Preparing",
    ("Available", Input.MAKE_INOPERATIVE): "Unavailable",
    ("Preparing", Input.PLUG_OUT): "Available",
    ("Preparing", Input.GIVE_UP): "Available",
    ("Preparing", Input.START): "Charging",
    ("Preparing", Input.SUSPEND_EV): "SuspendedEV",
    ("Preparing", Input.SUSPEND_EVSE): "SuspendedEVSE",
    ("Charging", Input.SUSPEND_EV): "SuspendedEV",
    ("Charging", Input.SUSPEND_EVSE): "SuspendedEVSE",
    ("Charging", Input.END): "Finishing",
    ("SuspendedEV", Input.RESUME): "Charging",
    ("SuspendedEV", Input.SUSPEND_EVSE): "SuspendedEVSE",
    ("SuspendedEV", Input.END): "Finishing",
    ("SuspendedEVSE", Input.RESUME): "Charging",
    ("SuspendedEVSE", Input.SUSPEND_EV): "SuspendedEV",
    ("SuspendedEVSE", Input.END): "Finishing",
    ("Preparing", Input.END): "Finishing",
    ("Finishing", Input.PLUG_OUT): "Available",
    ("Finishing", Input.AUTHORIZE): "Preparing",
    ("Finishing", Input.MAKE_INOPERATIVE): "Unavailable",
    ("Unavailable", Input.MAKE_OPERATIVE): "Available",
    ("Unavailable", Input.MAKE_OPERATIVE_PLUGGED): "Preparing",
}


def next_state(state: Status, event: Input) -> Status:
    """The state after `event`; an input that means nothing in `state` leaves it as it is."""
    return TABLE.get((state, event), state)
