"""The end of a run: no transaction is left open, and no answer waited for longer than was asked."""

from __future__ import annotations

from evsim_locust.station import charging, registration
from evsim_locust.station.core import Core, Timer
from evsim_locust.station.events import MessageDropped


def begin(core: Core, within_s: float) -> None:
    """Stop all transactions and go on until everything is answered; a wish to be offline is over."""
    if core.shutting_down:
        return
    core.shutting_down = True
    core.offline_wish = core.resetting = False
    core.clear_timer(Timer.RESET)
    registration.catch_up(core)
    core.log("Station shutting down")
    core.set_timer(Timer.SHUT_DOWN, within_s)
    for connector in core.own_connectors:
        if connector.transaction is not None:
            charging.stop(core, connector, "Local")


def go_on(core: Core) -> None:
    """Finish if nothing is left to wait for."""
    if core.shutting_down and not core.finished and core.delivery.empty and core.endpoint.idle:
        finish(core)


def finish(core: Core, _connector_id: int = 0) -> None:
    """Nothing more will be sent; what was not delivered is told as dropped."""
    core.finished = True
    core.clear_timers()
    for message in core.delivery.drop_all():
        core.emit(MessageDropped(type(message.request).__name__, "not answered before the end"))
