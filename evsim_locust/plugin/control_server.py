"""The REST API of a headless run: an HTTP server of its own, as Locust has none then."""

from __future__ import annotations

import logging
from contextlib import suppress
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SHUT_RDWR, TCP_NODELAY, create_server, socket
from typing import Any

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from gevent.pywsgi import WSGIHandler, WSGIServer
from werkzeug.exceptions import HTTPException

_log = logging.getLogger("evsim_locust")


class PortTaken(Exception):
    """The server cannot listen there; the text is for the user."""


class ClosingHandler(WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """Ends a connection when its WebSocket has ended: gevent would take the client's close frame for a request."""

    def run_application(self) -> None:
        """flask-sock speaks on the socket itself until this returns; its reader must be woken to let go of it."""
        super().run_application()
        if "HTTP_UPGRADE" in self.environ:
            self.close_connection = True
            with suppress(OSError):  # the client has gone first
                self.socket.shutdown(SHUT_RDWR)


class ControlServer:
    """Blueprints are registered on `app` before `start`; WebSockets of flask-sock work on it."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.app = Flask(__name__, static_folder=None)
        self.app.register_error_handler(HTTPException, _as_json)
        self._address = (host, port)
        self._server: WSGIServer | None = None

    @property
    def port(self) -> int:
        """Where it listens; with port 0 the system chooses when it starts."""
        return self._address[1]

    def start(self) -> None:
        """Listen, and answer from now on; raises `PortTaken`."""
        listener = _listener("--control-port", *self._address)
        self._address = listener.getsockname()[:2]
        self._server = WSGIServer(listener, self.app, log=None, error_log=_log, handler_class=ClosingHandler)
        self._server.start()

    def stop(self) -> None:
        """Listen no more, if it did; requests under way are still answered."""
        if self._server is not None:
            self._server.stop()
            self._server = None


def answer_at_once(listener: Any) -> None:
    """For all connections of a listening socket.

    gevent sends an answer's head and body in two writes: on a kept connection the kernel would hold the second one
    back until the client has acknowledged the first, which it does 40 ms later.
    """
    listener.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)


def check_free(option: str, host: str, port: int) -> None:
    """For a server that is started later, and that would end with a stack trace; raises `PortTaken`."""
    _listener(option, host, port).close()


def _listener(option: str, host: str, port: int) -> socket:
    """gevent would make one too, but leave it open when the port is taken."""
    try:
        listener = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (")[0]  # Python appends the address
        raise PortTaken(f"{option}: cannot listen on {host}:{port} ({why}): give another port") from None
    listener.setblocking(False)
    answer_at_once(listener)
    return listener


def _as_json(error: HTTPException) -> ResponseReturnValue:
    """Never a page, never a stack trace; Flask has logged the exception behind a 500."""
    answer = jsonify(detail=error.name)
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return answer, error.code or 500, headers
