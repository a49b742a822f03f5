"""The values that labels may have. A peer or a file must not be able to invent time series without end.

All functions leave alone what they give, so that what a worker has named is named the same by the master.
"""

from __future__ import annotations

import re
from typing import Final, Literal, get_args, get_type_hints

from evsim_locust.ocppj.errors import bounded_code
from evsim_locust.ocppj.events import TIMEOUT, FrameIgnored
from evsim_locust.ocppj.v16.messages import REQUESTS
from evsim_locust.station.words import StopReason

Kind = Literal["OCPP", "CSMS", "WS"]

OK: Final = "ok"
OTHER: Final = "other"
UNKNOWN_ACTION: Final = "UnknownAction"
ANOMALIES: Final = frozenset((*get_args(get_type_hints(FrameIgnored)["kind"]), "MessageDropped"))
PHASES: Final = ("dns", "tcp", "tls", "http")

_ACTIONS: Final = frozenset(REQUESTS)
_REASONS: Final = frozenset(get_args(StopReason))
_NAMES: Final[dict[Kind, frozenset[str]]] = {
    "OCPP": _ACTIONS | ANOMALIES,
    "CSMS": _ACTIONS,
    "WS": frozenset(("connect", "close")),
}
_CLOSE_CODE: Final = re.compile(r"([1-4])(\d{3}|xxx)", re.ASCII)
_NAMED_CODES: Final = frozenset(str(code) for code in range(1000, 1016))  # RFC 6455, section 7.4.1, and its registry
_OPENING: Final = re.compile(
    r"aborted|(dns|tcp|tls|http|subprotocol)"
    r"( (certificate|closed|malformed|no descriptor|no local address|refused|reset|timeout|unreachable))?"
)
_HTTP: Final = re.compile(r"http ([1-5])(\d\d|xx)", re.ASCII)
_NAMED_STATUSES: Final = frozenset(
    f"http {status}" for status in (400, 401, 403, 404, 407, 409, 421, 426, 429, 500, 501, 502, 503, 504)
)
_PROFILE_MAX: Final = 64


def name(kind: Kind, told: str) -> str:
    """What a sample is called: an OCPP action, an anomaly or a step of the connection."""
    return told if told in _NAMES[kind] else OTHER if kind == "WS" else UNKNOWN_ACTION


def failure(kind: Kind, told: str) -> str:
    """How a sample of that kind ended that did not end well."""
    if kind != "WS":
        return outcome(told)
    return close_code(told) if told.isdigit() or told.endswith("xxx") else opening(told)


def outcome(failure: str) -> str:
    """Why a call failed: `Timeout`, an OCPP error code, or the close code of the connection that went."""
    if failure == TIMEOUT or bounded_code(failure) == failure:
        return failure
    return close_code(failure)


def close_code(told: str) -> str:
    """The code of a WebSocket's end; those for libraries and for private use are one each: `3xxx`, `4xxx`."""
    found = _CLOSE_CODE.fullmatch(told)
    if found is None:
        return OTHER
    return told if told in _NAMED_CODES else f"{found[1]}xxx"


def opening(failure: str) -> str:
    """Why an attempt to connect failed: how far it got, and a word or two; rare HTTP statuses as `http 4xx`."""
    found = _HTTP.fullmatch(failure)
    if found is not None:
        return failure if failure in _NAMED_STATUSES else f"http {found[1]}xx"
    return failure if _OPENING.fullmatch(failure) else OTHER


def reconnecting(reason: str) -> str:
    """Why a station connects again: the close code of its last link, or why the last attempt failed."""
    return failure("WS", reason)


def phase(told: str) -> str:
    """A part of connecting."""
    return told if told in PHASES else OTHER


def ending(reason: str) -> str:
    """Why a transaction ended, in OCPP's words."""
    return reason if reason in _REASONS else OTHER


def profile(told: str) -> str:
    """A profile's name; whoever wrote the file may have put anything into it, and into as many as he needs."""
    return "".join(c if c.isprintable() else "?" for c in told[:_PROFILE_MAX]) or OTHER
