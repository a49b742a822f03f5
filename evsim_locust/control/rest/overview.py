"""All that a page shows of the swarm in one answer, so that an open page asks once a second, and for nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from evsim_locust.control.figures import StationFigures, figures_of
from evsim_locust.control.fleet import Fleet
from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.rest.environment import WhatHolds, without_price
from evsim_locust.control.rest.stations import Listing, StationRow
from evsim_locust.control.rest.summary import Generator
from evsim_locust.control.rest.totals import RunTotals, rounded
from evsim_locust.control.series import Excerpt
from evsim_locust.control.swarm import Swarm

_SHARED_S: Final = 0.5  # pages that ask within so long get one summary


class Look(Listing, frozen=True, forbid_unknown_fields=True):
    """Which stations, and which points of the series."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    after: Annotated[int, Meta(ge=0, le=2**53, description="only points with higher numbers; 0: all there are")] = 0


class RunFigures(Struct, frozen=True):
    """The run and its generators, as in the summary, which says what these mean."""

    state: str
    elapsed_s: float
    wanted: int
    stations: StationFigures
    calls_per_s: float
    calls: int
    failures: int
    p95_ms: Annotated[float | None, Meta(description="of the stations' OCPP calls of the last minute")]
    workers: list[Generator]


class Overview(Struct, frozen=True):
    """The run, the money, the world, the series since `after`, and a page of stations."""

    run: RunFigures
    totals: RunTotals
    price: float
    initial_price: Annotated[float, Meta(description="what the run was started with")]
    currency: str
    environment: WhatHolds  # type: ignore[valid-type]  # made of the conditions there are
    profiles: list[str]
    statuses: Annotated[dict[str, int], Meta(description="how many stations have which status")]
    history: Annotated[bool, Meta(description="whether one is kept")]
    series: Excerpt
    rows: list[StationRow]
    total: Annotated[int, Meta(description="how many stations fit, on all pages")]


class SharedSummary:
    """The summary and the stations by status, which walk the whole table: counted anew when stations begin or end,
    and else at most twice a second, whoever asks. `clock` gives monotonic seconds."""

    def __init__(self, swarm: Swarm, clock: Callable[[], float]) -> None:
        self._swarm, self._clock = swarm, clock
        self._found: Mapping[str, Any] = {}
        self._until = 0.0
        self._stations = (-1, -1)

    def get(self, fleet: Fleet) -> Mapping[str, Any]:
        """As `Swarm.summary` gave it."""
        now, stations = self._clock(), (len(fleet), fleet.running_count)
        if now >= self._until or stations != self._stations:
            self._found = self._swarm.summary()
            self._until, self._stations = now + _SHARED_S, stations
        return self._found


def subject(swarm: Swarm, has_history: bool, clock: Callable[[], float] = time.monotonic) -> Subject:
    """The endpoint of the overview."""
    shared = SharedSummary(swarm, clock)

    def overview(query: Look) -> Mapping[str, Any]:
        fleet, conditions, terms = swarm.fleet, swarm.conditions(), swarm.price_terms()
        summary = shared.get(fleet)
        rows, total = query.page_of(fleet)
        return {
            "run": _run(summary, fleet.running_count),
            "totals": rounded(fleet.totals, conditions.price),
            "price": conditions.price,
            "initial_price": terms.initial_price,
            "currency": terms.currency,
            "environment": without_price(conditions),
            "profiles": list(swarm.profiles()),
            "statuses": summary["stations"],
            "history": has_history,
            "series": swarm.series.after(query.after),
            "rows": [row.as_json() for row in rows],
            "total": total,
        }

    return Subject(
        "overview",
        (
            Endpoint(
                path="/api/v1/overview",
                handle=overview,
                summary="All that the dashboard shows, in one answer",
                query=Look,
                answer=Overview,
            ),
        ),
    )


def _run(summary: Mapping[str, Any], running: int) -> dict[str, Any]:
    """The figures of the summary, but the p95 of now in place of the whole run's."""
    kept = {key: summary[key] for key in RunFigures.__struct_fields__}
    return {**kept, "stations": figures_of(summary["stations"], running), "p95_ms": summary["p95_last_minute_ms"]}
