"""The last frames of stations that somebody looks at; a station that nobody ever looked at has no log and pays nothing.

Frames are kept from the first look on, so the first look shows none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Literal

from evsim_locust.control.secret_keys import mentions_secret

Direction = Literal["sent", "received"]  # as the station sees it
Record = Callable[[Direction, str | bytes], None]
Attach = Callable[[Record | None], None]

_KEPT: Final = 20
_LONGEST: Final = 2000
_WITHHELD: Final = "(withheld: it may hold a secret)"


class FrameLog:
    """A ring of at most 20 frames, each cut at 2,000 characters; what may hold a secret is not kept."""

    __slots__ = ("_frames",)

    def __init__(self) -> None:
        self._frames: deque[tuple[Direction, str]] = deque(maxlen=_KEPT)

    def add(self, direction: Direction, text: str | bytes) -> None:
        """Keep one frame, at the cost of the oldest one."""
        shown = text if isinstance(text, str) else text.decode(errors="replace")
        if mentions_secret(shown):
            shown = _WITHHELD
        elif len(shown) > _LONGEST:
            shown = shown[:_LONGEST] + "…"
        self._frames.append((direction, shown))

    def __iter__(self) -> Iterator[tuple[Direction, str]]:
        return iter(self._frames)


class FrameLogs:
    """The logs of one process, at most `most`: the station that nobody looked at for longest loses its own."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._logs: dict[str, tuple[FrameLog, Attach]] = {}

    def of(self, station_id: str, attach: Attach) -> FrameLog:
        """The station's log; a new one is filled by what it hands to `attach`, until that is called with None."""
        known = self._logs.pop(station_id, None)
        if known is None:
            known = (FrameLog(), attach)
            attach(known[0].add)
        self._logs[station_id] = known
        if len(self._logs) > self._most:
            self.close(next(iter(self._logs)))
        return known[0]

    def close(self, station_id: str) -> None:
        """Keep no frames of it any more, as when it has ended; harmless when none were kept."""
        known = self._logs.pop(station_id, None)
        if known is not None:
            known[1](None)
