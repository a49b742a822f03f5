"""A `Life` on real links: the whole way, woken from other greenlets, and killed at every point."""

from __future__ import annotations

import random
from collections.abc import Sequence
from time import monotonic

import gevent
import pytest

from evsim_locust.transport.backoff import Backoff, BackoffPolicy
from evsim_locust.transport.events import LinkClosed, OpenEnded
from evsim_locust.transport.life import Life
from evsim_locust.transport.opening import Opening
from evsim_locust.transport.target import target_of

from .hostile import close_frame, frame, unmasked

pytestmark = pytest.mark.usefixtures("nothing_left")


class Caller:
    """A core that sends one text on connect and keeps what it receives."""

    def __init__(self) -> None:
        self.wants_link, self.finished = True, False
        self.received: list[str] = []
        self.outbox: list[bytes] = []
        self.codes: list[str] = []

    def connected(self, now: float) -> None:
        self.outbox.append(b"hello")

    def disconnected(self, now: float, code: str) -> None:
        self.codes.append(code)

    def receive(self, text: str, now: float) -> None:
        self.received.append(text)
        if text == "finish":
            self.finish()

    def finish(self) -> None:
        self.finished, self.wants_link = True, False

    def wake(self, now: float) -> None:
        pass

    def next_deadline(self) -> float:
        return float("inf")

    def take_outbox(self) -> Sequence[bytes]:
        outbox, self.outbox = self.outbox, []
        return outbox

    def take_events(self) -> Sequence[object]:
        return ()


class Running:
    """A life in its greenlet."""

    def __init__(self, *targets, min_s: float = 0.02) -> None:
        self.core, self.published = Caller(), []
        left = list(targets)
        backoff = Backoff(BackoffPolicy("fixed", min_s=min_s), random.Random(1))
        self.life = Life(
            self.core, lambda: Opening(left.pop(0), timeout_s=30), backoff, monotonic, self.published.append
        )
        self.greenlet = gevent.spawn(self.life.run)

    def until(self, condition) -> None:
        with gevent.Timeout(5):
            while not condition():
                gevent.sleep(0.005)

    def finish(self) -> None:
        self.core.finish()
        self.life.wake()
        self.greenlet.get(timeout=5)

    def events(self, kind: type) -> list:
        return [event for event in self.published if type(event) is kind]


def hang(peer):
    gevent.sleep(30)


def test_the_whole_way(world):
    got = []

    def restart(peer):
        got.append(unmasked(peer.recv(100)))
        peer.sendall(frame(b"a") + close_frame(1012))

    def finish(peer):
        got.append(unmasked(peer.recv(100)))
        peer.sendall(frame(b"finish"))
        got.append(unmasked(peer.recv(100)))
        peer.sendall(close_frame(1000))

    unauthorized = world.serve(http="HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
    running = Running(unauthorized.target, world.serve(restart).target, world.serve(finish).target)
    running.greenlet.get(timeout=5)
    assert got == [(1, b"hello"), (1, b"hello"), (8, (1000).to_bytes(2, "big"))]
    assert running.core.received == ["a", "finish"]
    assert running.core.codes == ["1012", "1000"]
    assert [event.error for event in running.events(OpenEnded)] == ["http 401", None, None]
    assert [(event.code, event.by_us) for event in running.events(LinkClosed)] == [(1012, False), (1000, True)]


def test_a_command_reaches_the_wire_at_once(world):
    def echo(peer):
        while True:
            peer.sendall(frame(unmasked(peer.recv(100))[1]))

    running = Running(world.serve(echo).target)
    running.until(lambda: running.core.received == ["hello"])
    running.core.outbox.append(b"commanded")
    running.life.wake()
    running.until(lambda: running.core.received == ["hello", "commanded"])
    running.finish()
    assert running.core.codes == ["1000"]


def test_finish_aborts_an_opening_that_hangs(world):
    running = Running(world.serve(hang, http="").target)
    gevent.sleep(0.1)
    began = monotonic()
    running.finish()
    assert monotonic() - began < 2
    assert [event.error for event in running.events(OpenEnded)] == ["aborted"]


def test_finish_ends_a_back_off(plain_world):
    running = Running(target_of("ws://127.0.0.1:1", "X"), min_s=30)
    running.until(lambda: running.published)
    began = monotonic()
    running.finish()
    assert monotonic() - began < 2


@pytest.mark.parametrize("point", ["opening", "link", "back-off", "offline", "closing"])
def test_a_kill_at_any_point_gives_all_back(world, point):
    server = world.serve(hang, **({"http": ""} if point == "opening" else {}))
    running = Running(target_of("ws://127.0.0.1:1", "X") if point == "back-off" else server.target, min_s=30)
    if point == "offline":
        running.core.wants_link = False
    gevent.sleep(0.1)
    if point == "closing":
        running.core.finished = True
        running.life.wake()
        gevent.sleep(0.05)
    assert not running.greenlet.ready()
    running.greenlet.kill(timeout=5)
    assert running.greenlet.ready()
    server.close()


def test_pings_end_a_silent_link(world):
    running = Running(world.serve(hang).target, min_s=30)
    running.until(lambda: running.events(OpenEnded))
    running.life.ping_every(0.05)
    running.until(lambda: running.events(LinkClosed))
    closed = running.events(LinkClosed)[0]
    assert (closed.code, closed.reason, closed.by_us) == (1006, "ping timeout", True)
    running.finish()
