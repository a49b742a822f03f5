"""Waiting, waking and being killed while waiting."""

from __future__ import annotations

import _socket
from time import monotonic

import gevent
import gevent.event
import pytest

from evsim_locust.transport.connection import Connection
from evsim_locust.transport.waiting import Waiter

from .hostile import ending, frame, unmasked

SLACK_S = 0.5  # the machine may be busy; nothing here is about speed


def quiet(peer):
    gevent.sleep(5)


def test_a_wake_ends_receive(world):
    _, connection = world.opened(quiet)
    began = monotonic()
    gevent.spawn_later(0.1, connection.wake)
    assert connection.receive(5) is None
    assert 0.08 < monotonic() - began < 0.1 + SLACK_S


def test_wakes_are_kept_once(world):
    _, connection = world.opened(quiet)
    connection.wake()
    connection.wake()
    began = monotonic()
    assert connection.receive(5) is None
    assert monotonic() - began < SLACK_S
    began = monotonic()
    assert connection.receive(0.1) is None
    assert monotonic() - began > 0.08


def test_a_wake_that_comes_late_switches_to_nobody(world):
    go = gevent.event.Event()

    def script(peer):
        go.wait()
        peer.sendall(frame(b"a"))
        gevent.sleep(5)

    _, connection = world.opened(script)
    gevent.spawn(connection.wake)
    gevent.spawn(connection.wake)
    assert connection.receive(1) is None
    go.set()
    assert connection.receive(1) == "a"


def test_deadlines_may_move_both_ways(world):
    _, connection = world.opened(quiet)
    gevent.spawn_later(0.01, connection.wake)
    assert connection.receive(2.0) is None
    for timeout in (0.05, 0.2, 0.1, 0.3, 0.02, 0.0, -1.0):
        began = monotonic()
        assert connection.receive(timeout) is None
        assert max(timeout, 0) - 0.003 <= monotonic() - began < max(timeout, 0) + SLACK_S


def test_infinity_and_none_wait_for_the_peer(world):
    def script(peer):
        gevent.sleep(0.05)
        peer.sendall(frame(b"a"))
        gevent.sleep(0.05)
        peer.sendall(frame(b"b"))

    _, connection = world.opened(script)
    assert connection.receive(float("inf")) == "a"
    assert connection.receive(None) == "b"


def test_a_greenlet_killed_while_it_waits_can_be_followed_by_another(world):
    _, connection = world.opened(quiet)
    waiting = gevent.spawn(connection.receive, 5)
    gevent.sleep(0.02)
    waiting.kill()
    assert connection.receive(0.02) is None
    connection.wake()
    gevent.sleep(0.02)
    assert connection.receive(1) is None


def test_two_greenlets_cannot_wait_for_one_connection(plain_world):
    _, connection = plain_world.opened(quiet)
    first = gevent.spawn(connection.receive, 1)
    gevent.sleep(0.02)
    with pytest.raises(RuntimeError, match="two greenlets"):
        connection.receive(1)
    connection.wake()
    first.get(timeout=1)


def test_the_waiter_without_a_connection():
    waiter = Waiter()
    began = monotonic()
    waiter.wait(0.05)
    assert monotonic() - began > 0.045
    gevent.spawn_later(0.01, waiter.wake)
    waiter.wait(5)
    assert monotonic() - began < 2
    waiter.close()


@pytest.mark.usefixtures("nothing_left")
def test_a_closed_waiter_leaves_no_timer():
    waiter = Waiter()
    waiter.wake()
    waiter.wait(60)
    gevent.spawn_later(0.01, waiter.wake)
    began = monotonic()
    waiter.wait(60)  # sets the timer
    assert monotonic() - began < 10
    waiter.close()


class BrokenSocket:
    """A socket with a bug: its `recv` raises what no socket raises."""

    def __init__(self, sock) -> None:
        self._sock = sock
        self.fileno, self.close = sock.fileno, sock.close

    def recv(self, size):
        return 1 / 0


def test_a_bug_in_a_callback_reaches_the_station_with_its_traceback():

    ours, theirs = _socket.socketpair()
    ours.setblocking(False)
    connection = Connection(BrokenSocket(ours))
    theirs.send(b"x")
    with pytest.raises(ZeroDivisionError) as raised:
        connection.receive(2)
    assert raised.traceback[-1].name == "recv"
    theirs.close()


def test_a_ping_is_sent_at_each_interval_and_a_pong_keeps_the_link(world):
    got = []

    def script(peer):
        for _ in range(4):
            opcode, payload = unmasked(peer.recv(100))
            got.append(opcode)
            peer.sendall(frame(payload, 10))
        peer.sendall(frame(b"enough"))
        gevent.sleep(1)

    _, connection = world.opened(script)
    began = monotonic()
    connection.ping_every(0.05)
    assert connection.receive(5) == "enough"
    assert got == [9, 9, 9, 9]
    assert monotonic() - began > 0.19


def test_a_missing_pong_ends_the_link(world):
    def script(peer):
        while True:
            peer.sendall(frame(b"texts are no pongs"))
            gevent.sleep(0.02)

    _, connection = world.opened(script)
    connection.ping_every(0.1)
    texts, end = ending(connection)
    assert (end.code, end.reason, end.by_us) == (1006, "ping timeout", True)
    assert len(texts) > 3


def test_pings_can_be_turned_off_again(world):
    _, connection = world.opened(quiet)
    connection.ping_every(0.05)
    connection.ping_every(0)
    assert connection.receive(0.2) is None
    connection.ping_every(0.05)
    connection.close(timeout=0)
    connection.ping_every(0.05)  # harmless


def test_a_slow_station_is_not_taken_for_a_silent_peer(world):
    """The pong waits in the kernel behind texts that the station has not taken."""
    pongs = []

    def script(peer):
        peer.sendall(frame(b"z" * 500) * 3000)
        while True:
            pongs.append(peer.recv(1000))
            peer.sendall(frame(b"", 10))

    _, connection = world.opened(script)
    gevent.sleep(0.1)
    connection.ping_every(0.05)
    gevent.sleep(0.3)
    assert all(connection.receive(1) == "z" * 500 for _ in range(3000))
    assert connection.receive(0.2) is None
    assert len(pongs) > 1


def test_texts_that_come_one_by_one_while_the_station_is_busy_wait_in_order(world):
    texts = [f"text {number}" for number in range(5)]

    def script(peer):
        for text in texts:
            peer.sendall(frame(text.encode()))
            gevent.sleep(0.03)
        gevent.sleep(5)

    _, connection = world.opened(script)
    assert connection.receive(1) == texts[0]
    gevent.sleep(0.3)
    assert connection.inbox_size > 0
    assert [connection.receive(1) for _ in texts[1:]] == texts[1:]
    assert connection.inbox_size == 0
