"""Scripts: what people and cars do at a connector, written top to bottom as generators that yield what they wait for.

The kernel is a page long because a script only ever waits for a moment or for a fact that the station tells. simpy
was the alternative: it does the same at 3 KiB a station, where a sleeping driver costs 1.2 KiB.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from evsim_locust.station.events import AuthorizationEnded, MeterSampled, TransactionStarted, TransactionStopped

NEVER = float("inf")
ConnectorEvent = AuthorizationEnded | MeterSampled | TransactionStarted | TransactionStopped
CONNECTOR_EVENTS = frozenset((AuthorizationEnded, MeterSampled, TransactionStarted, TransactionStopped))


class Wait(NamedTuple):
    """Go on at `until` (monotonic seconds) or when a fact of one of the types in `facts` is told, if that is sooner."""

    until: float
    facts: tuple[type[ConnectorEvent], ...] = ()


Script = Generator[Wait, ConnectorEvent | None, None]


class Running:
    """One script at one connector, with what it waits for."""

    __slots__ = ("_script", "connector_id", "facts", "until")

    def __init__(self, script: Script, connector_id: int) -> None:
        self._script = script
        self.connector_id = connector_id
        self.until, self.facts = next(script)

    def wants(self, event: ConnectorEvent) -> bool:
        """Whether the script waits for this fact, about its own connector."""
        return type(event) in self.facts and event.connector_id == self.connector_id

    def resume(self, event: ConnectorEvent | None) -> None:
        """Go on, with the fact or because the time has come; a script that has ended waits for ever."""
        try:
            self.until, self.facts = self._script.send(event)
        except StopIteration:
            self.until, self.facts = NEVER, ()
