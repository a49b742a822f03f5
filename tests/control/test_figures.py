"""Which counts a status belongs to."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from evsim_locust.control.figures import figures_of
from evsim_locust.control.fleet import RowStatus
from evsim_locust.station.words import Status

ALONE = {"connecting": set(), "stopped": set(), "offline": {"offline"}, "booting": {"connected"}}
MORE = {
    "Charging": {"charging"},
    "Faulted": {"faulted"},
    "Preparing": {"waiting"},
    "SuspendedEV": {"waiting"},
    "SuspendedEVSE": {"waiting"},
}


@pytest.mark.parametrize("status", [*ALONE, *get_args(Status)])
def test_each_status_counts_where_it_is_true(status: str) -> None:
    counts = msgspec.to_builtins(figures_of({status: 3}, running=2))
    assert (counts.pop("total"), counts.pop("running")) == (3, 2)
    expected = ALONE.get(status, {"connected", "booted"} | MORE.get(status, set()))
    assert {name for name, count in counts.items() if count == 3} == expected
    assert set(counts.values()) <= {0, 3}


def test_every_status_that_a_row_may_have_is_known_here() -> None:
    statuses = {word for part in get_args(RowStatus) for word in (get_args(part) or (part,))}
    assert statuses == {*ALONE, *get_args(Status)}


def test_they_add_up() -> None:
    counts = figures_of({"Charging": 2, "booting": 3, "offline": 4, "stopped": 5}, running=9)
    assert (counts.total, counts.connected, counts.booted, counts.charging, counts.offline) == (14, 5, 2, 2, 4)
    assert figures_of({}, 0) == msgspec.convert(dict.fromkeys(counts.__struct_fields__, 0), type(counts))
