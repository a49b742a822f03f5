"""`/metrics` on a port of its own, for Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from errno import EADDRINUSE
from socket import AF_INET, AF_INET6, create_server, socket
from typing import Any, Final

from gevent.pywsgi import WSGIServer
from prometheus_client import CollectorRegistry

from evsim_locust.metrics.collector import text
from evsim_locust.metrics.errors import PortTaken

_NODE_EXPORTER: Final = 9100
_NO_SNIFFING: Final = ("X-Content-Type-Options", "nosniff")
_log = logging.getLogger("evsim_locust")

Start = Callable[[str, list[tuple[str, str]]], Any]


class Exporter:
    """Answers `GET /metrics` with what the registry holds then, and nothing else."""

    def __init__(self, registry: CollectorRegistry, port: int, host: str = "127.0.0.1") -> None:
        self._registry = registry
        self._address = (host, port)
        self._server: WSGIServer | None = None

    @property
    def port(self) -> int:
        """Where it listens; with port 0 the system chooses when it starts."""
        return self._address[1]

    def start(self) -> None:
        """Listen, and answer from now on; raises `PortTaken`."""
        listener = _listener(*self._address)
        self._address = listener.getsockname()[:2]
        self._server = WSGIServer(listener, self._answer, log=None, error_log=_log)
        self._server.start()

    def stop(self) -> None:
        """Listen no more, if it did; requests under way are still answered."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/metrics":
            return _refuse(start, 404, "Not Found")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _refuse(start, 405, "Method Not Allowed", ("Allow", "GET, HEAD"))
        body, kind = text(self._registry)
        start("200 OK", [("Content-Type", kind), _NO_SNIFFING])
        return [body]


def _refuse(start: Start, status: int, why: str, *headers: tuple[str, str]) -> Iterable[bytes]:
    start(f"{status} {why}", [("Content-Type", "application/json"), _NO_SNIFFING, *headers])
    return [f'{{"detail":"{why}"}}\n'.encode()]


def _listener(host: str, port: int) -> socket:
    """gevent would make one too, but leave it open when the port is taken."""
    try:
        listener = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (")[0]  # Python appends the address
        raise PortTaken(f"cannot listen on {host}:{port} ({why}): {_advice(port, error)}") from None
    listener.setblocking(False)
    return listener


def _advice(port: int, error: OSError) -> str:
    if port == _NODE_EXPORTER and error.errno == EADDRINUSE:
        return "Prometheus's node_exporter listens there by default; give another port"
    return "give another port"
