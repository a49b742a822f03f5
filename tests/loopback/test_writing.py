"""A hostile server and the texts that go to it."""

from __future__ import annotations

import _socket

import gevent
import gevent.event
import pytest
from gevent.hub import get_hub

from evsim_locust.transport.connection import DEFAULTS, Connection, Limits
from evsim_locust.transport.errors import PeerNotReading

from .hostile import close_frame, ending, frame, unmasked


def fill(connection, size: int) -> None:
    """Send until `size` bytes wait for the peer."""
    while connection.unsent_size < size:
        connection.send("x" * 1000)


def test_texts_and_bytes_reach_the_peer(world):
    got = []

    def script(peer):
        got.append(unmasked(peer.recv(200)))
        peer.sendall(frame(b"next"))
        got.append(unmasked(peer.recv(200)))
        peer.sendall(frame(b"done"))
        gevent.sleep(1)

    _, connection = world.opened(script)
    connection.send("grüß")
    assert connection.receive(2) == "next"
    connection.send(b'[2,"1","Heartbeat",{}]')
    assert connection.receive(2) == "done"
    assert got == [(1, "grüß".encode()), (1, b'[2,"1","Heartbeat",{}]')]


def test_a_peer_that_stops_reading_bounds_memory_and_leaves_the_core_idle(world):
    _, connection = world.opened(lambda peer: gevent.sleep(30))
    fill(connection, 1)
    before = get_hub().loop.iteration
    assert connection.receive(0.3) is None
    assert get_hub().loop.iteration - before < 100  # a watcher that spins would make tens of thousands
    fill(connection, DEFAULTS.unsent - 3000)
    for _ in range(4):
        assert connection.unsent_size <= DEFAULTS.unsent
        connection.send("x" * 1000)
    texts, end = ending(connection)
    assert (texts, type(end), end.code, end.by_us) == ([], PeerNotReading, 1006, True)


def test_a_peer_that_reads_again_gets_all_in_order(world):
    go, want, got = gevent.event.Event(), [0], []

    def script(peer):
        go.wait()
        total = 0
        while total < want[0]:
            total += len(peer.recv(1 << 20))
        got.append(total)
        peer.sendall(frame(b"all"))
        gevent.sleep(1)

    _, connection = world.opened(script)
    while connection.unsent_size < 100_000:
        connection.send("y" * 60_000)
        want[0] += 60_008  # header and mask
    go.set()
    assert connection.receive(5) == "all"
    assert got == want
    assert connection.unsent_size == 0


def test_the_reason_survives_a_full_queue(world):
    """The peer breaks the protocol while our queue is full: we cannot say why, but we must know why."""

    def script(peer):
        gevent.sleep(0.2)
        peer.sendall(frame(b"last") + frame(b"\xff"))
        gevent.sleep(1)

    limits = Limits(unsent=20_000)
    _, connection = world.opened(script, limits)
    fill(connection, 10_000)
    overhead = 8 + (22 if world.secure else 0)  # header and mask; a TLS 1.3 record
    connection.send("x" * (limits.unsent - connection.unsent_size - overhead))
    assert connection.unsent_size == limits.unsent
    texts, end = ending(connection)
    assert (texts, end.code, end.by_us, type(end) is PeerNotReading) == (["last"], 1007, True, False)


def test_a_write_error_looks_for_the_close_frame_first():
    """The peer said why and left; the first that we notice is that writing fails."""
    ours, theirs = _socket.socketpair()
    ours.setblocking(False)
    connection = Connection(ours)
    theirs.send(frame(b"a") + close_frame(1012, b"restart"))
    theirs.close()
    connection.send("into the void")  # no switch to the hub since, so nothing was read yet
    texts, end = ending(connection)
    assert (texts, end.code, end.reason) == (["a"], 1012, "restart")


def test_a_write_error_without_a_close_frame_is_the_end():
    ours, theirs = _socket.socketpair()
    ours.setblocking(False)
    connection = Connection(ours)
    theirs.close()
    connection.send("into the void")
    texts, end = ending(connection)
    assert (texts, end.code, end.by_us) == ([], 1006, False)


@pytest.mark.parametrize("data", ["text", b"bytes"])
def test_send_never_raises_after_the_end(world, data):
    _, connection = world.opened(lambda peer: peer.sendall(close_frame(1000)))
    assert ending(connection)[1].code == 1000
    connection.send(data)
    assert connection.unsent_size == 0
