"""How many stations there are, and which: scale, start and stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from evsim_locust.behaviour.identity import check_station_id
from evsim_locust.behaviour.suggestion import suggestion
from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import Done, Endpoint, StationId, Subject
from evsim_locust.control.swarm import Swarm

_Profile = Annotated[str | None, Meta(description="a behaviour profile; null, empty or absent: as the mix has it")]


class Scale(Struct, frozen=True, forbid_unknown_fields=True):
    """How many stations there should be; the profile is for those that are added."""

    count: Annotated[int, Meta(ge=0, le=100_000)]
    profile: _Profile = None
    spawn_rate: Annotated[float, Meta(gt=0, le=10_000, description="stations per second")] | None = None


class Start(Struct, frozen=True, forbid_unknown_fields=True):
    """A station of any valid id."""

    station_id: StationId
    profile: _Profile = None


class Stop(Struct, frozen=True, forbid_unknown_fields=True):
    """A station that runs; the profile is not needed, and is taken so that the body of a start will do."""

    station_id: str
    profile: _Profile = None


def subject(swarm: Swarm) -> Subject:
    """The endpoints that change how many stations there are; they answer at once."""

    def scale(body: Scale) -> Done:
        swarm.scale(body.count, _known(swarm, body.profile), body.spawn_rate)
        return Done()

    def start(body: Start) -> Done:
        swarm.start(check_station_id(body.station_id), _known(swarm, body.profile))
        return Done()

    def stop(body: Stop) -> Done:
        _known(swarm, body.profile)
        if swarm.fleet.get(body.station_id) is None:
            raise Refused(404, f"no station {body.station_id[:48]!r}")
        swarm.stop(body.station_id)
        return Done()

    return Subject(
        "scaling",
        (
            _post("/stations/scale", scale, Scale, "Grow or shrink to so many stations", 409),
            _post("/stations/start", start, Start, "Start one station; begins a run when none is on", 404, 409, 504),
            _post("/stations/stop", stop, Stop, "Stop one station", 404, 409, 504),
        ),
    )


def _post(path: str, handle: Callable[..., Done], body: type[Struct], summary: str, *refusals: int) -> Endpoint:
    return Endpoint(method="POST", path=path, handle=handle, body=body, summary=summary, answer=Done, refusals=refusals)


def _known(swarm: Swarm, profile: str | None) -> str:
    """The name of a profile there is, or empty; 422 for another."""
    known = swarm.profiles()
    if profile and profile not in known:
        raise Refused(422, f"profile: no profile {profile[:40]!r}; {suggestion(profile[:40], known, 'profiles')}")
    return profile or ""
