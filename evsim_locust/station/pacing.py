"""When a periodic thing happens next: each station at its own moments, or all of them in lockstep."""

from __future__ import annotations

from evsim_locust.station.core import Core

_DAY_S = 86400.0
_PASSED_S = 1e-3  # a timer may seem to fire this much early, since seconds since the epoch are rounded


def first(core: Core, period_s: float) -> float:
    """Seconds to the first of a periodic series: somewhere in the period, so that a fleet spreads over it."""
    return until_grid(core, period_s) if core.settings.lockstep else core.draws.uniform(0.0, period_s)


def until_next(core: Core, period_s: float) -> float:
    """Seconds to the next one."""
    return until_grid(core, period_s) if core.settings.lockstep else period_s


def until_grid(core: Core, period_s: float) -> float:
    """Seconds to the next whole multiple of the period on the wall clock, not counting one that is being passed now."""
    return period_s - _wall_s(core) % period_s + _PASSED_S


def until_clock_point(core: Core, interval_s: float) -> float:
    """Seconds to the next point of the grid that begins anew each midnight UTC (OCPP 1.6, section 9.1.3)."""
    into_day_s = _wall_s(core) % _DAY_S
    return min(interval_s - into_day_s % interval_s, _DAY_S - into_day_s) + _PASSED_S


def last_clock_point(core: Core, interval_s: float) -> float:
    """The point of that grid that was passed last, in seconds since the epoch."""
    wall_s = _wall_s(core)
    midnight_s = wall_s - wall_s % _DAY_S
    return midnight_s + (wall_s - midnight_s) // interval_s * interval_s


def _wall_s(core: Core) -> float:
    return core.now + core.wall_offset + _PASSED_S
