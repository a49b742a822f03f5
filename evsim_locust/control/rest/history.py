"""What runs have left behind of a station, and which runs there were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from evsim_locust.control.archive import Archive, SessionFilter, kept
from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import Endpoint, Moment, Subject
from evsim_locust.control.swarm import Swarm

_Limit = Annotated[int, Meta(ge=0, le=10_000)]


class Depth(Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a station's past, at most."""

    limit_logs: _Limit = 200
    limit_snapshots: _Limit = 200


class StoredLine(Struct, frozen=True):
    """A line of a station's log."""

    timestamp: Moment
    station_id: str
    message: str


class EnergySnapshot(Struct, frozen=True):
    """Energy delivered so far in a session, at a meter sample."""

    timestamp: Moment
    station_id: str
    energy_delivered_kwh: float


class StationHistory(Struct, frozen=True):
    """Newest first."""

    station_id: str
    logs: list[StoredLine]
    energy_snapshots: list[EnergySnapshot]


class Run(Struct, frozen=True):
    """A run; `stopped_at` is null while it is on, and when it was cut off."""

    id: str
    started_at: Moment
    stopped_at: Moment | None
    sessions: int


def subject(swarm: Swarm, archive: Archive | None) -> Subject:
    """The endpoints of the history, apart from sessions; without an archive they say that there is none."""

    def history(station_id: str, query: Depth) -> Mapping[str, Any]:
        # At least one of each is asked for: it also tells whether the station is known.
        found = kept(archive).station(station_id, max(query.limit_logs, 1), max(query.limit_snapshots, 1))
        logs, snapshots = found["logs"], found["energy_snapshots"]
        if not (logs or snapshots or swarm.fleet.get(station_id) or _has_sessions(kept(archive), station_id)):
            raise Refused(404, f"no station {station_id!r}")
        return {
            "station_id": station_id,
            "logs": logs[: query.limit_logs],
            "energy_snapshots": snapshots[: query.limit_snapshots],
        }

    def runs() -> Any:
        return kept(archive).runs()

    return Subject(
        "history",
        (
            Endpoint(
                path="/api/v1/history/{station_id}",
                handle=history,
                summary="Log and energy of a station, over all runs",
                query=Depth,
                answer=StationHistory,
                refusals=(504,),
            ),
            Endpoint(
                path="/api/v1/runs",
                handle=runs,
                summary="All runs, newest first",
                answer=list[Run],
                refusals=(404, 504),
            ),
        ),
    )


def _has_sessions(archive: Archive, station_id: str) -> bool:
    return bool(archive.sessions(SessionFilter(limit=1, station_id=station_id)))
