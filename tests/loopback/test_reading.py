"""A hostile server and the texts that come from it."""

from __future__ import annotations

import json
import struct

import gevent
import pytest
from gevent import socket
from gevent.hub import get_hub

from evsim_locust.transport.connection import Limits
from evsim_locust.transport.errors import Disconnected, PeerNotReading

from .hostile import close_frame, ending, frame, notify, raw_write, unmasked


def test_half_a_frame_survives_timeouts(world):
    whole = frame(b"x" * 300)

    def script(peer):
        for a in range(0, len(whole), 100):
            peer.sendall(whole[a : a + 100])
            gevent.sleep(0.05)
        peer.recv(100)

    _, connection = world.opened(script)
    seen = []
    while len(seen) < 100 and (not seen or seen[-1] is None):
        seen.append(connection.receive(0.02))
    assert seen[-1] == "x" * 300
    assert len(seen) > 1


def test_fragments_of_one_byte(world):
    body = json.dumps([2, "1", "Heartbeat", {}]).encode() * 400

    def script(peer):
        last = len(body) - 1
        peer.sendall(b"".join(frame(body[i : i + 1], 0 if i else 1, i == last) for i in range(len(body))))
        peer.recv(100)

    _, connection = world.opened(script)
    assert connection.receive(5) == body.decode()


def test_segments_of_one_byte(world):
    def script(peer):
        for byte in frame(b'[3,"1",{}]'):
            peer.sendall(bytes([byte]))
            gevent.sleep(0.001)
        peer.recv(100)

    _, connection = world.opened(script)
    assert connection.receive(2) == '[3,"1",{}]'


def test_a_text_behind_the_101_is_kept(world):
    _, connection = world.opened(lambda peer: gevent.sleep(1), glued=frame(b"first") + frame(b"second")[:3])
    assert connection.receive(1) == "first"
    assert connection.receive(0.05) is None


def test_a_close_behind_the_101_is_seen(world):
    _, connection = world.opened(lambda peer: gevent.sleep(1), glued=frame(b"a") + close_frame(1008, b"no"))
    texts, end = ending(connection)
    assert (texts, end.code, end.reason, end.by_us) == (["a"], 1008, "no", False)


def test_a_frame_of_10_mib_is_refused_on_its_header(world):
    server, connection = world.opened(lambda peer: peer.sendall(frame(b"x" * (10 << 20))))
    texts, end = ending(connection)
    assert (texts, end.code, end.by_us) == ([], 1009, True)
    server.greenlet.join(1)
    assert isinstance(server.error, OSError)  # it could not send it all


def test_a_frame_of_10_mib_is_read_where_allowed(world):
    def script(peer):
        peer.sendall(frame(b"x" * (10 << 20)))
        peer.recv(100)

    _, connection = world.opened(script, Limits(message=16 << 20))
    assert connection.receive(10) == "x" * (10 << 20)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\xc1\x00", 1002, id="rsv"),
        pytest.param(b"\x83\x00", 1002, id="opcode 3"),
        pytest.param(b"\x81\x81abcdx", 1002, id="masked"),
        pytest.param(b"\x80\x00", 1002, id="lone continuation"),
        pytest.param(frame(b"\xff"), 1007, id="utf-8"),
        pytest.param(frame(b"x", 2), 1003, id="binary"),
        pytest.param(frame(b"x" * 126, 9), 1002, id="long ping"),
        pytest.param(close_frame(1005), 1002, id="close 1005"),
    ],
)
def test_a_broken_frame_is_answered_with_its_close_code(world, data, code):
    got = []

    def script(peer):
        peer.sendall(data)
        got.append(unmasked(peer.recv(200)))

    server, connection = world.opened(script)
    _, end = ending(connection)
    server.greenlet.join(1)
    assert (end.code, end.by_us) == (code, True)
    opcode, payload = got[0]
    assert (opcode, int.from_bytes(payload[:2], "big"), payload[2:].decode()) == (8, code, end.reason)


def test_texts_before_the_close_are_kept(world):
    def script(peer):
        peer.sendall(frame(b"a") + frame(b"b") + close_frame(1012, b"bye"))
        gevent.sleep(0.1)

    _, connection = world.opened(script)
    gevent.sleep(0.05)
    connection.send("into the closed")
    texts, end = ending(connection)
    assert (texts, end.code, end.reason, end.by_us) == (["a", "b"], 1012, "bye", False)


