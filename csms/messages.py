"""The last frames of all stations, as they were on the wire."""

from __future__ import annotations

from collections import deque
from itertools import count, islice
from typing import Any, Literal

from evsim_locust.ocppj import timestamps

Direction = Literal["in", "out"]  # as the central system sees it

_LARGE = 4096  # texts up to here are kept whole, whatever their number
_LARGE_TOTAL = 16 << 20  # the large ones share this many


class _Large:
    """A text that is cut to its beginning when later large ones need the room."""

    __slots__ = ("text",)

    def __init__(self, text: str | bytes) -> None:
        self.text = text


class MessageLog:
    """A ring of raw texts, bounded in frames and in bytes, numbered from 1; rendered only when read."""

    def __init__(self, max_frames: int = 10_000, max_large: int = _LARGE_TOTAL) -> None:
        self._frames: deque[tuple[int, float, str, Direction, str | bytes | _Large]] = deque(maxlen=max_frames)
        self._numbers = count(1)
        self._large: deque[_Large] = deque()
        self._large_total = 0
        self._max_large = max_large

    def add(self, now: float, station_id: str, direction: Direction, text: str | bytes) -> None:
        """Keep one text, at the cost of the oldest ones."""
        kept = text if len(text) <= _LARGE else self._hold(text)
        self._frames.append((next(self._numbers), now, station_id, direction, kept))

    def rows(self, station_id: str | None = None, after: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
        """At most `limit` frames of one station or of all with a number above `after`, oldest first."""
        wanted = (
            frame for frame in self._frames if frame[0] > after and (station_id is None or frame[2] == station_id)
        )
        return [_row(*frame) for frame in islice(wanted, limit)]

    def _hold(self, text: str | bytes) -> _Large:
        held = _Large(text)
        self._large.append(held)
        self._large_total += len(text)
        while self._large_total > self._max_large:
            oldest = self._large.popleft()
            self._large_total -= len(oldest.text)
            oldest.text = oldest.text[:_LARGE]
        return held


def _row(n: int, now: float, station_id: str, direction: Direction, kept: str | bytes | _Large) -> dict[str, Any]:
    text = kept.text if isinstance(kept, _Large) else kept
    frame = text if isinstance(text, str) else text.decode(errors="replace")
    return {"n": n, "time": timestamps.write(now), "station_id": station_id, "direction": direction, "frame": frame}
