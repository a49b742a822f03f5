"""What goes wrong with the network, and when; `station_id` None means all stations there are at that time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from evsim_locust.simulation.line import Line


class CutLink(Struct, frozen=True):
    """The link is gone without a close frame; what was on its way is lost, and each end learns of it separately.

    With `unnoticed_s` seconds the central system may still believe in the old link when the station is back.
    """

    at_s: float
    station_id: str | None = None
    unnoticed_s: float = 0.0


class RefuseLinks(Struct, frozen=True):
    """Attempts to connect fail for a while; links that are up stay."""

    at_s: float
    for_s: float
    station_id: str | None = None


class LoseAnswers(Struct, frozen=True):
    """The central system's next `count` CALLRESULTs on the link there is never arrive; the link stays up."""

    at_s: float
    count: int = 1
    station_id: str | None = None


Fault = CutLink | RefuseLinks | LoseAnswers

STRIKES: dict[type, Callable[[Line, Any], None]] = {
    CutLink: lambda line, fault: line.cut(fault.unnoticed_s),
    RefuseLinks: lambda line, fault: line.refuse(fault.for_s),
    LoseAnswers: lambda line, fault: line.lose_answers(fault.count),
}
