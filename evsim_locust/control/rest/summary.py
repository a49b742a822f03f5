"""The run at a glance, once or every second."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any, Final

import gevent
import msgspec
from msgspec import Meta, Struct

from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.swarm import Swarm

_PERIOD_S: Final = 1.0


class Generator(Struct, frozen=True):
    """The health of one worker; above 90 % of its core it cannot hold its schedule."""

    worker: str
    state: str
    users: int
    cpu_percent: float
    memory_bytes: float
    schedule_lag_s: Annotated[
        float | None, Meta(description="the largest lately: what was due happened so much later; null: not known")
    ]


class Summary(Struct, frozen=True):
    """What `Swarm.summary` gives, all of it present."""

    state: Annotated[str, Meta(description="ready, spawning, running, cleanup, stopping, stopped or missing")]
    elapsed_s: Annotated[float, Meta(description="since the run's start")]
    users: int
    wanted: Annotated[int, Meta(description="how many stations there are to be, when all have been started or stopped")]
    stations: Annotated[dict[str, int], Meta(description="how many stations have which status")]
    calls_per_s: float
    calls: int
    failures: int
    p95_ms: Annotated[float | None, Meta(description="null while nothing was measured")]
    p95_last_minute_ms: Annotated[
        float | None, Meta(description="of the stations' OCPP calls, exact to 0.1 %; null: there were none")
    ]
    workers: list[Generator]


class SummaryFeed:
    """The summary as text at once and then every second; `Lines` for a live endpoint."""

    def __init__(self, swarm: Swarm) -> None:
        self._swarm = swarm
        self._due = time.monotonic()

    def get(self, timeout_s: float) -> str | None:
        """The next summary; None when it is not due for so long."""
        wait_s = self._due - time.monotonic()
        gevent.sleep(max(0.0, min(wait_s, timeout_s)))
        if wait_s > timeout_s:
            return None
        self._due = max(self._due + _PERIOD_S, time.monotonic())
        return msgspec.json.encode(self._swarm.summary()).decode()

    def close(self) -> None:
        """Nothing is held."""


def subject(swarm: Swarm) -> Subject:
    """The endpoints of the summary."""

    def summary() -> Mapping[str, Any]:
        return swarm.summary()

    def summary_live() -> SummaryFeed:
        return SummaryFeed(swarm)

    return Subject(
        "summary",
        (
            Endpoint(path="/api/v1/summary", handle=summary, summary="The run at a glance", answer=Summary),
            Endpoint(
                path="/api/v1/summary/live",
                handle=summary_live,
                summary="WebSocket: the summary as one JSON text per second",
                answer=Summary,
                live=True,
            ),
        ),
    )
