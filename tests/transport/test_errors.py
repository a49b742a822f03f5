"""Labels are what statistics group by: few, and not of the peer's making."""

from __future__ import annotations

import pytest

from evsim_locust.transport.errors import Disconnected, OpenFailed, PeerNotReading, TransportError


@pytest.mark.parametrize(
    ("failure", "label"),
    [
        (OpenFailed("http", "no", 401), "http 401"),
        (OpenFailed("http", "no", 302, "malformed"), "http 302"),
        (OpenFailed("http", "bad accept", 101, "malformed"), "http malformed"),
        (OpenFailed("http", "odd", 777), "http malformed"),
        (OpenFailed("http", "odd", -1), "http malformed"),
        (OpenFailed("http", "slow", kind="timeout"), "http timeout"),
        (OpenFailed("tcp", "refused", kind="refused"), "tcp refused"),
        (OpenFailed("tcp", "something"), "tcp"),
        (OpenFailed("tcp", "aborted", kind="aborted"), "aborted"),
        (OpenFailed("tls", "expired", kind="certificate"), "tls certificate"),
        (OpenFailed("tls", "handshake failure"), "tls"),
        (OpenFailed("subprotocol", "asked for a, got b", 101), "subprotocol"),
        (OpenFailed("dns", "unknown name"), "dns"),
    ],
)
def test_labels(failure, label):
    assert failure.label == label


def test_the_tree_has_one_root_and_texts_that_say_it():
    assert issubclass(OpenFailed, TransportError)
    assert issubclass(PeerNotReading, Disconnected)
    assert issubclass(Disconnected, TransportError)
    assert str(OpenFailed("tls", "expired")) == "tls: expired"
    assert str(Disconnected(1012, "bye")) == "1012 bye"
