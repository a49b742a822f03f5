"""--web-login with Locust's own form: one user, named by EVSIM_WEB_USER and EVSIM_WEB_PASSWORD."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from wsgiref.types import WSGIEnvironment

from flask import Flask, Response, jsonify, redirect, request, session

from evsim_locust.control.hardening import AUTHENTICATED
from evsim_locust.control.rate_limit import RateLimit
from evsim_locust.plugin.reading import OptionRefused

USER, PASSWORD = "EVSIM_WEB_USER", "EVSIM_WEB_PASSWORD"
ATTEMPTS_PER_MINUTE = 20
_SESSION_S = 12 * 3600.0
_MOST_SESSIONS = 1000
_KEY = "evsim_login"  # in Flask's session, a signed cookie


class Sessions:
    """Who is logged in. The cookie only names a session, so that logging out ends it for every copy of the cookie."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    def open(self) -> str:
        """Its name; beyond 1,000 sessions the oldest ends."""
        name = secrets.token_urlsafe(24)
        self._ends[name] = self._clock() + _SESSION_S
        if len(self._ends) > _MOST_SESSIONS:
            del self._ends[next(iter(self._ends))]
        return name

    def holds(self, name: object) -> bool:
        """Whether it was opened here in the last 12 hours, and not closed."""
        return isinstance(name, str) and self._ends.get(name, 0.0) > self._clock()

    def close(self, name: object) -> None:
        """End it."""
        if isinstance(name, str):
            self._ends.pop(name, None)


class _User:
    """What Flask-Login asks of a user: there is but one."""

    is_authenticated = is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return "operator"


def install(
    web_ui: Any, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic
) -> Callable[[WSGIEnvironment], bool]:
    """Put the form to work; gives the question whether a request comes from who is logged in.

    Raises `OptionRefused` without both credentials. `clock` gives monotonic seconds.
    """
    credentials = _credentials(environ)
    sessions = Sessions(clock)
    base = (web_ui.app.blueprints["locust"].url_prefix or "").rstrip("/")  # --web-base-path
    _secure_cookie(web_ui, base)
    web_ui.auth_args["username_password_callback"] = f"{base}/login"
    _add_routes(web_ui.app, base, sessions, _Checker(credentials, clock))
    is_logged_in = _reader(web_ui.app, sessions)
    # The token is as good as a session on Locust's own routes, which ask Flask-Login.
    web_ui.login_manager.request_loader(
        lambda request: _User() if request.environ.get(AUTHENTICATED) or is_logged_in(request.environ) else None
    )
    return is_logged_in


class _Checker:
    """Compares in constant time, and not too often."""

    def __init__(self, credentials: tuple[str, str], clock: Callable[[], float]) -> None:
        self._salt = secrets.token_bytes(32)
        self._right = self._digests(*credentials)
        self._clock = clock
        self._limit = RateLimit(ATTEMPTS_PER_MINUTE / 60.0, ATTEMPTS_PER_MINUTE)

    def may_try(self) -> bool:
        """All clients share the attempts: addresses are cheap."""
        return self._limit.take(self._clock())

    def is_right(self, user: str, password: str) -> bool:
        given = self._digests(user, password)
        return all([hmac.compare_digest(*pair) for pair in zip(given, self._right, strict=True)])

    def _digests(self, *texts: str) -> list[bytes]:
        """Of one length, so that the comparison tells nothing of the texts' lengths either."""
        return [hmac.digest(self._salt, text.encode(errors="surrogatepass"), hashlib.sha256) for text in texts]


def _credentials(environ: Mapping[str, str]) -> tuple[str, str]:
    user, password = environ.get(USER, ""), environ.get(PASSWORD, "")
    if not user or not password:
        missing = " and ".join(name for name, value in ((USER, user), (PASSWORD, password)) if not value)
        raise OptionRefused(f"--web-login: nobody could log in: set {missing} in the environment")
    return user, password


def _secure_cookie(web_ui: Any, base: str) -> None:
    """Cookies do not know ports, and routes may lie outside the base path: each web UI has a name of its own."""
    web_ui.app.secret_key = secrets.token_bytes(32)
    web_ui.app.config.update(
        SESSION_COOKIE_NAME=re.sub(r"\W", "_", f"evsim_session_{web_ui.port}{base}"),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=bool(web_ui.tls_cert),
    )


def _add_routes(app: Flask, base: str, sessions: Sessions, checker: _Checker) -> None:
    def log_in() -> Any:
        if not checker.may_try():
            return _too_often()
        if not checker.is_right(request.form.get("username", ""), request.form.get("password", "")):
            session["auth_error"] = "Wrong user name or password"  # Locust's form shows it
            return redirect(f"{base}/login", 303)
        session.clear()
        session[_KEY] = sessions.open()
        return redirect(f"{base}/", 303)

    def log_out() -> Any:
        sessions.close(session.get(_KEY))
        session.clear()
        return redirect(f"{base}/login", 303)

    app.add_url_rule(f"{base}/login", "evsim.log_in", log_in, methods=["POST"])
    app.add_url_rule(f"{base}/logout", "evsim.log_out", log_out, methods=["POST"])


def _too_often() -> Response:
    answer = jsonify(detail=f"more than {ATTEMPTS_PER_MINUTE} attempts a minute")
    answer.status_code = 429
    answer.headers["Retry-After"] = str(60 // ATTEMPTS_PER_MINUTE)
    return answer


def _reader(app: Flask, sessions: Sessions) -> Callable[[WSGIEnvironment], bool]:
    def is_logged_in(environ: WSGIEnvironment) -> bool:
        found = app.session_interface.open_session(app, app.request_class(environ))
        return found is not None and sessions.holds(found.get(_KEY))

    return is_logged_in
