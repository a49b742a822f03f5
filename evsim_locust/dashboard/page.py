"""Serves the page and its files; everything on it comes from the REST API later."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, abort, redirect, request
from msgspec import Struct
from werkzeug.wrappers import Response as AnyResponse

_HERE: Final = Path(__file__).parent
# Not from the machine's own table, by which a script may be text/plain, which browsers do not run.
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class _File(Struct, frozen=True):
    body: bytes
    media_type: str
    tag: str


def register(app: Flask, base_path: str, login: bool, beside_locust: bool = True) -> None:
    """Put the page at `{base_path}/dashboard`, its files below; `login` is whether it offers to log out, and
    `beside_locust` whether it leads to Locust's own UI, which is on the same application then.

    All files are read now: what is served is of one version, and no path of a request ever reaches the disk.
    """
    prefix = base_path.rstrip("/")
    page = _file(_filled(prefix, login, beside_locust).encode(), ".html")
    files = dict(_files(_HERE / "static"))
    blueprint = Blueprint("evsim_dashboard", __name__, url_prefix=f"{prefix}/dashboard")

    def dashboard() -> Response:
        return _answer(page)

    def with_slash() -> AnyResponse:
        return redirect(f"{prefix}/dashboard")

    def static(name: str) -> Response:
        found = files.get(name)
        return abort(404) if found is None else _answer(found)

    blueprint.add_url_rule("", "page", dashboard, strict_slashes=True)
    blueprint.add_url_rule("/", "with_slash", with_slash)
    blueprint.add_url_rule("/static/<path:name>", "static", static, merge_slashes=False)
    app.register_blueprint(blueprint)


def policy(host: str) -> str:
    """The Content-Security-Policy of the page and its files: scripts and styles from here only, nothing else at all.

    `host` is a Host header: older browsers do not count its WebSockets as 'self'. What is no host is left out.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _filled(prefix: str, login: bool, beside_locust: bool) -> str:
    """The page with its places filled in: where it lives, whether one logs in to see it, and the way to Locust's."""
    template = (_HERE / "page.html").read_text(encoding="utf-8")
    values = {
        "{login}": " data-login" if login else "",
        "{locust}": '<a href="{base}/">Locust</a>' if beside_locust else "",
        "{base}": escape(prefix),
    }
    for place, value in values.items():
        template = template.replace(place, value)
    return template


def _files(folder: Path) -> Iterator[tuple[str, _File]]:
    """By their paths below the folder; what has no type here is not served."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TYPES and path.is_file():
            yield path.relative_to(folder).as_posix(), _file(path.read_bytes(), path.suffix)


def _file(body: bytes, suffix: str) -> _File:
    return _File(body, _TYPES[suffix], hashlib.sha256(body).hexdigest()[:32])


def _answer(file: _File) -> Response:
    """Kept by the browser, and asked for anew each time: 304 as long as it is the same, so an upgrade shows at once."""
    answer = Response(file.body, content_type=file.media_type)
    answer.set_etag(file.tag)
    answer.cache_control.no_cache = True
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = policy(request.host)
    answer.make_conditional(request)
    return answer
