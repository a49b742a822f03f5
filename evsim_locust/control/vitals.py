"""How the run goes from moment to moment, as the workers' reports tell it: recent calls, lag of schedules, the series.

All times are monotonic seconds.
"""

from __future__ import annotations

from typing import Final

from evsim_locust.control.series import Point, Series
from evsim_locust.metrics.delta import Delta
from evsim_locust.metrics.recent import Recent

_CALLS: Final = "OCPP"
_QUIET_S: Final = 12.0  # Locust's rate is that of the ten seconds that end two before the last call


class Vitals:
    """One run's, on the master or in a single process."""

    def __init__(self) -> None:
        self.series = Series()
        self._recent = Recent()
        self._lag_s: dict[str, float] = {}
        self._began_at: float | None = None
        self._called_at: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether a run has begun and not ended."""
        return self._began_at is not None

    def begin(self, now: float) -> None:
        """A new run."""
        self.series.begin()
        self._recent.forget()
        self._lag_s.clear()
        self._began_at, self._called_at = now, None

    def end(self) -> None:
        """The run is over: no schedule is held any more; the series stays to be seen."""
        self._began_at = None
        self._lag_s.clear()

    def lost(self, worker: str) -> None:
        """A worker is gone."""
        self._lag_s.pop(worker, None)

    def reported(self, worker: str, counted: Delta, now: float) -> None:
        """What a worker has counted since its last report."""
        if counted.rows:
            self._called_at = now
        for row in counted.rows:
            if row.kind == _CALLS and row.latency is not None:
                self._recent.add(now, row.latency)
        if counted.lag is not None and self.is_on:  # a run's last report comes after its end
            self._lag_s[worker] = counted.lag.max_s

    def sample(self, now: float, power_kw: float, calls_per_s: float, connected: int) -> None:
        """A new point of the series, if a run is on."""
        if self._began_at is not None:
            at_s = round(now - self._began_at, 1)
            self.series.add(Point(at_s, round(power_kw, 3), calls_per_s, self.p95_ms(now), connected))

    def p95_ms(self, now: float) -> float | None:
        """Of the stations' calls that were answered or timed out in the last minute; None when there were none."""
        seconds = self._recent.quantile(now, 0.95)
        return None if seconds is None else round(seconds * 1000.0, 3)

    def lag_s(self, worker: str) -> float | None:
        """The largest lag of its schedule in the last report that told of any; None before the first one."""
        return self._lag_s.get(worker)

    def is_quiet(self, now: float) -> bool:
        """Whether nothing was called for so long that a rate of the last ten seconds is nothing."""
        return self._called_at is None or now - self._called_at > _QUIET_S