def test_the_end_is_raised_again_and_again(world):
    _, connection = world.opened(lambda peer: peer.sendall(close_frame(1000)))
    first = ending(connection)[1]
    assert isinstance(first, Disconnected)
    assert ending(connection) == ([], first)


def test_a_ping_is_answered_and_no_text(world):
    got = []

    def script(peer):
        peer.sendall(frame(b"are you there", 9))
        got.append(unmasked(peer.recv(200)))
        peer.sendall(frame(b"thanks"))
        gevent.sleep(1)

    _, connection = world.opened(script)
    assert connection.receive(2) == "thanks"
    assert got == [(10, b"are you there")]


def test_a_station_that_does_not_read_bounds_memory_and_leaves_the_core_idle(world):
    """The peer floods while the station's greenlet is busy elsewhere; nothing is lost."""
    number, size = 12_000, 500
    limits = Limits(inbox=1 << 16)

    def script(peer):
        for n in range(number):
            peer.sendall(frame(b"%06d" % n + b"z" * size))
        peer.recv(10)

    server, connection = world.opened(script, limits)
    gevent.sleep(0.4)  # until all buffers are full
    assert limits.inbox < connection.inbox_size < limits.inbox + 2 * limits.read
    assert not server.greenlet.ready()
    before = get_hub().loop.iteration
    gevent.sleep(0.3)
    assert get_hub().loop.iteration - before < 100  # a watcher left on would make tens of thousands
    assert [int(connection.receive(5)[:6]) for _ in range(number)] == list(range(number))
    assert connection.inbox_size == 0


def test_empty_texts_count_too(plain_world):
    limits = Limits(inbox=1 << 14)

    def script(peer):
        peer.sendall(frame(b"") * 500_000)

    _, connection = plain_world.opened(script, limits)
    gevent.sleep(0.3)
    assert connection.inbox_size < limits.inbox + 64 * limits.read
    assert [connection.receive(1) for _ in range(1000)] == [""] * 1000


def test_a_ping_flood_that_reads_no_pongs_ends(world):
    def script(peer):
        while True:
            peer.sendall(frame(b"p" * 125, 9) * 200)

    _, connection = world.opened(script, Limits(unsent=1 << 16))
    texts, end = ending(connection, 10)
    assert (texts, type(end), end.by_us) == ([], PeerNotReading, True)


def test_end_of_stream_without_a_close_frame(world):
    _, connection = world.opened(lambda peer: gevent.sleep(0.05))
    texts, end = ending(connection)
    assert (texts, end.code, end.by_us) == ([], 1006, False)


def test_a_reset(world):
    def script(peer):
        gevent.sleep(0.05)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    _, connection = world.opened(script)
    texts, end = ending(connection)
    assert (texts, end.code, end.by_us) == ([], 1006, False)
    assert "reset" in end.reason.lower()


def test_garbage_between_tls_records(tls_world):
    def script(peer):
        peer.sendall(frame(b"a"))
        gevent.sleep(0.1)
        raw_write(peer, b"\x17\x03\x03\x00\x20" + b"g" * 32)
        gevent.sleep(1)

    texts, end = ending(tls_world.opened(script)[1], 3)
    assert (texts, end.code, end.by_us) == (["a"], 1006, False)


def test_a_close_notify_with_bytes_behind_it(tls_world):
    def script(peer):
        peer.sendall(frame(b"a"))
        notify(peer)
        raw_write(peer, b"more" * 10)
        gevent.sleep(2)

    texts, end = ending(tls_world.opened(script)[1], 3)
    assert (texts, end.code, end.reason) == (["a"], 1006, "TLS ended without a close frame")


@pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="needs TCP_CORK to put both into one segment")
def test_a_close_notify_in_one_segment_with_the_101(tls_world):
    """No readiness follows: only what came with the answer tells of the end."""

    def cork(peer, on=1):
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, on)

    def script(peer):
        notify(peer)
        cork(peer, 0)
        gevent.sleep(3)

    texts, end = ending(tls_world.opened(script, glued=frame(b"a"), before_http=cork)[1], 1)
    assert (texts, end.code, end.reason) == (["a"], 1006, "TLS ended without a close frame")
