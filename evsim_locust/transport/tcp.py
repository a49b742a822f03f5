"""TCP to the first of a host's addresses that answers, on gevent."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from gevent import socket as gsocket

from evsim_locust.transport.errors import Kind, OpenFailed

Address = tuple[int, Any]
"""An address family and what `connect` of that family takes."""

# Linux only, nameless in Python before 3.12: the port is chosen at connect, so that only whole 4-tuples must be unique.
_IP_BIND_ADDRESS_NO_PORT: int | None = 24 if sys.platform == "linux" else None

_KINDS: dict[int | None, Kind] = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.EADDRNOTAVAIL: "no local address",
    errno.EADDRINUSE: "no local address",
    errno.EMFILE: "no descriptor",
    errno.ENFILE: "no descriptor",
}


def literal(host: str, port: int) -> Address | None:
    """The address when `host` is one already: no round through the resolver's threads."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except OSError:
            continue
        return family, (host, port) if family == socket.AF_INET else (host, port, 0, 0)
    return None


def resolve(host: str, port: int, source: str) -> list[Address]:
    """All addresses of a host name, of the family of `source` when there is one, in the resolver's order."""
    family = 0 if not source else socket.AF_INET6 if ":" in source else socket.AF_INET
    try:
        found = gsocket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # gaierror is an OSError; UnicodeError: no possible name
        raise OpenFailed("dns", str(error)) from error
    return [(entry[0], entry[4]) for entry in found]


def connect(addresses: Sequence[Address], source: str, time_left: Callable[[], float]) -> Any:
    """A connected gevent socket to the first address that takes us; each gets its share of the time left.

    Raises `OpenFailed` with what went wrong at the last one.
    """
    failure = OpenFailed("dns", "the name has no address")
    for number, address in enumerate(addresses):
        try:
            return _connect(address, source, time_left() / (len(addresses) - number))
        except OSError as error:
            failure = OpenFailed("tcp", str(error), kind=_kind(error))
            failure.__cause__ = error
    raise failure


def _connect(address: Address, source: str, timeout_s: float) -> Any:
    family, where = address
    sock = gsocket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            if _IP_BIND_ADDRESS_NO_PORT is not None:
                sock.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((source, 0))
        sock.settimeout(max(0.001, timeout_s))
        sock.connect(where)
        sock.settimeout(None)
    except BaseException:
        sock.close()
        raise
    return sock


def _kind(error: OSError) -> Kind:
    return "timeout" if isinstance(error, TimeoutError) else _KINDS.get(error.errno, "")
