"""What the loopback tests share: a watch on gevent's hub, certificates, and connections to a hostile server."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import gevent
import gevent.ssl
import pytest
import trustme
from gevent.hub import get_hub

from evsim_locust.transport.connection import DEFAULTS, Connection, Limits
from evsim_locust.transport.opening import Opening
from evsim_locust.transport.target import Target
from evsim_locust.transport.tls import client_context

from .hostile import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.loopback)


@pytest.fixture(autouse=True)
def hub_errors() -> Iterator[list[tuple[object, ...]]]:
    """What gevent would only print, an exception of a callback or of a greenlet, fails the test."""
    errors: list[tuple[object, ...]] = []
    hub = get_hub()
    before = hub.handle_error
    hub.handle_error = lambda *error: errors.append(error[1:3])
    yield errors
    gevent.sleep(0.02)  # what is still to be called back
    hub.handle_error = before
    assert errors == []


class Certificates(NamedTuple):
    """PEM files of one test authority, and the server's side of TLS."""

    ca: str
    client_cert: str
    client_key: str
    server: gevent.ssl.SSLContext
    mutual: gevent.ssl.SSLContext
    foreign: gevent.ssl.SSLContext


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    authority, client = trustme.CA(), None
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client = authority.issue_cert("station.example")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    client.private_key_pem.write_to_path(folder / "client.key")
    mutual = _server_context(authority)
    mutual.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(mutual)
    ca, cert, key = (str(folder / name) for name in ("ca.pem", "client.pem", "client.key"))
    return Certificates(ca, cert, key, _server_context(authority), mutual, _server_context(trustme.CA()))


def _server_context(authority: trustme.CA) -> gevent.ssl.SSLContext:
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost", "::1").configure_cert(context)
    return context


class World:
    """Hostile servers and connections to them, over ws or wss; all closed at the end."""

    def __init__(self, certificates: Certificates | None) -> None:
        self.server_tls = certificates and certificates.server
        self.context = certificates and client_context(certificates.ca)
        self.servers: list[Server] = []
        self.connections: list[Connection] = []

    @property
    def secure(self) -> bool:
        return self.context is not None

    def serve(self, script: Callable[..., object] = lambda peer: None, **how) -> Server:
        server = Server(script, tls=self.server_tls, context=self.context, **how)
        self.servers.append(server)
        return server

    def opened(
        self, script: Callable[..., object] = lambda peer: None, limits: Limits = DEFAULTS, **how
    ) -> tuple[Server, Connection]:
        server = self.serve(script, **how)
        return server, self.open(server, limits)

    def open(self, server: Server, limits: Limits = DEFAULTS) -> Connection:
        connection = Opening(server.target, timeout_s=5, limits=limits).open()
        self.connections.append(connection)
        return connection

    def close(self) -> None:
        for connection in self.connections:
            connection.close(timeout=0)
        for server in self.servers:
            server.close()


@pytest.fixture(params=["ws", "wss"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Every test that takes it runs over ws and over wss."""
    made = World(request.getfixturevalue("certificates") if request.param == "wss" else None)
    yield made
    made.close()


@pytest.fixture
def plain_world() -> Iterator[World]:
    """Over ws only, for what TLS has no part in."""
    made = World(None)
    yield made
    made.close()


@pytest.fixture
def tls_world(certificates: Certificates) -> Iterator[World]:
    """Over wss only, for what TLS has its part in."""
    made = World(certificates)
    yield made
    made.close()


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """After the test as many descriptors and active watchers as before it."""
    loop = get_hub().loop
    gevent.sleep(0.02)
    before = len(os.listdir("/dev/fd")), loop.activecnt
    yield
    gevent.sleep(0.05)
    with gevent.Timeout(0.5, False):  # what ends by itself may take its time
        while (len(os.listdir("/dev/fd")), loop.activecnt - 1) != before:  # the time limit is a watcher too
            gevent.sleep(0.02)
    assert (len(os.listdir("/dev/fd")), loop.activecnt) == before


@pytest.fixture
def deaf() -> Iterator[Target]:
    """The target of a listener whose queue is full: TCP neither connects nor is refused."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    fillers = [socket.socket() for _ in range(3)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(address)
    yield Target(address[0], address[1], "/")
    for sock in (*fillers, listener):
        sock.close()
