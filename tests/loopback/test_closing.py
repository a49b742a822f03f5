"""The close handshake from our side, and that nothing stays behind."""

from __future__ import annotations

from time import monotonic

import gevent
import pytest

from evsim_locust.transport.errors import Disconnected

from .hostile import close_frame, ending, frame, unmasked

pytestmark = pytest.mark.usefixtures("nothing_left")


def test_a_close_handshake_sends_one_close_frame(world):
    got = []

    def script(peer):
        got.append(unmasked(peer.recv(200)))
        peer.sendall(frame(b"late") + close_frame(1000))
        got.append(peer.recv(100))

    server, connection = world.opened(script)
    began = monotonic()
    connection.close(1000, "done", timeout=3)
    assert monotonic() - began < 2  # it did not wait for the limit
    server.greenlet.join(1)
    assert got == [(8, (1000).to_bytes(2, "big") + b"done"), b""]


def test_a_silent_peer_costs_the_limit(world):
    _, connection = world.opened(lambda peer: gevent.sleep(3))
    began = monotonic()
    connection.close(timeout=0.2)
    assert 0.19 < monotonic() - began < 1


def test_a_chatting_peer_does_not_stretch_the_limit(world):
    def script(peer):
        while True:
            peer.sendall(frame(b"chat") * 100)

    _, connection = world.opened(script)
    began = monotonic()
    connection.close(timeout=0.2)
    assert monotonic() - began < 1


def test_closing_twice_and_using_the_closed_is_harmless(world):
    _, connection = world.opened(lambda peer: gevent.sleep(3))
    connection.close(1001, "away", timeout=0)
    connection.close(1000, "again", timeout=0)
    connection.send("x")
    connection.wake()
    with pytest.raises(Disconnected) as raised:
        connection.receive(1)
    assert (raised.value.code, raised.value.reason, raised.value.by_us) == (1001, "away", True)


def test_what_was_queued_is_flushed_before_the_close_frame(world):
    got = bytearray()

    def script(peer):
        gevent.sleep(0.1)
        while data := peer.recv(1 << 16):
            got.extend(data)
            if got[-8:-6] == b"\x88\x82":
                peer.sendall(close_frame(1000))

    server, connection = world.opened(script)
    number = 0
    while connection.unsent_size < 50_000:
        connection.send("y" * 992)  # 1,000 bytes with header and mask
        number += 1
    connection.close(1000, timeout=5)
    server.greenlet.join(2)
    assert len(got) == number * 1000 + 8


def test_our_close_answers_the_peers_with_its_code(world):
    got = []

    def script(peer):
        peer.sendall(close_frame(1012, b"restart"))
        got.append(unmasked(peer.recv(100)))

    server, connection = world.opened(script)
    assert ending(connection)[1].code == 1012
    server.greenlet.join(1)
    assert got == [(8, (1012).to_bytes(2, "big"))]


def test_a_kill_while_closing_gives_the_socket_back(world):
    _, connection = world.opened(lambda peer: gevent.sleep(3))
    closing = gevent.spawn(connection.close, timeout=3)
    gevent.sleep(0.05)
    closing.kill()
    with pytest.raises(Disconnected):
        connection.receive(0)


@pytest.mark.parametrize("how", ["peer closes", "peer breaks the protocol", "peer leaves", "ping timeout"])
def test_every_end_gives_the_descriptor_and_the_watchers_back(world, how):
    scripts = {
        "peer closes": lambda peer: peer.sendall(close_frame(1000)),
        "peer breaks the protocol": lambda peer: peer.sendall(b"\xc1\x00"),
        "peer leaves": lambda peer: None,
        "ping timeout": lambda peer: gevent.sleep(1),
    }
    server, connection = world.opened(scripts[how])
    if how == "ping timeout":
        connection.ping_every(0.05)
    _, end = ending(connection)
    assert isinstance(end, Disconnected)
    server.close()
