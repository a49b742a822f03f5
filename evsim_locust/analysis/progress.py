"""A line on stderr that tells how far long work is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TextIO

_QUIET_S: Final = 2.0  # short work is over before anyone would ask
_TERMINAL_S: Final = 0.2
_FILE_S: Final = 10.0


class Progress:
    """Says nothing in the first two seconds; then rewrites one line on a terminal, and adds few lines to a file."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._rewrites = stream.isatty()
        self._began = clock()
        self._next = self._began + _QUIET_S
        self._width = 0

    def show(self, work: str, done: int, of: int) -> None:
        """`done` of `of` pieces of this work are finished."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + (_TERMINAL_S if self._rewrites else _FILE_S)
        text = f"{work}: {done:,} of {of:,} ({_percent(done, of)} %), {now - self._began:.0f} s"
        if self._rewrites:
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Wipe the line from a terminal."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0


def _percent(done: int, of: int) -> int:
    return 100 * min(done, of) // of if of else 100
