"""The price of energy."""

from __future__ import annotations

import math
from typing import Annotated

from msgspec import Meta, Struct

from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.swarm import Swarm


class Price(Struct, frozen=True, forbid_unknown_fields=True):
    """Per kWh, in the run's currency."""

    # The limits are checked below: a number that cannot be a price is refused with 400, unlike what is no number.
    price: Annotated[float, Meta(extra_json_schema={"exclusiveMinimum": 0, "maximum": 1e9})]


def subject(swarm: Swarm) -> Subject:
    """The endpoints of the price."""

    def price() -> Price:
        return Price(swarm.conditions().price)

    def set_price(body: Price) -> Price:
        if not math.isfinite(body.price) or body.price <= 0:
            raise Refused(400, f"price: a finite number above 0, not {body.price:g}")
        return Price(swarm.change(price=body.price).price)

    return Subject(
        "pricing",
        (
            Endpoint(path="/pricing", handle=price, summary="The price that holds now", answer=Price),
            Endpoint(
                method="POST",
                path="/pricing",
                handle=set_price,
                summary="Change the price for all stations, from their next decision on",
                body=Price,
                answer=Price,
            ),
        ),
    )
