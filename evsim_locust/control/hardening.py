"""The door of the web application: every request and every answer passes here, Locust's own included.

It wraps `wsgi_app` since nothing inside Flask is late enough: flask-cors adds its headers after all `after_request`
functions when a route has failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

from evsim_locust.control.answer import Answer
from evsim_locust.control.body import bound
from evsim_locust.control.content_policy import content_policy, inline_scripts, script_source
from evsim_locust.control.errors import Refused
from evsim_locust.control.guard import (
    GuardRules,
    Request,
    authenticated,
    decide,
    from_listed_origin,
    is_ours,
)
from evsim_locust.control.rate_limit import RateLimit

AUTHENTICATED = "evsim.authenticated"  # in the WSGI environ: the token or a session was shown
CHANGES_PER_S, CHANGES_AT_ONCE = 200.0, 1000
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),  # no-referrer would make browsers send Origin: null from our own forms
    ("X-Frame-Options", "DENY"),
)
_CORS = (
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
    ("Access-Control-Expose-Headers", "X-Total-Count"),
    ("Access-Control-Max-Age", "600"),
)
_WITH_REFUSAL = {
    401: (("WWW-Authenticate", "Bearer"),),
    413: (("Connection", "close"),),
    429: (("Retry-After", "1"),),
}
_log = logging.getLogger("evsim_locust")


def harden(
    app: Flask,
    rules: GuardRules,
    clock: Callable[[], float],
    is_logged_in: Callable[[WSGIEnvironment], bool],
    templates: Iterable[Path] = (),
) -> None:
    """Put the door before the application. `clock` gives monotonic seconds; the scripts in the pages of `templates`
    (folders; the application's own is one) may run."""
    app.debug = False
    folders = [*templates, Path(app.root_path, app.template_folder or "")]
    app.wsgi_app = _Door(app.wsgi_app, rules, clock, is_logged_in, _known_scripts(folders))  # type: ignore[method-assign]


class _Door:
    def __init__(
        self,
        app: WSGIApplication,
        rules: GuardRules,
        clock: Callable[[], float],
        is_logged_in: Callable[[WSGIEnvironment], bool],
        known: Collection[str],
    ) -> None:
        self._app, self._rules, self._clock, self._is_logged_in, self._known = app, rules, clock, is_logged_in, known
        self._changes = RateLimit(CHANGES_PER_S, CHANGES_AT_ONCE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = _request(environ, self._rules.login and self._is_logged_in(environ))
        refused = decide(self._rules, request) or self._too_often(request)
        if refused is not None:
            answer = self._refusal(environ, refused)
        else:
            environ[AUTHENTICATED] = authenticated(self._rules, request)
            answer = self._run(environ, request.is_upgrade)
        if answer.status:  # a WebSocket has had its answer on the bare socket and starts none
            scripts = answer.make_presentable(self._known)
            start_response(answer.status, self._hardened(answer.headers, request, scripts))
        if request.method == "HEAD":
            answer.replace()
        return answer.body

    def _too_often(self, request: Request) -> Refused | None:
        if not request.changes_state or authenticated(self._rules, request) or self._changes.take(self._clock()):
            return None
        return Refused(429, f"more than {CHANGES_PER_S:g} changes a second")

    def _refusal(self, environ: WSGIEnvironment, refused: Refused) -> Answer:
        """A browser that has yet to log in is led to the form."""
        answer = Answer()
        wants_page = environ["REQUEST_METHOD"] == "GET" and "text/html" in environ.get("HTTP_ACCEPT", "")
        if refused.status == 401 and self._rules.login and wants_page:
            answer.tell(302, refused.detail)
            answer.headers.append(("Location", f"{self._rules.base_path}/login"))
        else:
            answer.tell(refused.status, refused.detail)
            answer.headers += _WITH_REFUSAL.get(refused.status, ())
        return answer

    def _run(self, environ: WSGIEnvironment, is_upgrade: bool) -> Answer:
        answer = Answer()
        body = bound(environ, is_upgrade)
        try:
            answer.body = self._app(environ, answer.start)
        except Exception:
            _log.exception("%s %r failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            answer.tell(500)
        if body is not None and body.failed:
            answer.headers.append(("Connection", "close"))
        return answer

    def _hardened(self, headers: list[tuple[str, str]], request: Request, scripts: list[str]) -> list[tuple[str, str]]:
        """The headers with ours set, and without what flask-cors lets everybody do."""
        ours = {name.lower() for name, _ in _HEADERS}
        kept = [
            (name, value)
            for name, value in headers
            if name.lower() not in ours and not name.lower().startswith("access-control-")
        ]
        kept += _HEADERS
        if not any(name.lower() == "content-security-policy" for name, _ in kept):  # a route may bring a policy
            host = request.host if is_ours(self._rules, request.host) else ""
            kept.append(("Content-Security-Policy", content_policy(host, scripts)))
        if from_listed_origin(self._rules, request):
            kept += (("Access-Control-Allow-Origin", request.origin or ""), ("Vary", "Origin"), *_CORS)
        return kept


def _request(environ: WSGIEnvironment, logged_in: bool) -> Request:
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        scheme=environ["wsgi.url_scheme"],
        host=environ.get("HTTP_HOST", ""),
        origin=environ.get("HTTP_ORIGIN"),
        fetch_site=environ.get("HTTP_SEC_FETCH_SITE"),
        authorization=environ.get("HTTP_AUTHORIZATION", ""),
        upgrade=environ.get("HTTP_UPGRADE", ""),
        content_length=environ.get("CONTENT_LENGTH", ""),
        logged_in=logged_in,
    )


def _known_scripts(folders: Iterable[Path]) -> frozenset[str]:
    pages = (path.read_bytes() for folder in folders for path in folder.glob("*.html"))
    return frozenset(script_source(text) for page in pages for text in inline_scripts(page))
