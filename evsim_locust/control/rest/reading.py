"""What a client sends, typed and checked, and what it gets back: JSON both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from flask import Response, request
from msgspec import DecodeError, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from evsim_locust.behaviour.errors import place_and_detail
from evsim_locust.control.errors import Refused
from evsim_locust.control.rest.endpoint import PATH_PARAMETERS, PATTERNS

BODY_LIMIT: Final = 1 << 20
_SHOWN: Final = 40  # characters of what was sent, in a refusal
_PATTERNS: Final = {name: re.compile(kind.__metadata__[0].pattern) for name, kind in PATH_PARAMETERS.items()}


def read_path(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters in the path; what cannot exist is refused with 404 before anybody looks for it."""
    for name, value in parameters.items():
        if not _PATTERNS[name].fullmatch(value):
            raise Refused(404, f"no {name.removesuffix('_id')} {value[:_SHOWN]!r}")
    return parameters


def read_query(kind: Any) -> Any:
    """The query as `kind`, numbers read from their text; 422 for a parameter that is unknown, wrong or there twice."""
    given = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Refused(422, f"{name[:_SHOWN]}: given {len(values)} times")
        given[name] = values[0]
    return _typed(given, kind, strict=False)


def read_body(kind: Any, may_be_empty: bool) -> Any:
    """The body as `kind`; 400 when it is not JSON, 413 above 1 MiB, 422 for a field missing, unknown or wrong."""
    request.max_content_length = BODY_LIMIT + 1  # a body without a length is cut there, not refused
    data = request.get_data()
    if len(data) > BODY_LIMIT:
        raise RequestEntityTooLarge
    return _typed({} if may_be_empty and not data else _parsed(data), kind, strict=True)


def reply(value: Any, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The value as a JSON response."""
    return Response(msgspec.json.encode(value), status, headers, content_type="application/json")


def _parsed(data: bytes) -> Any:
    """Read without a type first, so that what is no JSON can be told from what is JSON of another shape."""
    if not request.is_json:
        raise Refused(400, f"a body must have Content-Type application/json, not {request.mimetype[:_SHOWN]!r}")
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise Refused(400, "the body is nested too deeply") from None
    except (DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, f"the body is not JSON: {error}") from None


def _typed(value: Any, kind: Any, strict: bool) -> Any:
    try:
        return msgspec.convert(value, kind, strict=strict)
    except ValidationError as error:
        place, detail = place_and_detail(error)
        raise Refused(422, ": ".join(filter(None, (place, _in_words(detail))))) from None


def _in_words(detail: str) -> str:
    """A pattern is for programs."""
    return next((f"must be {words}" for pattern, words in PATTERNS.items() if repr(pattern) in detail), detail)
