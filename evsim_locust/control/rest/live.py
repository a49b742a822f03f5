"""Endpoints that are WebSockets: lines go out as they come, and a listener that has left leaves nothing behind."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Final

from flask import Blueprint, g, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server

from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import Endpoint
from evsim_locust.control.rest.reading import read_path
from evsim_locust.control.rest.whole_sends import WholeSends
from evsim_locust.control.swarm import Lines

# How flask-sock makes its servers. A listener that answers no ping is gone, and none has anything of size to say.
SOCK_OPTIONS: Final = {"ping_interval": 25, "max_message_size": 4096}
_LOOK_S: Final = 0.5  # how often it is looked whether a listener is still there, while nothing is to be sent
_SEND_S: Final = 10.0  # a listener that takes nothing for so long is let go
_INTERNAL_ERROR: Final = 1011  # RFC 6455, 7.4.1
_log = logging.getLogger("evsim_locust")


def add_live(blueprint: Blueprint, sock: Sock, endpoint: Endpoint) -> None:
    """Route it: the feed is opened before the upgrade, so that a refusal is an HTTP answer, and closed in any case."""
    name = endpoint.handle.__name__

    def open_feed() -> None:
        if request.endpoint == f"{blueprint.name}.{name}":
            _refuse_body()
            g.evsim_feed = endpoint.handle(**read_path(request.view_args or {}))

    def close_feed(_error: BaseException | None = None) -> None:
        feed: Lines | None = g.pop("evsim_feed", None)
        if feed is not None:
            feed.close()

    def serve(ws: Server, **_path: str) -> None:
        _serve(ws, g.evsim_feed)

    blueprint.before_request(open_feed)
    blueprint.teardown_request(close_feed)
    sock.route(endpoint.rule, bp=blueprint, endpoint=name, merge_slashes=False)(serve)


def _serve(ws: Server, lines: Lines) -> None:
    """Send line by line until the listener leaves; nothing is raised, since an upgraded socket takes no HTTP answer."""
    ws.sock = sock = WholeSends(ws.sock, _SEND_S)
    try:
        with suppress(ConnectionClosed):  # it left
            _relay(ws, lines)
    except Exception:
        _log.exception("%s ended by an error", request.path)
        with suppress(ConnectionClosed, OSError):
            ws.close(_INTERNAL_ERROR)
    finally:
        sock.hang_up()  # else the greenlet that reads for simple_websocket would wait for as long as the peer likes
        _serve_no_more_requests()


def _relay(ws: Server, lines: Lines) -> None:
    while ws.thread.is_alive():  # nobody but this reader of simple_websocket would notice that the listener leaves
        line = lines.get(_LOOK_S)
        if line is not None:
            try:
                ws.send(line)
            except OSError:  # it left without a word, or takes nothing
                return
        while ws.receive(timeout=0) is not None:  # raises ConnectionClosed; what a listener says counts for nothing
            pass


def _refuse_body() -> None:
    """The server would take it for the first bytes of the WebSocket."""
    if request.content_length or "Transfer-Encoding" in request.headers:
        raise Refused(400, "a WebSocket upgrade has no body")


def _serve_no_more_requests() -> None:
    """gevent's server takes what is left of the WebSocket's bytes for HTTP, unless it finds its file closed; of an
    upgrade, `wsgi.input` is that file."""
    request.environ["wsgi.input"].close()
