"""Two endpoints joined by wires that delay, reorder, repeat and lose: what must hold however it comes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evsim_locust.ocppj.endpoint import Endpoint
from evsim_locust.ocppj.errors import ErrorCode
from evsim_locust.ocppj.events import TIMEOUT, CallEnded, CallReceived, CallRefused, FrameIgnored
from evsim_locust.ocppj.v16 import V16
from evsim_locust.ocppj.v16.messages import DataTransfer, DataTransferResponse

TIMEOUT_S = 30
PREFIX = "a-prefix-of-24-characters-"[:24]
LOST = "1006"


@dataclass
class Side:
    """One endpoint, and what the test knows of it from the wire and from its events."""

    prefix: str
    endpoint: Endpoint
    wire: list[str] = field(default_factory=list)  # texts on their way to the other side
    to_answer: list[CallReceived] = field(default_factory=list)
    called: int = 0  # tokens handed in: 0, 1, 2 ...
    ended: int = 0  # and handed back
    sent: list[str] = field(default_factory=list)  # ids of our CALLs
    sent_at: float = 0.0
    in_flight: str | None = None
    given_up: set[str] = field(default_factory=set)
    calls_seen: Counter[str] = field(default_factory=Counter)  # CALLs that reached us, by id
    answers_sent: Counter[str] = field(default_factory=Counter)


class JoinedEndpoints(RuleBasedStateMachine):
    """Rules are what owners, wires and clocks do; everything an endpoint says is checked in `settle`."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.sides = [
            Side(PREFIX[:-1] + name, Endpoint(V16, PREFIX[:-1] + name, TIMEOUT_S, answers_unreadable=name == "c"))
            for name in "sc"
        ]

    # ---- what may happen

    @rule(side=st.integers(0, 1), count=st.integers(1, 3))
    def call(self, side: int, count: int) -> None:
        for _ in range(count):
            here = self.sides[side]
            here.endpoint.call(DataTransfer(vendor_id="test", data=str(here.called)), self.now, here.called)
            here.called += 1
            self.settle(here)

    @precondition(lambda self: any(side.wire for side in self.sides))
    @rule(data=st.data(), copies=st.sampled_from([1, 1, 1, 1, 0, 2, 3]))
    def deliver(self, data: st.DataObject, copies: int) -> None:
        """Any text under way arrives once, never or several times."""
        side = data.draw(st.sampled_from([index for index in (0, 1) if self.sides[index].wire]))
        wire = self.sides[side].wire
        text = wire.pop(data.draw(st.integers(0, len(wire) - 1)))
        for _ in range(copies):
            self.arrive(self.sides[1 - side], text)

    @precondition(lambda self: any(side.to_answer for side in self.sides))
    @rule(data=st.data(), refuse=st.booleans())
    def answer(self, data: st.DataObject, refuse: bool) -> None:
        side = data.draw(st.sampled_from([side for side in self.sides if side.to_answer]))
        received = side.to_answer.pop(data.draw(st.integers(0, len(side.to_answer) - 1)))
        if refuse:
            side.endpoint.refuse(received.unique_id, ErrorCode.GENERIC_ERROR, received.request.data)
        else:
            answer = DataTransferResponse(status="Accepted", data=received.request.data)
            side.endpoint.answer(received.unique_id, answer)
        self.settle(side)

    @rule(seconds=st.sampled_from([0, 1, TIMEOUT_S - 1, TIMEOUT_S, 100]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        for side in self.sides:
            due = side.endpoint.next_deadline() <= self.now
            side.endpoint.wake(self.now)
            assert bool(self.settle(side)) == due

    @rule(keeps_what_is_under_way=st.booleans())
    def connection_breaks(self, keeps_what_is_under_way: bool) -> None:
        for side in self.sides:
            side.endpoint.disconnected(self.now, LOST)
            self.settle(side)
            assert side.endpoint.idle
            side.to_answer.clear()
            if not keeps_what_is_under_way:
                side.wire.clear()

    @rule(side=st.integers(0, 1), kind=st.sampled_from([3, 4]), number=st.integers(-1, 5))
    def forged_answer(self, side: int, kind: int, number: int) -> None:
        here = self.sides[side]
        unique_id = f"{here.prefix}{len(here.sent) + number}"
        self.arrive(here, json.dumps([3, unique_id, {}] if kind == 3 else [4, unique_id, "GenericError", "", {}]))

    @rule(
        side=st.integers(0, 1),
        text=st.sampled_from(["", "hello", "[]", "[2]", '[2,"x","Reset"]', '[2,"x","Explode",{}]', '[7,"x"]']),
    )
    def garbage(self, side: int, text: str) -> None:
        self.arrive(self.sides[side], text)

    # ---- what must hold

    @invariant()
    def nothing_is_told_twice(self) -> None:
        for side in self.sides:
            assert (side.endpoint.take_outbox(), side.endpoint.take_events()) == ((), ())

    @invariant()
    def idle_and_deadline_tell_what_is_open(self) -> None:
        for side in self.sides:
            assert side.endpoint.idle == (side.called == side.ended) == (side.in_flight is None)
            due = float("inf") if side.in_flight is None else side.sent_at + TIMEOUT_S
            assert side.endpoint.next_deadline() == due

    def teardown(self) -> None:
        self.connection_breaks(False)
        for side in self.sides:
            assert side.called == side.ended

    # ---- reading along

    def arrive(self, side: Side, text: str) -> None:
        """Hand a text over and check what the endpoint makes of it against what we know."""
        try:
            frame = json.loads(text)
        except ValueError:
            frame = []
        kind, unique_id = (frame[0], frame[1]) if len(frame) >= 2 else (None, None)
        if kind == 2:
            side.calls_seen[unique_id] += 1
        wanted = self.verdict_on_answer(side, unique_id) if kind in (3, 4) else None
        side.endpoint.receive(text, self.now)
        (event,) = self.settle(side)
        if wanted is not None:
            assert (event.kind if isinstance(event, FrameIgnored) else type(event)) == wanted
        if isinstance(event, CallReceived):
            side.to_answer.append(event)

    @staticmethod
    def verdict_on_answer(side: Side, unique_id: str) -> object:
        if unique_id == side.in_flight:
            return CallEnded
        if unique_id in side.given_up:
            side.given_up.remove(unique_id)
            return "LateAnswer"
        return "DuplicateAnswer" if unique_id in side.sent else "UnknownAnswer"

    def settle(self, side: Side) -> list[Any]:
        """Take what the endpoint says; events happened before the texts that follow from them."""
        events = list(side.endpoint.take_events())
        for event in events:
            if isinstance(event, CallEnded):
                self.call_ended(side, event)
            else:
                assert isinstance(event, (CallReceived, CallRefused, FrameIgnored))
        for text in side.endpoint.take_outbox():
            self.text_sent(side, text.decode())
        return events

    def call_ended(self, side: Side, event: CallEnded) -> None:
        assert event.token == side.ended, "in the order they were made, each once"
        side.ended += 1
        assert event.request.data == str(event.token)
        if event.latency_s is None:
            assert (event.error, side.in_flight) == (LOST, None)
            return
        assert side.in_flight is not None
        assert event.latency_s == self.now - side.sent_at
        if event.error in (TIMEOUT, LOST):
            side.given_up.add(side.in_flight)
        if event.answer is not None:
            assert event.answer.data == event.request.data, "the answer to another question"
        elif event.by_peer and event.description:
            assert event.description == event.request.data, "the refusal of another question"
        side.in_flight = None

    def text_sent(self, side: Side, text: str) -> None:
        kind, unique_id, *rest = json.loads(text)
        assert len(unique_id) <= 36
        if kind == 2:
            assert side.in_flight is None, "a second CALL in flight"
            assert unique_id not in side.sent
            assert rest[1]["data"] == str(side.ended), "not the oldest one"
            side.in_flight, side.sent_at = unique_id, self.now
            side.sent.append(unique_id)
        elif unique_id != "-1":
            side.answers_sent[unique_id] += 1
            assert side.answers_sent[unique_id] <= side.calls_seen[unique_id]
        side.wire.append(text)


TestJoinedEndpoints = JoinedEndpoints.TestCase
TestJoinedEndpoints.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
