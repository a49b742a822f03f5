"""What master and workers tell each other, typed: built from structs, checked when they arrive.

Each direction has types of its own: in a single process the runner hands every message to itself.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from evsim_locust.behaviour.environment import Conditions
from evsim_locust.behaviour.identity import Lease
from evsim_locust.control.fleet import Change
from evsim_locust.history.records import Batch
from evsim_locust.metrics.delta import Delta

T = TypeVar("T")
Increment = Annotated[float, Meta(ge=0.0, le=1e18)]  # a NaN would spoil the totals of the whole run


class MessageRefused(ValueError):
    """A message that does not have the shape its type promises."""


# ---- from the master


class Settings(Struct, frozen=True):
    """What holds for the whole fleet; a higher `version` replaces a lower one."""

    version: int
    conditions: Conditions


class Grant(Struct, frozen=True):
    """Ids for stations that want one, first come, first served."""

    leases: list[Lease]


class Keep(Struct, frozen=True):
    """Stop every station that is not named: its id belongs to somebody else by now."""

    station_ids: list[str]


class Ask(Struct, frozen=True, kw_only=True):
    """A question about one station; `what` is a key of the worker's table, the rest is for those who need it."""

    number: int
    what: str
    station_id: str
    action: str = ""
    parameters: dict[str, Any] = {}
    limit: int = 0
    lease: Lease | None = None


class Drain(Struct, frozen=True):
    """Stop all stations within so many seconds, then send the last statistics."""

    within_s: float


# ---- from a worker


class Hello(Struct, frozen=True):
    """A worker is there; `secret` must be the master's own."""

    secret: str = ""


class Want(Struct, frozen=True):
    """So many stations wait for an id; these ids are free again."""

    wanted: int
    released: list[str]
    secret: str = ""


class Answer(Struct, frozen=True):
    """To the question with that number: `status` is 200 or an HTTP status with `body` as the reason."""

    number: int
    status: int
    body: Any = None


class Spoken(Struct, frozen=True):
    """New lines in the logs of stations that somebody follows."""

    lines: list[tuple[str, str]]


class Drained(Struct, frozen=True):
    """All stations have ended, or the time for it is over."""

    left: int


class Written(Struct, frozen=True):
    """What the stations leave to the history."""

    batch: Batch


class Report(Struct, frozen=True):
    """Rides on Locust's own reports: what changed, what was delivered since the last one, which settings hold.

    `queued` transaction messages wait in the stations; `counted` is what was counted since the last report.
    """

    version: int
    changes: list[Change]
    energy_wh: Increment
    earnings: Increment
    queued: Annotated[int, Meta(ge=0)] = 0
    counted: Delta | None = None


NAMES: dict[type[Struct], str] = {
    Settings: "evsim.settings",
    Grant: "evsim.grant",
    Keep: "evsim.keep",
    Ask: "evsim.ask",
    Drain: "evsim.drain",
    Hello: "evsim.hello",
    Want: "evsim.want",
    Answer: "evsim.answer",
    Spoken: "evsim.spoken",
    Drained: "evsim.drained",
    Written: "evsim.written",
}


def encode(message: Struct) -> Any:
    """Plain dicts, lists and values, as Locust's messages carry them."""
    return msgspec.to_builtins(message)


def decode(data: Any, kind: type[T]) -> T:
    """The typed message; raises `MessageRefused` naming the place."""
    try:
        return msgspec.convert(data, kind)
    except (msgspec.ValidationError, ValueError) as error:
        raise MessageRefused(f"{kind.__name__}: {error}") from None
