"""How many stations are how far: the counts of the whole table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

_UNLINKED: Final = frozenset(("connecting", "offline", "stopped"))
_WAITING: Final = ("Preparing", "SuspendedEV", "SuspendedEVSE")


class StationFigures(Struct, frozen=True):
    """Each station is in every count that is true of it."""

    total: Annotated[int, Meta(description="of this run, those that have ended too")]
    running: Annotated[int, Meta(description="their Locust users are alive")]
    connected: Annotated[int, Meta(description="those with a link to the central system")]
    booted: Annotated[int, Meta(description="connected, and accepted by the central system")]
    charging: int
    offline: Annotated[int, Meta(description="those that lost their link, or were told to")]
    faulted: int
    waiting: Annotated[int, Meta(description="with a vehicle or a tag there, and no energy flows")]


def figures_of(by_status: Mapping[str, int], running: int) -> StationFigures:
    """From the rows by status, and how many of them run."""
    total = sum(by_status.values())
    connected = total - sum(by_status.get(status, 0) for status in _UNLINKED)
    return StationFigures(
        total=total,
        running=running,
        connected=connected,
        booted=connected - by_status.get("booting", 0),
        charging=by_status.get("Charging", 0),
        offline=by_status.get("offline", 0),
        faulted=by_status.get("Faulted", 0),
        waiting=sum(by_status.get(status, 0) for status in _WAITING),
    )
