"""The run in one look: what Locust counts, what the fleet shows, how the workers are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from locust.runners import MasterRunner

from evsim_locust.control.fleet import Fleet
from evsim_locust.control.vitals import Vitals
from evsim_locust.plugin.ramp import LOCAL

Lag = Callable[[str], float | None]


def summary_of(environment: Any, fleet: Fleet, vitals: Vitals, now: float) -> dict[str, Any]:
    """Seconds, milliseconds and calls per second of the run that is on, or of the last one; `now` is monotonic."""
    runner, total = environment.runner, environment.stats.total
    on = runner.state in ("spawning", "running", "stopping", "cleanup")
    until = time.time() if on else total.last_request_timestamp or total.start_time
    return {
        "state": runner.state,
        "elapsed_s": round(max(0.0, until - total.start_time), 1) if total.num_requests or on else 0.0,
        "users": runner.user_count,
        "wanted": runner.target_user_count if runner.state in ("spawning", "running") else 0,
        "stations": fleet.by_status(),
        # Locust's is the rate before the last call, however long ago that was.
        "calls_per_s": 0.0 if vitals.is_quiet(now) else round(total.current_rps, 2),
        "calls": total.num_requests,
        "failures": total.num_failures,
        "p95_ms": total.get_response_time_percentile(0.95) if total.num_requests else None,
        "p95_last_minute_ms": vitals.p95_ms(now),
        "workers": _workers(runner, vitals.lag_s),
    }


def _workers(runner: Any, lag_s: Lag) -> list[dict[str, Any]]:
    if isinstance(runner, MasterRunner):
        return [
            _health(node.id, node.state, node.user_count, node.cpu_usage, node.memory_usage, lag_s)
            for node in runner.clients.values()
        ]
    cpu_percent, memory_bytes = runner.current_cpu_usage, runner.current_memory_usage
    return [_health(LOCAL, runner.state, runner.user_count, cpu_percent, memory_bytes, lag_s)]


def _health(worker: str, state: str, users: int, cpu_percent: float, memory_bytes: int, lag_s: Lag) -> dict[str, Any]:
    """A generator above 90 % of its core cannot hold its schedule."""
    return {
        "worker": worker,
        "state": state,
        "users": users,
        "cpu_percent": cpu_percent,
        "memory_bytes": memory_bytes,
        "schedule_lag_s": lag_s(worker),
    }
