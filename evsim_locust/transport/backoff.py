"""How long a station waits before it connects again; pure, the randomness is handed in."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal, Protocol, get_args

Kind = Literal["exponential", "fixed", "ocpp201"]
_FLOOR = 0.1  # of `min_s`: full jitter may draw 0, and a CSMS that is down must not be hammered


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """How waits grow; times in seconds; raises ValueError naming the field that is wrong.

    `exponential`: uniform in 0 .. min(`max_s`, `min_s` x 2**n), full jitter. `fixed`: always `min_s`.
    `ocpp201` (OCPP 2.0.1 part 4, section 5.3): `min_s` (RetryBackOffWaitMinimum), doubled after each failure at most
    `repeats` (RetryBackOffRepeatTimes) times, plus uniform in 0 .. `range_s` (RetryBackOffRandomRange) each time.
    """

    kind: Kind = "exponential"
    min_s: float = 1.0
    max_s: float = 60.0
    range_s: float = 10.0
    repeats: int = 5

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is {self.kind!r}, must be one of {', '.join(get_args(Kind))}")
        if not (isfinite(self.min_s) and self.min_s > 0):
            raise ValueError(f"min_s is {self.min_s}, must be a number over 0")
        if not (isfinite(self.max_s) and self.max_s >= self.min_s):
            raise ValueError(f"max_s is {self.max_s}, must be a number not below min_s ({self.min_s:g})")
        if not (isfinite(self.range_s) and self.range_s >= 0):
            raise ValueError(f"range_s is {self.range_s}, must be a number not below 0")
        if not 0 <= self.repeats <= 100:
            raise ValueError(f"repeats is {self.repeats}, must be 0 to 100")


class Uniform(Protocol):
    """The one draw that a back-off needs of a `random.Random`."""

    def uniform(self, a: float, b: float, /) -> float:
        """A number between `a` and `b`."""


class Backoff:
    """The waits of one station: `next_s` after each failure, `reset` after a success."""

    __slots__ = ("_failures", "_policy", "_rng")

    def __init__(self, policy: BackoffPolicy, rng: Uniform) -> None:
        self._policy, self._rng = policy, rng
        self._failures = 0

    def next_s(self) -> float:
        """Seconds to wait now; counts as one more failure."""
        failures, self._failures = self._failures, min(self._failures + 1, 100)
        policy = self._policy
        if policy.kind == "fixed":
            return policy.min_s
        if policy.kind == "ocpp201":
            doubled = policy.min_s * 2.0 ** min(failures, policy.repeats)
            return doubled + self._rng.uniform(0.0, policy.range_s)
        ceiling = min(policy.max_s, policy.min_s * 2.0**failures)
        return max(_FLOOR * policy.min_s, self._rng.uniform(0.0, ceiling))

    def reset(self) -> None:
        """The next wait is a first one again."""
        self._failures = 0
