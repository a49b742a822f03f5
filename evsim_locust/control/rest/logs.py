"""The log of a station: its last lines, and every new one."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.swarm import Lines, Swarm


class HowMany(Struct, frozen=True, forbid_unknown_fields=True):
    """How many lines at most."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 50


class StationLogs(Struct, frozen=True):
    """`logs` are `[HH:MM:SS] text`, newest last."""

    station_id: str
    logs: list[str]
    count: int


def subject(swarm: Swarm) -> Subject:
    """The endpoints of logs."""

    def logs(station_id: str, query: HowMany) -> StationLogs:
        lines = list(swarm.lines(station_id, query.limit))
        return StationLogs(station_id, lines, len(lines))

    def logs_live(station_id: str) -> Lines:
        return swarm.follow(station_id)

    return Subject(
        "logs",
        (
            Endpoint(
                path="/stations/{station_id}/logs",
                handle=logs,
                summary="The last lines of a station's log",
                query=HowMany,
                answer=StationLogs,
                refusals=(504,),
            ),
            Endpoint(
                path="/stations/{station_id}/logs/live",
                handle=logs_live,
                summary="WebSocket: one text per new line of a station's log",
                answer=str,
                refusals=(504,),
                live=True,
            ),
        ),
    )
