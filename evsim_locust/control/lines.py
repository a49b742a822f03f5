"""Listeners to the logs of stations: each has a bounded queue of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from gevent.event import Event

_KEPT = 1000  # lines that a slow listener may be behind


class LineQueue:
    """One listener's; what it does not take in time is lost, oldest first, and it is told how much."""

    def __init__(self, on_close: Callable[[LineQueue], None]) -> None:
        self._on_close = on_close
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._lost = 0
        self._news = Event()

    def put(self, line: str) -> None:
        """A new line; never waits."""
        self._lost += len(self._lines) == _KEPT
        self._lines.append(line)
        self._news.set()

    def get(self, timeout_s: float) -> str | None:
        """The next line; None when there was none for so long."""
        if not self._lines:
            self._news.clear()
            self._news.wait(timeout_s)
        if self._lost:
            lost, self._lost = self._lost, 0
            return f"... {lost} lines were lost, this listener is too slow"
        return self._lines.popleft() if self._lines else None

    def close(self) -> None:
        """Listen no more."""
        self._on_close(self)


class Followers:
    """Who listens to which station; `on_first` and `on_last` are told when the first comes and the last goes."""

    def __init__(self, on_first: Callable[[str], None], on_last: Callable[[str], None]) -> None:
        self._on_first, self._on_last = on_first, on_last
        self._queues: dict[str, set[LineQueue]] = {}

    def __contains__(self, station_id: str) -> bool:
        return station_id in self._queues

    def follow(self, station_id: str) -> LineQueue:
        """A new listener."""
        queue = LineQueue(lambda queue: self._leave(station_id, queue))
        first = station_id not in self._queues
        self._queues.setdefault(station_id, set()).add(queue)
        if first:
            self._on_first(station_id)
        return queue

    def put(self, station_id: str, line: str) -> None:
        """A line for all who listen to that station."""
        for queue in self._queues.get(station_id, ()):
            queue.put(line)

    def _leave(self, station_id: str, queue: LineQueue) -> None:
        queues = self._queues.get(station_id)
        if queues is None or queue not in queues:
            return
        queues.remove(queue)
        if not queues:
            del self._queues[station_id]
            self._on_last(station_id)
