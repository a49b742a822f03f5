"""Everything the transport raises."""

from __future__ import annotations

from typing import Literal

Stage = Literal["dns", "tcp", "tls", "http", "subprotocol"]
Kind = Literal[
    "",
    "aborted",
    "certificate",
    "closed",
    "malformed",
    "no descriptor",
    "no local address",
    "refused",
    "reset",
    "timeout",
    "unreachable",
]


class TransportError(Exception):
    """The root: catch this one."""


class OpenFailed(TransportError):
    """No WebSocket came to be.

    `stage` is how far the opening got, `status` the HTTP status if one came, `kind` one word for what went wrong.
    `detail` may quote the peer: escape it where it is shown.
    """

    def __init__(self, stage: Stage, detail: str, status: int | None = None, kind: Kind = "") -> None:
        super().__init__(f"{stage}: {detail}")
        self.stage, self.detail, self.status, self.kind = stage, detail, status, kind

    @property
    def label(self) -> str:
        """A short text for statistics; a peer cannot invent new ones."""
        if self.kind == "aborted":
            return "aborted"
        if self.stage == "http" and self.status is not None and self.status != 101:
            return f"http {self.status}" if 100 <= self.status <= 599 else "http malformed"
        return f"{self.stage} {self.kind}".rstrip()


class Disconnected(TransportError):
    """The WebSocket is gone; `code` is the close code, 1006 when no close frame came.

    `by_us` is true when this side ended it, because it wanted to or because the peer broke the rules.
    """

    def __init__(self, code: int, reason: str, by_us: bool = False) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason, self.by_us = code, reason, by_us


class PeerNotReading(Disconnected):
    """The peer took nothing while more than the limit waited to be sent."""
