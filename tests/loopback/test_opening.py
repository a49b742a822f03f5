"""Opening a WebSocket where it works, and every way in which it does not."""

from __future__ import annotations

import base64
from dataclasses import replace
from time import monotonic

import gevent
import pytest
from gevent import socket
from gevent.hub import get_hub

from evsim_locust.transport import tcp
from evsim_locust.transport.errors import OpenFailed
from evsim_locust.transport.opening import Opening
from evsim_locust.transport.target import target_of
from evsim_locust.transport.tls import client_context

from .hostile import Server, frame, notify

pytestmark = pytest.mark.usefixtures("nothing_left")


def failure(server: Server, timeout_s: float = 0.3) -> OpenFailed:
    opening = Opening(server.target, timeout_s=timeout_s)
    with pytest.raises(OpenFailed) as raised:
        opening.open()
    server.close()
    return raised.value


def test_the_phases_are_timed(world):
    server = world.serve(lambda peer: gevent.sleep(1), before_http=lambda peer: gevent.sleep(0.1))
    opening = Opening(server.target)
    opening.open().close(timeout=0)
    assert list(opening.durations) == (["tcp", "tls", "http"] if world.secure else ["tcp", "http"])
    assert 0.09 < opening.durations["http"] < 5


def test_the_request_carries_what_the_target_says(world):
    server = world.serve(lambda peer: gevent.sleep(1))
    target = replace(server.target, path="/ocpp/CP%7C1?a=b", password=("CP|1", "secret"))
    Opening(target).open().close(timeout=0)
    assert server.request.startswith("GET /ocpp/CP%7C1?a=b HTTP/1.1\r\n")
    assert base64.b64decode(server.header("Authorization").removeprefix("Basic ")) == b"CP|1:secret"
    assert server.header("Sec-WebSocket-Protocol") == "ocpp1.6"
    assert server.header("Origin") == ""


def test_the_source_address_is_ours_to_choose(world):
    server = world.serve(lambda peer: gevent.sleep(1))
    Opening(server.target, source="127.0.0.2").open().close(timeout=0)
    assert server.peer_address[0] == "127.0.0.2"


def test_nagle_is_off(plain_world):
    server = plain_world.serve(lambda peer: gevent.sleep(1))
    sock = tcp.connect([tcp.literal("127.0.0.1", server.target.port)], "", lambda: 1.0)
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    sock.close()


def test_ipv6(world):
    server = world.serve(lambda peer: gevent.sleep(1), address="::1", glued=frame(b"six"))
    connection = Opening(server.target).open()
    assert connection.receive(2) == "six"
    connection.close(timeout=0)
    assert server.header("Host") == f"[::1]:{server.target.port}"


def test_ipv6_with_a_source(plain_world):
    server = plain_world.serve(lambda peer: gevent.sleep(1), address="::1")
    Opening(server.target, source="::1").open().close(timeout=0)
    assert server.peer_address[0] == "::1"


class Resolver:
    """A resolver of the test's own, in the place that gevent has for one."""

    def __init__(self, *addresses: str, takes_s: float = 0.0, error: Exception | None = None) -> None:
        self.addresses, self.takes_s, self.error = addresses, takes_s, error
        self.asked: list[tuple[object, ...]] = []

    def getaddrinfo(self, host, port, family=0, type=0, proto=0, flags=0):
        self.asked.append((host, family))
        gevent.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in self.addresses]
        return [(f, type, 6, "", (a, port)) for f, a in zip(families, self.addresses, strict=True)]


@pytest.fixture
def resolver(monkeypatch):
    made = Resolver("127.0.0.1")
    monkeypatch.setattr(get_hub(), "resolver", made)
    return made


def named(server: Server, host: str = "localhost"):
    return replace(server.target, host=host)


def test_a_name_is_resolved_and_each_address_tried_in_turn(world, resolver):
    resolver.addresses = ("127.0.0.9", "127.0.0.1")  # nobody listens on the first
    server = world.serve(lambda peer: gevent.sleep(1))
    opening = Opening(named(server))
    opening.open().close(timeout=0)
    assert list(opening.durations)[:2] == ["dns", "tcp"]
    assert server.header("Host") == f"localhost:{server.target.port}"
    assert resolver.asked == [("localhost", 0)]


def test_an_address_that_hangs_leaves_time_for_the_next(plain_world, resolver, deaf):
    """The first address takes no connection and refuses none."""
    resolver.addresses = ("127.0.0.1", "127.0.0.2")
    server = plain_world.serve(lambda peer: gevent.sleep(1), address="127.0.0.2", port=deaf.port)
    opening = Opening(named(server), timeout_s=1.0)
    opening.open().close(timeout=0)
    assert 0.4 < opening.durations["tcp"] < 0.9


def test_a_literal_address_costs_no_resolver(plain_world, resolver):
    server = plain_world.serve(lambda peer: gevent.sleep(1))
    Opening(server.target).open().close(timeout=0)
    assert resolver.asked == []


