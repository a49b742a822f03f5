"""A slow reader gets whole frames or none, and a dead one is let go."""

from __future__ import annotations

import gevent
import pytest
from gevent import socket

from evsim_locust.control.rest.whole_sends import WholeSends


def test_what_two_greenlets_send_at_once_is_not_mixed() -> None:
    ours, theirs = socket.socketpair()
    sender = WholeSends(ours, 5.0)
    pieces = [bytes([letter]) * 1_000_000 for letter in b"ab"]
    senders = [gevent.spawn(sender.send, piece) for piece in pieces]
    found = b""
    while len(found) < 2_000_000:
        piece = theirs.recv(65_536)
        assert piece, "the connection ended"
        found += piece
    gevent.joinall(senders, raise_error=True)
    assert found == b"".join(pieces)
    ours.close()
    theirs.close()


def test_a_peer_that_does_not_read_ends_the_connection() -> None:
    ours, theirs = socket.socketpair()
    sender = WholeSends(ours, 0.05)
    with pytest.raises(TimeoutError):
        sender.send(b"x" * 10_000_000)
    with pytest.raises(BrokenPipeError):
        sender.send(b"more")
    assert ours.recv(1) == b""  # a reader of the same socket is told
    ours.close()
    theirs.close()
