"""From rows to routes: one blueprint per subject."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response
from flask_sock import Sock

from evsim_locust.control.rest.endpoint import Endpoint, Subject
from evsim_locust.control.rest.failures import guard_blueprint
from evsim_locust.control.rest.live import add_live
from evsim_locust.control.rest.reading import read_body, read_path, read_query, reply


def blueprint_of(subject: Subject, prefix: str, sock: Sock) -> Blueprint:
    """The blueprint `evsim_<subject>` with a route for each endpoint."""
    blueprint = Blueprint(f"evsim_{subject.name}", __name__, url_prefix=prefix or None)
    guard_blueprint(blueprint)
    for endpoint in subject.endpoints:
        if endpoint.live:
            add_live(blueprint, sock, endpoint)
        else:
            _add(blueprint, endpoint)
    return blueprint


def _add(blueprint: Blueprint, endpoint: Endpoint) -> None:
    blueprint.add_url_rule(
        endpoint.rule,
        endpoint.handle.__name__,
        _view(endpoint),
        methods=[endpoint.method],
        merge_slashes=False,  # a double slash is a wrong path, not one to be redirected
    )


def _view(endpoint: Endpoint) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        arguments = dict(read_path(path))
        if endpoint.query is not None:
            arguments["query"] = read_query(endpoint.query)
        if endpoint.body is not None:
            arguments["body"] = read_body(endpoint.body, endpoint.body_may_be_empty)
        given = endpoint.handle(**arguments)
        return given if isinstance(given, Response) else reply(given)

    return view