def test_the_family_follows_the_source(plain_world, resolver):
    server = plain_world.serve(lambda peer: gevent.sleep(1))
    Opening(named(server), source="127.0.0.3").open().close(timeout=0)
    assert resolver.asked == [("localhost", socket.AF_INET)]


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows(plain_world, resolver, error):
    resolver.error = error
    server = plain_world.serve()
    with pytest.raises(OpenFailed, match="dns: ") as raised:
        Opening(named(server)).open()
    assert raised.value.label == "dns"


def test_nobody_listens():
    with pytest.raises(OpenFailed) as raised:
        Opening(target_of("ws://127.0.0.1:1", "X")).open()
    assert (raised.value.stage, raised.value.label) == ("tcp", "tcp refused")


def test_a_source_that_is_not_ours():
    with pytest.raises(OpenFailed) as raised:
        Opening(target_of("ws://127.0.0.1:1", "X"), source="192.0.2.1").open()
    assert raised.value.label == "tcp no local address"


@pytest.mark.parametrize(
    ("how", "label"),
    [
        pytest.param({"http": "HTTP/1.1 302 Found\r\nLocation: ws://10.0.0.1/\r\n\r\n"}, "http 302", id="302"),
        pytest.param({"http": "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"}, "http 401", id="401"),
        pytest.param({"subprotocol": None}, "subprotocol", id="no subprotocol"),
        pytest.param({"subprotocol": "ocpp2.0.1"}, "subprotocol", id="wrong subprotocol"),
        pytest.param({"http": "hello\r\n\r\n"}, "http malformed", id="garbage"),
        pytest.param({"http": "HTTP/1.1 101 x\r\nA: " + "y" * 200_000}, "http malformed", id="endless header"),
        pytest.param(
            {"http": "HTTP/1.1 500 x\r\nContent-Length: 99999999\r\n\r\n" + "z" * 300_000},
            "http malformed",
            id="huge body",
        ),
        pytest.param({"http": "HTTP/1.1 101 x\r\n"}, "http closed", id="half an answer"),
    ],
)
def test_an_answer_that_is_none(world, how, label):
    assert failure(world.serve(**how), timeout_s=5).label == label


def drip(peer):
    while True:
        peer.sendall(b"H")
        gevent.sleep(0.02)


@pytest.mark.parametrize(
    "script", [pytest.param(lambda peer: gevent.sleep(9), id="silence"), pytest.param(drip, id="drip")]
)
def test_one_deadline_for_the_whole_answer(world, script):
    began = monotonic()
    error = failure(world.serve(script, http=""), timeout_s=0.3)
    assert (error.stage, error.label) == ("http", "http timeout")
    assert 0.29 < monotonic() - began < 2


def test_the_deadline_is_for_all_phases_together(tls_world):
    """TLS takes most of the time, HTTP would have time enough on its own."""
    server = tls_world.serve(
        lambda peer: gevent.sleep(1),
        before_tls=lambda peer: gevent.sleep(0.4),
        before_http=lambda peer: gevent.sleep(0.4),
    )
    assert failure(server, timeout_s=0.6).label == "http timeout"


def test_tls_that_is_never_answered(tls_world):
    error = failure(tls_world.serve(before_tls=lambda peer: gevent.sleep(9)))
    assert (error.stage, error.label) == ("tls", "tls timeout")


def test_tls_answered_with_http(tls_world):
    def plain(peer):
        peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        gevent.sleep(1)

    assert failure(tls_world.serve(before_tls=plain), timeout_s=5).label == "tls"


def test_tls_cut_off(tls_world):
    error = failure(tls_world.serve(before_tls=lambda peer: peer.close()), timeout_s=5)
    assert error.label == "tls"


def test_tls_that_ends_where_the_answer_should_be(tls_world):
    def end(peer):
        notify(peer)
        gevent.sleep(9)

    assert failure(tls_world.serve(before_http=end), timeout_s=3).label == "http closed"


def test_a_certificate_of_a_foreign_authority(certificates):
    server = Server(tls=certificates.foreign, context=client_context(certificates.ca))
    with pytest.raises(OpenFailed) as raised:
        Opening(server.target).open()
    assert raised.value.label == "tls certificate"
    server.greenlet.join(1)
    assert "unknown ca" in str(server.error)  # it was told why


def test_a_certificate_for_another_name(certificates, resolver):
    server = Server(tls=certificates.server, context=client_context(certificates.ca))
    server.target = replace(server.target, host="csms.example")
    assert failure(server, timeout_s=5).label == "tls certificate"


def test_a_host_that_cannot_be_a_server_name(certificates, resolver):
    server = Server(context=client_context(certificates.ca))
    server.target = replace(server.target, host=".leading.dot")
    assert failure(server, timeout_s=5).label == "tls"


def test_mutual_tls(certificates):
    context = client_context(certificates.ca, certificates.client_cert, certificates.client_key)
    server = Server(lambda peer: gevent.sleep(1), tls=certificates.mutual, context=context, glued=frame(b"welcome"))
    connection = Opening(server.target).open()
    assert connection.receive(2) == "welcome"
    connection.close(timeout=0)
    server.close()


def test_mutual_tls_without_a_certificate(certificates):
    """TLS 1.3: the server's verdict comes after the handshake, in the HTTP phase."""
    server = Server(tls=certificates.mutual, context=client_context(certificates.ca))
    assert failure(server, timeout_s=5).label == "tls certificate"
