"""The one door for what goes wrong: JSON with a short reason, whatever was raised, and never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Flask, request
from simple_websocket import ConnectionError as UpgradeFailed
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import WebsocketMismatch
from werkzeug.wrappers import Response
from wsproto.utilities import RemoteProtocolError

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import Failure
from evsim_locust.control.rest.reading import BODY_LIMIT, reply

_DETAIL_LIMIT: Final = 300  # characters: a detail may quote what the client sent
_ROOTS: Final = ("/stations", "/pricing", "/totals", "/metrics", "/api")
_log = logging.getLogger("evsim_locust")


def guard_blueprint(blueprint: Blueprint) -> None:
    """Whatever its handlers raise is answered here, also when the application is in debug mode, as Locust's is."""
    blueprint.register_error_handler(Exception, answer)


def guard_paths(app: Flask, prefix: str) -> None:
    """What has no route (404, 405) belongs to no blueprint; below our own paths it is answered in JSON, too.

    Elsewhere it is answered as before, by the application's own handler where it has one.
    """
    ours = tuple(prefix + root for root in _ROOTS)
    before: Callable[[Any], Any] = app.error_handler_spec[None][None].get(HTTPException, lambda error: error)

    def unrouted(error: HTTPException) -> Any:
        path = request.path
        is_ours = path in ours or path.startswith(tuple(root + "/" for root in ours))
        return answer(error) if is_ours else before(error)

    app.register_error_handler(HTTPException, unrouted)


def answer(error: Exception) -> Response:
    """The response to a failed request."""
    for kind, say in _ANSWERS.items():
        if isinstance(error, kind):
            return say(error)
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _failure(500, "an error inside the simulator; its log says more")


def _failure(status: int, detail: str) -> Response:
    return reply(Failure(detail if len(detail) <= _DETAIL_LIMIT else detail[:_DETAIL_LIMIT] + "..."), status=status)


def _http_failure(error: HTTPException) -> Response:
    """The exception's own headers stay, such as Allow; a response made elsewhere stays as it is."""
    response = error.get_response()
    if error.response is None:
        said = error.description
        is_default = said is None or said == type(error).description
        response.data = _failure(response.status_code, error.name if is_default else str(said)).data
        response.content_type = "application/json"
    return response


# The first that fits, so the special ones come first.
_ANSWERS: Final[dict[type[Exception], Callable[[Any], Response]]] = {
    Refused: lambda error: _failure(error.status, error.detail),
    SettingRefused: lambda error: _failure(422, str(error)),
    WebsocketMismatch: lambda _: _failure(400, "here is a WebSocket and the request is none, or the other way round"),
    RequestEntityTooLarge: lambda _: _failure(413, f"the body is larger than {BODY_LIMIT} bytes"),
    HTTPException: _http_failure,
    RemoteProtocolError: lambda error: _failure(400, f"not a WebSocket upgrade: {error}"),
    UpgradeFailed: lambda _: _failure(400, "not a WebSocket upgrade"),
}
