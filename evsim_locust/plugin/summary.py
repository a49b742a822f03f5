"""The run in one look: what Locust counts, what the fleet shows, how the workers are."""

from __future__ import annotations

import time
from typing import Any

from locust.runners import MasterRunner

from evsim_locust.control.fleet import Fleet


def summary_of(environment: Any, fleet: Fleet) -> dict[str, Any]:
    """Seconds, milliseconds and calls per second of the run that is on, or of the last one."""
    runner, total = environment.runner, environment.stats.total
    on = runner.state in ("spawning", "running", "stopping", "cleanup")
    until = time.time() if on else total.last_request_timestamp or total.start_time
    return {
        "state": runner.state,
        "elapsed_s": round(max(0.0, until - total.start_time), 1) if total.num_requests or on else 0.0,
        "users": runner.user_count,
        "stations": fleet.by_status(),
        "calls_per_s": round(total.current_rps, 2),
        "calls": total.num_requests,
        "failures": total.num_failures,
        "p95_ms": total.get_response_time_percentile(0.95) if total.num_requests else None,
        "workers": _workers(runner),
    }


def _workers(runner: Any) -> list[dict[str, Any]]:
    if isinstance(runner, MasterRunner):
        return [
            _health(node.id, node.state, node.user_count, node.cpu_usage, node.memory_usage)
            for node in runner.clients.values()
        ]
    return [_health("local", runner.state, runner.user_count, runner.current_cpu_usage, runner.current_memory_usage)]


def _health(worker: str, state: str, users: int, cpu_percent: float, memory_bytes: int) -> dict[str, Any]:
    """A generator above 90 % of its core cannot hold its schedule."""
    return {
        "worker": worker,
        "state": state,
        "users": users,
        "cpu_percent": cpu_percent,
        "memory_bytes": memory_bytes,
    }
