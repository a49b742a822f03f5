"""Things a driver, a vehicle or a fitter does to a station."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from evsim_locust.control.rest.endpoint import Done, Endpoint, Subject
from evsim_locust.control.swarm import Swarm

# Workers are told of them in msgpack, which has no larger numbers.
_Integer = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Parameters = Annotated[
    dict[str, bool | _Integer | float | str | None],
    Meta(description="the action's parameters; connector_id defaults to 1", max_length=100),
]


def subject(swarm: Swarm) -> Subject:
    """The endpoint of actions."""

    def act(station_id: str, action: str, body: dict[str, Any]) -> Done:
        swarm.act(station_id, action, body)
        return Done()

    return Subject(
        "actions",
        (
            Endpoint(
                method="POST",
                path="/api/v1/stations/{station_id}/actions/{action}",
                handle=act,
                summary="Do something to a station; 200 says that it took the command, GET it for the effect",
                body=Parameters,
                body_may_be_empty=True,
                answer=Done,
                refusals=(409, 504),
            ),
        ),
    )
