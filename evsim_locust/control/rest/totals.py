"""Energy and earnings of the run."""

from __future__ import annotations

from msgspec import Struct

from evsim_locust.control.fleet import Totals
from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.swarm import Swarm


class RunTotals(Struct, frozen=True):
    """Since the run's start; earnings are energy times the price that held when it was delivered."""

    total_energy_kwh: float
    total_earnings: float
    price_per_kwh: float


def rounded(sums: Totals, price: float) -> RunTotals:
    """As they are shown; the price per kWh is that of now."""
    return RunTotals(round(sums.energy_wh / 1000, 3), round(sums.earnings, 2), round(price, 2))


def subject(swarm: Swarm) -> Subject:
    """The endpoint of the totals."""

    def totals() -> RunTotals:
        return rounded(swarm.fleet.totals, swarm.conditions().price)

    return Subject(
        "totals",
        (Endpoint(path="/totals", handle=totals, summary="Energy delivered and money earned", answer=RunTotals),),
    )
