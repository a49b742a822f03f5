"""The decision on one request to the web application, for Locust's routes and ours alike; pure.

A browser lets any page send simple requests to any address, and any name may point at 127.0.0.1: so the Host must be
one of ours, and whatever changes something must come from a page of ours or from no page at all.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from msgspec import Struct

from evsim_locust.control.errors import Refused

BODY_LIMIT = 1024 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_WILDCARDS = frozenset({"", "*", "0.0.0.0", "::", "[::]"})  # listening on all addresses names no host
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_PORTS = {"http": "80", "https": "443"}


class GuardRules(Struct, frozen=True):
    """Who may ask: see `guard_rules`, which makes these. Shown without the token."""

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    token: str = ""
    login: bool = False
    base_path: str = ""

    def __repr__(self) -> str:
        return f"GuardRules(hosts={sorted(self.hosts)}, origins={sorted(self.origins)}, login={self.login})"


class Request(Struct, frozen=True):
    """What is known of a request; header texts as they came, None or empty when they did not."""

    method: str
    path: str = "/"
    scheme: str = "http"
    host: str = ""
    origin: str | None = None
    fetch_site: str | None = None
    authorization: str = ""
    upgrade: str = ""
    content_length: str = ""
    logged_in: bool = False

    @property
    def is_upgrade(self) -> bool:
        """It asks for a WebSocket."""
        return "websocket" in self.upgrade.lower()

    @property
    def changes_state(self) -> bool:
        """By its method."""
        return self.method not in _SAFE_METHODS


def guard_rules(
    hosts: Iterable[str] = (),
    origins: Iterable[str] = (),
    token: str = "",
    login: bool = False,
    base_path: str = "",
) -> GuardRules:
    """`hosts` are names or addresses besides the loopback ones, wildcards are left out; `origins` are those of pages
    elsewhere that may ask; raises ValueError for what is neither."""
    return GuardRules(
        hosts=frozenset(host_name(host) for host in hosts if host.strip() not in _WILDCARDS),
        origins=frozenset(origin_of(origin) for origin in origins),
        token=token,
        login=login,
        base_path=base_path.rstrip("/"),
    )


def host_name(text: str) -> str:
    """A host as browsers write it in Host, without a port; raises ValueError."""
    name = text.strip().lower()
    if name.count(":") > 1 and not name.startswith("["):
        name = f"[{name}]"
    match = _HOST.fullmatch(name)
    if match is None or match["port"]:
        raise ValueError(f"{text[:60]!r} is no host: give a name or an address, without port")
    return name


def origin_of(text: str) -> str:
    """An origin in one spelling, with its port; raises ValueError."""
    scheme, _, netloc = text.strip().lower().partition("://")
    match = _HOST.fullmatch(netloc)
    if scheme not in _PORTS or match is None:
        raise ValueError(f"{text[:60]!r} is no origin: give http://host[:port] or https://host[:port]")
    return f"{scheme}://{match['name']}:{match['port'] or _PORTS[scheme]}"


def decide(rules: GuardRules, request: Request) -> Refused | None:
    """Why the request is refused; None when it is not."""
    for check in (_check_host, _check_body, _check_page, _check_identity):
        refused = check(rules, request)
        if refused is not None:
            return refused
    return None


def authenticated(rules: GuardRules, request: Request) -> bool:
    """Whether it says who it is: by the token, or by a session."""
    return _bears_token(rules, request) or request.logged_in


def from_listed_origin(rules: GuardRules, request: Request) -> bool:
    """Whether it comes from a page elsewhere that may ask."""
    return _normal(request.origin) in rules.origins


def is_ours(rules: GuardRules, host: str) -> bool:
    """Whether a Host header names this server, on whatever port."""
    match = _HOST.fullmatch(host.lower())
    return match is not None and (match["name"] in _LOOPBACK or match["name"] in rules.hosts)


def _check_host(rules: GuardRules, request: Request) -> Refused | None:
    if is_ours(rules, request.host):
        return None
    return Refused(421, "the Host header names none of this server's hosts: start it with --allow-host for more")


def _check_body(_rules: GuardRules, request: Request) -> Refused | None:
    """A chunked body has no length yet: whoever reads it counts."""
    length = request.content_length or "0"
    if not (length.isascii() and length.isdecimal()):
        return Refused(400, "Content-Length is no number")
    if len(length) > 20 or int(length) > BODY_LIMIT:
        return Refused(413, f"the body is above {BODY_LIMIT} bytes")
    if request.is_upgrade and request.method != "GET":
        return Refused(400, "only a GET can become a WebSocket")
    return None


def _check_page(rules: GuardRules, request: Request) -> Refused | None:
    """A WebSocket is held to the same: browsers let any page open one anywhere."""
    if not (request.changes_state or request.is_upgrade) or from_listed_origin(rules, request):
        return None
    if request.fetch_site not in (None, "same-origin", "none"):
        return Refused(403, "a page of another site sent this request")
    if request.origin is not None and _normal(request.origin) != _normal(f"{request.scheme}://{request.host}"):
        return Refused(403, "a page of another origin sent this request: start with --allow-origin to allow it")
    return None


def _check_identity(rules: GuardRules, request: Request) -> Refused | None:
    if not (rules.token or rules.login) or _is_open(rules, request) or _bears_token(rules, request):
        return None
    if not request.logged_in:
        wanted = "Authorization: Bearer TOKEN" if rules.token else "log in first"
        return Refused(401, f"who asks is not known: {wanted}")
    # The cookie is sent along whoever caused the request; all browsers of today say who did.
    if (request.changes_state or request.is_upgrade) and request.origin is None and request.fetch_site is None:
        return Refused(403, "a session may change nothing without an Origin header: use a browser or a token")
    return None


def _is_open(rules: GuardRules, request: Request) -> bool:
    """What one must reach to log in, and a listed page's question whether it may ask, which browsers send bare."""
    if request.method == "OPTIONS":
        return from_listed_origin(rules, request)
    if not rules.login or request.is_upgrade:
        return False
    is_asset = request.path.startswith(f"{rules.base_path}/assets/") and not request.changes_state
    return is_asset or (request.path == f"{rules.base_path}/login" and request.method in ("GET", "HEAD", "POST"))


def _bears_token(rules: GuardRules, request: Request) -> bool:
    """WSGI hands over a header's bytes as Latin-1 characters."""
    given = request.authorization.encode("latin-1", "replace")
    return hmac.compare_digest(given, f"Bearer {rules.token}".encode()) and rules.token != ""


def _normal(origin: str | None) -> str | None:
    try:
        return None if origin is None else origin_of(origin)
    except ValueError:  # such as null, the origin of sandboxed pages and files
        return None
