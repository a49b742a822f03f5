"""What an endpoint tells its owner: frozen facts, in the order they happened."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

TIMEOUT = "Timeout"


class CallReceived(Struct, frozen=True, gc=False):
    """The peer's valid CALL, waiting for `Endpoint.answer` or `Endpoint.refuse`."""

    unique_id: str
    action: str
    request: Any


class CallRefused(Struct, frozen=True, gc=False):
    """The peer's bad CALL; a CALLERROR with `code` is already in the outbox."""

    action: str
    code: str
    description: str


class CallEnded(Struct, frozen=True, gc=False):
    """Our CALL came to its end.

    `answer` is the typed payload, or None with `error`: an OCPP error code, `Timeout`, or the close code when the
    connection went. `latency_s` is seconds since it was sent, None when it never was. `size` is the answer's length
    in characters. `token` is what the caller gave. `by_peer` is true for a CALLERROR, the peer's own verdict.
    """

    action: str
    request: Any
    answer: Any
    error: str | None
    description: str
    latency_s: float | None
    size: int
    token: Any
    by_peer: bool = False


class FrameIgnored(Struct, frozen=True, gc=False):
    """A text that changed nothing, under its own name."""

    kind: Literal["LateAnswer", "DuplicateAnswer", "UnknownAnswer", "MalformedFrame", "UnknownMessageType"]
    detail: str


Event = CallReceived | CallRefused | CallEnded | FrameIgnored
