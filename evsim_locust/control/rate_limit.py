"""How often something may be done; pure."""

from __future__ import annotations


class RateLimit:
    """A token bucket: `per_s` a second in the long run, `burst` at once. Times are monotonic seconds."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s, self._burst = per_s, burst
        self._left = float(burst)
        self._filled_at: float | None = None

    def take(self, now: float) -> bool:
        """Whether it may be done now; if so, it counts."""
        if self._filled_at is not None:
            self._left = min(self._burst, self._left + max(0.0, now - self._filled_at) * self._per_s)
        self._filled_at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
