"""The stations: all of them in pages, one in depth."""

from __future__ import annotations

from typing import Annotated, Any, Final

from flask import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from evsim_locust.control.errors import Refused
from evsim_locust.control.fleet import Fleet, Row, RowStatus, Wanted
from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.rest.reading import reply
from evsim_locust.control.swarm import Swarm

_Text = Annotated[str, Meta(max_length=100)]

# What is said of a station that does not run, so that no worker has to be asked.
_ASLEEP: Final[dict[str, Any]] = {
    "connected": False,
    "connector_0": None,
    "connectors": [],
    "configuration": {},
    "queue_length": 0,
    "last_frames": [],
    "actions": [],
}


class StationRow(Struct, frozen=True):
    """A station in brief. `energy_kwh` is this session's, the last one's when there is none."""

    station_id: str
    profile: str
    running: Annotated[bool, Meta(description="its Locust user is alive")]
    status: Annotated[RowStatus, Meta(description="a connector's is that of the most active one")]
    usage_kw: float
    energy_kwh: float
    max_energy_kwh: float
    charge_if_price_below: float
    allow_peak: bool
    energy_percent: float
    worker: Annotated[str, Meta(description="the worker it runs on; `local` in a single process")]


class Station(StationRow, frozen=True):
    """A station in depth; what only a running station has is empty for one that is stopped."""

    connected: bool
    connector_0: Annotated[dict[str, Any] | None, Meta(description="the station as a whole")]
    connectors: Annotated[list[dict[str, Any]], Meta(description="status, transaction and meter of each, from 1")]
    configuration: Annotated[dict[str, str | None], Meta(description="null: a secret")]
    queue_length: Annotated[int, Meta(description="messages that wait to be delivered")]
    last_frames: list[dict[str, Any]]
    actions: Annotated[list[dict[str, Any]], Meta(description="name and parameters of each it offers")]


class Listing(Struct, frozen=True, forbid_unknown_fields=True):
    """Which stations, and in which order."""

    offset: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    q: Annotated[_Text, Meta(description="a part of the id")] = ""
    status: _Text = ""
    profile: _Text = ""
    worker: _Text = ""
    running: Annotated[bool | UnsetType, Meta(description="only those that run, or only those that do not")] = UNSET
    sort: Annotated[_Text, Meta(description="a key of the row, with - in front for descending; else by id")] = ""

    def page_of(self, fleet: Fleet) -> tuple[list[Row], int]:
        """The rows of that page, and how many fit on all pages; raises Refused."""
        running = None if self.running is UNSET else self.running
        wanted = Wanted(self.q, self.status, self.profile, self.worker, running)
        return fleet.page(self.offset, self.limit, wanted, self.sort)


def subject(swarm: Swarm) -> Subject:
    """The endpoints that show stations."""

    def stations(query: Listing) -> Response:
        rows, total = query.page_of(swarm.fleet)
        return reply([row.as_json() for row in rows], {"X-Total-Count": str(total)})

    def station(station_id: str) -> dict[str, Any]:
        row = swarm.fleet.get(station_id)
        if row is None:
            raise Refused(404, f"no station {station_id!r}")
        return {**row.as_json(), **(swarm.look(station_id) if row.running else _ASLEEP)}

    return Subject(
        "stations",
        (
            Endpoint(
                path="/stations",
                handle=stations,
                summary="Stations, page by page",
                query=Listing,
                answer=list[StationRow],
                headers={"X-Total-Count": "how many stations fit, on all pages"},
            ),
            Endpoint(
                path="/api/v1/stations/{station_id}",
                handle=station,
                summary="One station in depth",
                answer=Station,
                refusals=(504,),
            ),
        ),
    )
