"""Whoever ends an opening early, by abort or by kill, at whatever point, leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import gevent
import pytest
from gevent.hub import get_hub

from evsim_locust.transport.errors import OpenFailed
from evsim_locust.transport.opening import Opening

from .test_opening import Resolver

pytestmark = pytest.mark.usefixtures("nothing_left")

LONG_S = 30.0


def hang(peer):
    gevent.sleep(LONG_S)


@pytest.fixture(params=["dns", "tcp", "tls", "http", "half http"])
def hanging(request, monkeypatch):
    """The target of a server that hangs in this phase."""
    phase = request.param
    if phase == "tcp":
        return request.getfixturevalue("deaf")
    if phase == "tls":
        return request.getfixturevalue("tls_world").serve(before_tls=hang).target
    server = request.getfixturevalue("plain_world").serve(hang, http="HTTP/1.1 101" if phase == "half http" else "")
    if phase != "dns":
        return server.target
    monkeypatch.setattr(get_hub(), "resolver", Resolver("127.0.0.1", takes_s=LONG_S))
    return replace(server.target, host="csms.example")


def begun(target) -> tuple[Opening, gevent.Greenlet]:
    opening = Opening(target, timeout_s=LONG_S)
    greenlet = gevent.Greenlet(outcome, opening)
    greenlet.start()
    gevent.sleep(0.1)
    assert not greenlet.ready()
    return opening, greenlet


def outcome(opening: Opening) -> OpenFailed | None:
    try:
        opening.open()
    except OpenFailed as failed:
        return failed
    return None


def test_an_abort_ends_it_at_once(hanging):
    opening, greenlet = begun(hanging)
    began = monotonic()
    opening.abort()
    opening.abort()  # twice is as good as once
    failed = greenlet.get(timeout=5)
    assert (failed.stage, failed.label) == ("tcp", "aborted")
    assert monotonic() - began < 2


def test_a_kill_ends_it_at_once(hanging):
    _, greenlet = begun(hanging)
    greenlet.kill(timeout=5)
    assert greenlet.ready()


def test_an_abort_and_a_kill_together(hanging):
    opening, greenlet = begun(hanging)
    opening.abort()
    greenlet.kill(timeout=5)
    assert greenlet.ready()


def test_the_deadline_ends_it_in_any_phase(hanging):
    with pytest.raises(OpenFailed) as raised:
        Opening(hanging, timeout_s=0.2).open()
    assert raised.value.label in ("dns timeout", "tcp timeout", "tls timeout", "http timeout")


def test_an_abort_before_it_begins(plain_world):
    opening = Opening(plain_world.serve().target)
    opening.abort()
    with pytest.raises(OpenFailed, match="aborted"):
        opening.open()


def test_an_abort_after_it_ended_disturbs_nobody(world):
    server = world.serve(hang)
    opening = Opening(server.target)
    connection = opening.open()
    opening.abort()
    assert connection.receive(0.1) is None
    connection.close(timeout=0)


def test_an_abort_in_the_moment_it_succeeds_leaves_nothing_half_done(world):
    """The answer is on its way when the abort comes: either wins, and wins whole."""
    openings = []
    server = world.serve(lambda peer: (openings[0].abort(), gevent.sleep(1)))
    openings.append(Opening(server.target))
    try:
        connection = openings[0].open()
    except OpenFailed as failed:
        label = failed.label
    else:
        label = "aborted"
        assert connection.receive(0.05) is None
        connection.close(timeout=0)
    assert label == "aborted"
