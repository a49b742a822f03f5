"""One endpoint as a row: what it takes, gives and refuses. Routes and OpenAPI document are both made of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

_PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")

# What behaviour.identity checks, as it can be said in a JSON schema; the lookahead refuses a final newline.
_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9*+=:|@._-]{0,47}(?!\n)$"
StationId = Annotated[str, Meta(pattern=_ID, description="a station's id")]
ActionName = Annotated[str, Meta(pattern=r"^[a-z_]{1,40}(?!\n)$", description="an action, as GET of the station lists")]
PATTERNS: Final = {_ID: "1 to 48 letters, digits and * + = : | @ . _ -, a letter or digit first"}
Moment = Annotated[str, Meta(description="ISO 8601 with an offset")]
PATH_PARAMETERS: Final[Mapping[str, Any]] = {"station_id": StationId, "action": ActionName}


class Failure(Struct, frozen=True):
    """What every refusal says."""

    detail: Annotated[str, Meta(description="why, in one line")]


class Done(Struct, frozen=True):
    """The command was taken."""

    status: Literal["ok"] = "ok"


class Endpoint(Struct, frozen=True, kw_only=True):
    """`handle` gets the path's parameters and, where there are such types, `query` and `body`, checked, by name.

    It gives a value of type `answer`, or a ready response in its `media_type`, or raises. A `live` one is a WebSocket:
    its `handle` gives the `Lines` to send, and what it raises is said before the upgrade. `refusals` are those that the
    path, the query and the body do not already tell of.
    """

    path: str
    handle: Callable[..., Any]
    summary: str
    answer: Any
    media_type: str = "application/json"
    method: Literal["GET", "POST"] = "GET"
    query: type[Struct] | None = None
    body: Any = None
    body_may_be_empty: bool = False
    headers: Mapping[str, str] = {}
    refusals: tuple[int, ...] = ()
    live: bool = False

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return _PATH_PARAMETER.sub(r"<\1>", self.path)

    @property
    def path_parameters(self) -> list[str]:
        """The names in the path."""
        return _PATH_PARAMETER.findall(self.path)


class Subject(Struct, frozen=True):
    """Endpoints that belong together; each subject is a Flask blueprint."""

    name: str
    endpoints: tuple[Endpoint, ...]
