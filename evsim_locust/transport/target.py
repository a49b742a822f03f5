"""Where and as whom a station connects; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

if TYPE_CHECKING:
    import ssl

_PLACEHOLDER = "{station_id}"
_PORTS = {"ws": 80, "wss": 443}
_SAFE_IN_ID = "*+=:@._-"
_SHAPE = "ws://host[:port]/path or wss://host[:port]/path"


@dataclass(frozen=True, slots=True)
class Target:
    """One station's way to its CSMS; a `context` means wss, `password` is (user, password) for Basic auth.

    `host` is a name or an address without brackets; `path` is percent-encoded and holds the query.
    """

    host: str
    port: int
    path: str
    subprotocol: str = "ocpp1.6"
    context: ssl.SSLContext | None = None
    password: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The whole as a URL, without the password."""
        scheme = "ws" if self.context is None else "wss"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{self.path}"


class BaseUrl(NamedTuple):
    """A checked base URL; `template` is path and query with `{station_id}` where the id belongs."""

    secure: bool
    host: str
    port: int
    template: str


def target_of(
    base_url: str | BaseUrl,
    station_id: str,
    *,
    subprotocol: str = "ocpp1.6",
    context: ssl.SSLContext | None = None,
    password: tuple[str, str] | None = None,
) -> Target:
    """The target of one station; the id is percent-encoded. `context` is needed for wss and not used for ws."""
    base = parse_base_url(base_url) if isinstance(base_url, str) else base_url
    if station_id in ("", ".", ".."):
        raise ValueError(f"station id is {station_id!r}, which is no path segment: give it a name")
    if base.secure and context is None:
        raise ValueError("wss:// needs a TLS context: see tls.client_context")
    path = base.template.replace(_PLACEHOLDER, quote(station_id, safe=_SAFE_IN_ID))
    return Target(base.host, base.port, path, subprotocol, context if base.secure else None, password)


def parse_base_url(url: str) -> BaseUrl:
    """Check a base URL; raises ValueError with what is wrong and what would be right, never with a password."""
    if any(not "!" <= character <= "~" for character in url):
        raise ValueError("base URL holds a space, a control or a non-ASCII character: percent-encode it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"base URL is malformed ({_without_quotes(error)}): write {_SHAPE}") from None
    scheme = parts.scheme
    if scheme not in _PORTS:
        raise ValueError(f"base URL does not begin with ws:// or wss://: write {_SHAPE}")
    _check_parts(url, parts)
    host = _host(parts)
    if port == 0:
        raise ValueError("base URL has port 0: write 1 to 65535")
    return BaseUrl(scheme == "wss", host, port or _PORTS[scheme], _template(parts))


def _check_parts(url: str, parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise ValueError("base URL holds a user or password: give them by --basic-auth-key or in the stations file")
    if "#" in url:
        raise ValueError(
            "base URL holds a fragment (#...), which RFC 6455 section 3 forbids: leave it out or write %23"
        )


def _host(parts: SplitResult) -> str:
    host = parts.hostname
    if not host:
        raise ValueError(f"base URL has no host: write {_SHAPE}")
    if not parts.netloc.startswith("[") and any(not (c.isalnum() or c in "._-") for c in host):
        raise ValueError("base URL has a host with impossible characters: write a name or an address, IPv6 as [::1]")
    return host


def _template(parts: SplitResult) -> str:
    """Path and query with the id's place; a `;` is encoded since websocket-client would cut the path there."""
    path = parts.path.replace(";", "%3B")
    if _PLACEHOLDER not in path and _PLACEHOLDER not in parts.query:
        path = f"{path.rstrip('/')}/{_PLACEHOLDER}"
    path = path if path.startswith("/") else f"/{path}"
    if parts.query:
        path = f"{path}?{parts.query}"
    if set("{}") & set(path.replace(_PLACEHOLDER, "")):
        raise ValueError("base URL holds a brace that is not {station_id}: write {station_id} or percent-encode it")
    return path


def _without_quotes(error: ValueError) -> str:
    """The library's words up to what they quote of the URL, which may hold a password."""
    return str(error).partition("'")[0].strip().rstrip(":")
