"""Which scripts a page may run: the Content-Security-Policy of each answer; pure.

Locust's pages hold inline scripts: one bundle in the report, and their data as assignments to `window`. Admitting every
inline script that is found in a page would admit an injected one too: only what stands in Locust's templates, and plain
data for the names that its scripts read, gets its hash into the policy.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator

_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_HAS_SOURCE = re.compile(rb"\ssrc\s*=", re.IGNORECASE)
_DATA = re.compile(rb"\s*window\.(?:templateArgs|authArgs|theme) = (?P<value>.*?);?\s*")


def content_policy(host: str, scripts: Iterable[str] = ()) -> str:
    """The header's value; `scripts` are the sources of inline scripts that may run. `host` is a checked Host header, or
    empty: older browsers do not count its WebSockets as 'self'."""
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(("'self'", *scripts)),
        "style-src": "'self' 'unsafe-inline'",  # Locust's user interface library writes its styles into the page
        "img-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host}" if host else "'self'",
        "object-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def admitted(page: bytes, known: Collection[str]) -> list[str]:
    """The sources of a page's inline scripts that are known or nothing but data."""
    found = dict.fromkeys(inline_scripts(page))
    return [source for text in found if (source := script_source(text)) in known or _is_data(text)]


def inline_scripts(page: bytes) -> Iterator[bytes]:
    """The texts of the scripts that are part of the page."""
    for match in _SCRIPT.finditer(page):
        if not _HAS_SOURCE.search(match["attributes"]):
            yield match["text"]


def script_source(text: bytes) -> str:
    """A script as the policy names it (CSP level 3, section 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"


def _is_data(text: bytes) -> bool:
    """Each line is an assignment of JSON, in which nothing can be called."""
    return all(_is_assignment(line) for line in text.split(b"\n") if line.strip())


def _is_assignment(line: bytes) -> bool:
    match = _DATA.fullmatch(line)
    if match is None:
        return False
    try:
        json.loads(match["value"])
    except (ValueError, RecursionError):
        return False
    return True
