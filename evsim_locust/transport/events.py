"""What happens to a link: frozen facts for statistics and logs."""

from __future__ import annotations

from msgspec import Struct


class OpenEnded(Struct, frozen=True, gc=False):
    """An attempt to open a WebSocket came to its end; `error` is None or `OpenFailed.label`.

    `phases` holds the seconds each phase took, as far as it got: dns, tcp, tls, http. `detail` may quote the peer.
    """

    error: str | None
    duration_s: float
    phases: dict[str, float] = {}
    detail: str = ""


class LinkClosed(Struct, frozen=True, gc=False):
    """A WebSocket is gone; `code` is the close code, 1006 when no close frame came; `reason` may be the peer's."""

    code: int
    reason: str
    by_us: bool
    lived_s: float


Event = OpenEnded | LinkClosed
