"""Who may read the control endpoints: loopback clients that no web page has sent, or holders of the token."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from msgspec import Struct


class Refusal(NamedTuple):
    """An HTTP status and its reason; `challenge` is the WWW-Authenticate of a 401."""

    status: int
    detail: str
    challenge: str | None = None


class Guard(Struct, frozen=True):
    """`host` is the name that was listened on; `users` are the stations' passwords, None for everybody's welcome."""

    host: str
    token: str | None = None
    users: Mapping[str, str] | None = None

    def refuse_control(self, peer: str | None, headers: Mapping[str, str]) -> Refusal | None:
        """Why a request to the control endpoints is refused; None when it is not."""
        if self.token is not None:
            if _same(headers.get("Authorization", ""), f"Bearer {self.token}"):
                return None
            return Refusal(401, "the control token is needed: Authorization: Bearer TOKEN", "Bearer")
        if not _is_loopback(peer or ""):
            return Refusal(403, "only loopback clients may read this; start the CSMS with --control-token for others")
        # A web page can point its own name at 127.0.0.1 (DNS rebinding), but then Host carries that name.
        if not self._is_ours(_hostname(f"//{headers.get('Host', '')}")):
            return Refusal(403, "the Host header names neither loopback nor --host")
        if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return Refusal(403, "cross-site requests are refused")
        return _refuse_foreign_origin(headers)

    def refuse_station(self, station_id: str, headers: Mapping[str, str]) -> Refusal | None:
        """Why a station's upgrade is refused; None when it is not.

        Only browsers send Origin: a page of another site, or of a name that was pointed at this host, is no station.
        """
        if "Origin" in headers and not self._is_ours(_hostname(headers["Origin"])):
            return Refusal(403, "a web page of another host may not connect")
        refusal = _refuse_foreign_origin(headers)
        if refusal is None and self.users is not None and not self._knows(station_id, headers):
            return Refusal(401, "unknown station or wrong password", 'Basic realm="OCPP", charset="UTF-8"')
        return refusal

    def _is_ours(self, hostname: str) -> bool:
        return hostname in ("localhost", self.host.lower()) or _is_loopback(hostname)

    def _knows(self, station_id: str, headers: Mapping[str, str]) -> bool:
        """HTTP Basic, the user name being the station id (OCPP-J 1.6, section 6.2)."""
        assert self.users is not None
        password = self.users.get(station_id)
        right = _same(_credentials(headers.get("Authorization", "")), f"{station_id}:{password}")
        return right and password is not None


def _refuse_foreign_origin(headers: Mapping[str, str]) -> Refusal | None:
    origin = headers.get("Origin")
    if origin is None or _netloc(origin) == headers.get("Host", "").lower():
        return None
    return Refusal(403, "requests of other origins are refused")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogateescape"), expected.encode(errors="surrogateescape"))


def _credentials(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
