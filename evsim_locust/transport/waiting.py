"""One greenlet that waits, on the hub's own terms: switched to directly, one lazy timer, no `gevent.Timeout`."""

from __future__ import annotations

from time import monotonic
from typing import Any

from gevent import getcurrent
from gevent.hub import get_hub

_NEVER = float("inf")
_CLOCK_GRAIN_S = 0.001  # libev's timers may fire this much early


class Waiter:
    """`wait` in one greenlet until it is resumed from the hub, a `wake` comes or the time is over.

    A timer per wait costs 3-5 us; so one timer is kept and set anew only when a deadline moves nearer.
    """

    __slots__ = ("_deadline", "_greenlet", "_timer", "_timer_at", "_woken", "hub")

    def __init__(self) -> None:
        self.hub = get_hub()
        self._greenlet: Any = None
        self._woken = False
        self._timer: Any = None
        self._timer_at = self._deadline = _NEVER

    def wait(self, timeout: float | None) -> Any:
        """At most `timeout` seconds (None or infinity: no limit); at once when woken before.

        Returns what `resume` was given, else None.
        """
        if self._woken:
            self._woken = False
            return None
        if self._greenlet is not None:
            raise RuntimeError("two greenlets wait for one thing")
        self._deadline = _NEVER if timeout is None else monotonic() + timeout
        if self._deadline < self._timer_at:
            self._set_timer(self._deadline - monotonic())
        self._greenlet = getcurrent()
        try:
            brought = self.hub.switch()
        finally:
            self._greenlet = None  # also when the greenlet is killed here
        self._woken = False
        return brought

    def resume(self, bring: object = None) -> bool:
        """Switch to the greenlet if it waits, whose `wait` then returns what is brought; whether it did wait.

        Only in the hub, and as the last act of a callback.
        """
        greenlet = self._greenlet
        if greenlet is None:
            return False
        self._greenlet = None
        greenlet.switch(bring)
        return True

    def wake(self) -> None:
        """End the wait, or the next one; for other greenlets of this thread."""
        self._woken = True
        if self._greenlet is not None:
            self.hub.loop.run_callback(self._resume_woken)

    def _resume_woken(self) -> None:
        """Look again: by now nobody may wait, or wait for something else."""
        if self._woken:
            self.resume()

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.close()
            self._timer = None
        self._timer_at = _NEVER

    def _set_timer(self, seconds: float) -> None:
        self.close()
        self._timer_at = self._deadline
        self._timer = self.hub.loop.timer(max(0.0, seconds))
        self._timer.start(self._on_timer)

    def _on_timer(self) -> None:
        """Look again: the deadline may have moved back since, which is cheaper than a timer for each wait."""
        self.close()
        if self._greenlet is None or self._deadline == _NEVER:
            return
        left = self._deadline - monotonic()
        if left > _CLOCK_GRAIN_S:
            self._set_timer(left)
        else:
            self._woken = True
            self.resume()
