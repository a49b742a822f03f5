"""The world around the stations, apart from the price."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType, structs

from evsim_locust.behaviour.environment import Conditions
from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.swarm import Swarm

# All conditions but the price, which has endpoints of its own, so that a new condition is here as soon as it exists.
_FIELDS: Final = tuple(field for field in structs.fields(Conditions) if field.name != "price")

WhatHolds: Final = msgspec.defstruct(
    "WhatHolds",
    [(field.name, field.type) for field in _FIELDS],
    frozen=True,
    namespace={"__doc__": "The conditions that hold now; the policy is not told of what is null."},
)
WhatChanges: Final = msgspec.defstruct(
    "WhatChanges",
    [(field.name, field.type | UnsetType, UNSET) for field in _FIELDS],
    frozen=True,
    forbid_unknown_fields=True,
    namespace={"__doc__": "What is absent stays as it is; null takes it back."},
)


def subject(swarm: Swarm) -> Subject:
    """The endpoints of the environment."""

    def environment() -> Any:
        return without_price(swarm.conditions())

    def set_environment(body: Any) -> Any:
        changes = {key: value for key, value in structs.asdict(body).items() if value is not UNSET}
        return without_price(swarm.change(**changes) if changes else swarm.conditions())

    return Subject(
        "environment",
        (
            Endpoint(path="/api/v1/environment", handle=environment, summary="What holds now", answer=WhatHolds),
            Endpoint(
                method="POST",
                path="/api/v1/environment",
                handle=set_environment,
                summary="Change some of it for all stations, all of what is given or nothing",
                body=WhatChanges,
                answer=WhatHolds,
            ),
        ),
    )


def without_price(conditions: Conditions) -> Any:
    """As `WhatHolds`."""
    return WhatHolds(*(getattr(conditions, field.name) for field in _FIELDS))
