"""The connector's table against the specification's own list of transitions (OCPP 1.6 edition 2, section 4.9)."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from evsim_locust.station.connector_table import TABLE, Input, next_state
from evsim_locust.station.words import Status

ROWS: dict[str, Status] = {
    "A": "Available",
    "B": "Preparing",
    "C": "Charging",
    "D": "SuspendedEV",
    "E": "SuspendedEVSE",
    "F": "Finishing",
    "G": "Reserved",
    "H": "Unavailable",
    "I": "Faulted",
}
COLUMNS: dict[str, Status] = {
    "1": "Available",
    "2": "Preparing",
    "3": "Charging",
    "4": "SuspendedEV",
    "5": "SuspendedEVSE",
    "6": "Finishing",
    "7": "Reserved",
    "8": "Unavailable",
    "9": "Faulted",
}
SPECIFICATION = [
    "A2",
    "A3",
    "A4",
    "A5",
    "A7",
    "A8",
    "A9",
    "B1",
    "B3",
    "B4",
    "B5",
    "B6",
    "B9",
    "C1",
    "C4",
    "C5",
    "C6",
    "C8",
    "C9",
    "D1",
    "D3",
    "D5",
    "D6",
    "D8",
    "D9",
    "E1",
    "E3",
    "E4",
    "E6",
    "E8",
    "E9",
    "F1",
    "F2",
    "F8",
    "F9",
    "G1",
    "G2",
    "G8",
    "G9",
    "H1",
    "H2",
    "H3",
    "H4",
    "H5",
    "H9",
    "I1",
    "I2",
    "I3",
    "I4",
    "I5",
    "I6",
    "I7",
    "I8",
]
ALLOWED: frozenset[tuple[Status, Status]] = frozenset((ROWS[name[0]], COLUMNS[name[1]]) for name in SPECIFICATION)


@pytest.mark.parametrize(("key", "after"), TABLE.items(), ids=lambda value: str(value))
def test_every_transition_is_one_of_the_specification(key: tuple[Status, Input], after: Status) -> None:
    assert (key[0], after) in ALLOWED


def test_every_input_means_something_somewhere() -> None:
    assert {event for _state, event in TABLE} == set(Input)


def test_every_state_that_is_built_is_reached_and_left() -> None:
    reached, left = set(TABLE.values()), {state for state, _event in TABLE}
    assert reached == left == set(get_args(Status)) - {"Faulted", "Reserved"}


def test_what_means_nothing_changes_nothing() -> None:
    for state, event in itertools.product(ROWS.values(), Input):
        if (state, event) not in TABLE:
            assert next_state(state, event) == state


@pytest.mark.parametrize("state", ["Charging", "SuspendedEV", "SuspendedEVSE"])
def test_a_transaction_always_ends_in_finishing(state: Status) -> None:
    assert next_state(state, Input.END) == "Finishing"
