"""The REST API to a swarm, on any Flask application: Locust's own, or one of a headless run."""

from __future__ import annotations

from flask import Flask
from flask_sock import Sock

from evsim_locust.control.archive import Archive
from evsim_locust.control.rest import (
    actions,
    environment,
    history,
    logs,
    openapi,
    overview,
    pricing,
    scaling,
    sessions,
    stations,
    summary,
    totals,
)
from evsim_locust.control.rest.failures import guard_paths
from evsim_locust.control.rest.live import SOCK_OPTIONS
from evsim_locust.control.rest.metrics import Exposition
from evsim_locust.control.rest.metrics import subject as metrics_subject
from evsim_locust.control.rest.routing import blueprint_of
from evsim_locust.control.swarm import Swarm

_SUBJECTS = (stations, scaling, logs, actions, pricing, environment, totals, summary)


def register(
    app: Flask,
    swarm: Swarm,
    base_path: str = "",
    archive: Archive | None = None,
    metrics: Exposition | None = None,
) -> None:
    """Put the API on the application, all paths below `base_path`; before the application serves its first request.

    Without `archive` or `metrics` their endpoints are there and answer 404 with the reason.
    """
    prefix = base_path.rstrip("/")
    sock = Sock()
    app.config.setdefault("SOCK_SERVER_OPTIONS", SOCK_OPTIONS)
    subjects = [module.subject(swarm) for module in _SUBJECTS]
    subjects.append(overview.subject(swarm, archive is not None))
    subjects += [history.subject(swarm, archive), sessions.subject(archive), metrics_subject(metrics)]
    for subject in (*subjects, openapi.subject(subjects, prefix)):
        app.register_blueprint(blueprint_of(subject, prefix, sock))
    guard_paths(app, prefix)
