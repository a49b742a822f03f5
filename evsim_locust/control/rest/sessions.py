"""Charging sessions: the newest as JSON, or all of them as a file."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Annotated, Any

from flask import Response
from msgspec import Meta, Struct

from evsim_locust.control.archive import Archive, SessionFilter, kept
from evsim_locust.control.errors import Refused
from evsim_locust.control.export import csv_table, json_array
from evsim_locust.control.period import period
from evsim_locust.control.rest.endpoint import Endpoint, Moment, Subject

# None of them can hold a NUL, which PostgreSQL refuses to look for.
_StationId = Annotated[str, Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9*+=:|@._-]{0,47})?(?!\n)$")]
_RunId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{0,36}(?!\n)$", description="as GET /api/v1/runs has it")]
_Start = Annotated[str, Meta(max_length=40, description="ISO 8601: a date-time, UTC without an offset, or a date")]

_log = logging.getLogger("evsim_locust")


class Which(Struct, frozen=True, kw_only=True):
    """Which sessions, by station, run and start, up to `until` without it; of a date, the whole day is meant."""

    station_id: _StationId = ""
    run_id: _RunId = ""
    since: _Start = ""
    until: _Start = ""


class Page(Which, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest of them."""

    limit: Annotated[int, Meta(ge=1, le=10_000)] = 200


class Download(Which, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, or the newest."""

    limit: Annotated[int, Meta(ge=0, le=1_000_000_000, description="0 is all")] = 0


class Session(Struct, frozen=True):
    """A charging session that has ended; null is what an older history does not tell."""

    session_id: str
    station_id: str
    start_time: Moment
    stop_time: Moment | None
    energy_kwh: float
    id_tag: str | None
    profile: str | None
    reason: Annotated[str | None, Meta(description="why it ended, in OCPP's words")]
    cost: Annotated[float | None, Meta(description="its energy at the prices of when it was delivered")]


class Sessions(Struct, frozen=True):
    """Newest first; `count` of them are here."""

    count: int
    sessions: list[Session]


def subject(archive: Archive | None) -> Subject:
    """The endpoints of sessions; without an archive they say that there is none."""

    def sessions(query: Page) -> Mapping[str, Any]:
        found = kept(archive).sessions(_filter(query, query.limit))
        return {"count": len(found), "sessions": found}

    def every(query: Download) -> Iterator[Mapping[str, Any]]:
        return kept(archive).every_session(_filter(query, query.limit))

    def sessions_csv(query: Download) -> Response:
        return _file("sessions.csv", "text/csv; charset=utf-8", csv_table(Session.__struct_fields__, every(query)))

    def sessions_json(query: Download) -> Response:
        return _file("sessions.json", "application/json", json_array(every(query)))

    return Subject(
        "sessions",
        (
            Endpoint(
                path="/api/v1/sessions",
                handle=sessions,
                summary="Charging sessions, newest first",
                query=Page,
                answer=Sessions,
                refusals=(404, 504),
            ),
            _download("csv", sessions_csv, str, "text/csv"),
            _download("json", sessions_json, list[Session], "application/json"),
        ),
    )


def _download(suffix: str, handle: Callable[..., Response], answer: Any, media_type: str) -> Endpoint:
    return Endpoint(
        path=f"/api/v1/sessions.{suffix}",
        handle=handle,
        summary=f"All charging sessions as a file of {suffix.upper()}",
        query=Download,
        answer=answer,
        media_type=media_type,
        headers={"Content-Disposition": "attachment, with a file name"},
        refusals=(404, 504),
    )


def _filter(query: Which, limit: int) -> SessionFilter:
    since_s, until_s = period(query.since, query.until)
    return SessionFilter(limit, query.station_id, query.run_id, since_s, until_s)


def _file(name: str, content_type: str, blocks: Iterator[bytes]) -> Response:
    """Sent as it is made; what fails before the first block is refused, what fails later breaks the connection."""
    first = next(blocks)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(chain((first,), _or_break(name, blocks)), headers=headers, content_type=content_type)


def _or_break(name: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """After half a file nothing can be said any more, but it must not look whole: the server hangs up on this error."""
    try:
        yield from blocks
    except Refused as refused:
        _log.warning("%s was broken off: %s", name, refused.detail)
        raise ConnectionResetError(errno.ECONNRESET, refused.detail) from None
