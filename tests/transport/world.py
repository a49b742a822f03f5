"""A core that notes what it is told, and all that a `Life` needs around it, in memory."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evsim_locust.transport.backoff import Backoff, BackoffPolicy
from evsim_locust.transport.errors import OpenFailed
from evsim_locust.transport.events import LinkClosed, OpenEnded
from evsim_locust.transport.life import Life
from evsim_locust.transport.scripted import (
    ManualClock,
    ScriptedConnection,
    ScriptedLink,
    ScriptedOpening,
    ScriptedPause,
)

NEVER = float("inf")
REFUSED = OpenFailed("tcp", "refused", kind="refused")
BOOT = b"boot"


class NotedCore:
    """A core that notes what it is told with the time, boots on connect, echoes texts, and obeys its test."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.wants_link, self.finished = True, False
        self.deadline = NEVER
        self.outbox: list[bytes] = []
        self.events: list[object] = []

    def connected(self, now: float) -> None:
        self.told.append(("connected", now))
        self.outbox.append(BOOT)

    def disconnected(self, now: float, code: str) -> None:
        self.told.append(("disconnected", now, code))
        self.events.append(f"lost {code}")

    def receive(self, text: str, now: float) -> None:
        self.told.append(("receive", now, text))
        if text == "finish":
            self.finish()
        elif text == "bug":
            raise ZeroDivisionError
        self.outbox.append(text.encode())

    def wake(self, now: float) -> None:
        self.told.append(("wake", now))
        if now >= self.deadline:
            self.deadline = NEVER
            self.events.append("deadline served")

    def next_deadline(self) -> float:
        return self.deadline

    def take_outbox(self) -> Sequence[bytes]:
        outbox, self.outbox = self.outbox, []
        return outbox

    def take_events(self) -> Sequence[object]:
        events, self.events = self.events, []
        return events

    def finish(self) -> None:
        self.finished, self.wants_link = True, False

    def want(self, wanted: bool) -> None:
        self.wants_link = wanted


class World:
    """A life with its clock, core and script; `fixed` back-off of 5 s unless told otherwise."""

    def __init__(self, policy: BackoffPolicy | None = None) -> None:
        self.clock, self.core = ManualClock(), NotedCore()
        self.published: list[object] = []
        self.pause = ScriptedPause(self.clock)
        self.link = ScriptedLink(self.clock)
        policy = policy or BackoffPolicy("fixed", min_s=5)
        backoff = Backoff(policy, random.Random(1))
        self.life = Life(self.core, self.link, backoff, self.clock, self.published.append, self.pause)

    def opens(self, *script: str | float | Exception, takes_s: float = 0.0) -> ScriptedConnection:
        connection = ScriptedConnection(self.clock, script)
        self.link.openings.append(ScriptedOpening(self.clock, connection, takes_s))
        return connection

    def fails(self, failure: OpenFailed = REFUSED, takes_s: float = 0.0) -> None:
        self.link.openings.append(ScriptedOpening(self.clock, failure, takes_s))

    def command(self, time: float, *actions) -> None:
        """What another greenlet does: act on the core, then wake the life."""

        def act() -> None:
            for action in actions:
                action()
            self.life.wake()

        self.clock.call_at(time, act)

    def run(self) -> None:
        self.life.run()
        assert self.pause.closed
        assert all(connection.closed for connection in self._links())

    def _links(self) -> list[ScriptedConnection]:
        outcomes = [opening.outcome for opening in self.link.openings if "tcp" in opening.durations]
        return [outcome for outcome in outcomes if isinstance(outcome, ScriptedConnection)]

    def opened(self) -> list[OpenEnded]:
        return [event for event in self.published if isinstance(event, OpenEnded)]

    def closed(self) -> list[LinkClosed]:
        return [event for event in self.published if isinstance(event, LinkClosed)]
