"""The --users and --tags files, read whole at the start; an error names the file, the line, the column and the cure."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast, get_args

from csms.errors import FileRefused
from csms.stations import is_station_id
from csms.tags import Tag, TagStatus
from evsim_locust.ocppj import timestamps

_Row = tuple[str, Mapping[str, str]]  # where it stands, its cells
_TAG_COLUMNS = ("id_tag", "status", "parent_id_tag", "expiry_date")
_LONGEST_TAG = 20  # an IdToken is a CiString20Type
_NO_PASSWORD = "is empty; give the station's password"


def load_users(path: Path) -> dict[str, str]:
    """Passwords by station id, from a CSV with the columns station_id and password; others are left alone."""
    users: dict[str, str] = {}
    for place, cells in _csv_rows(path, required=("station_id", "password")):
        station_id = cells["station_id"]
        if not is_station_id(station_id):
            raise _wrong(place, "station_id", f"{station_id!r} is no station id; use 1 to 48 of A-Z a-z 0-9 *+=:|@._-")
        if station_id in users:
            raise _wrong(place, "station_id", f"{station_id!r} stands here twice; keep one of the lines")
        if not cells["password"]:
            raise _wrong(place, "password", _NO_PASSWORD)
        users[station_id] = cells["password"]
    return users


def load_tags(path: Path) -> list[Tag]:
    """Tag records from a CSV, or from a JSON list of objects when the name ends in .json; only id_tag is needed."""
    rows = _json_rows if path.suffix == ".json" else _csv_rows
    tags: dict[str, Tag] = {}
    for place, cells in rows(path, required=("id_tag",), allowed=_TAG_COLUMNS):
        tag = _tag(place, {name: cell.strip() for name, cell in cells.items()})
        if tags.setdefault(tag.id_tag.lower(), tag) is not tag:
            raise _wrong(place, "id_tag", f"{tag.id_tag!r} stands here twice (case does not matter); keep one of them")
    return list(tags.values())


def _tag(place: str, cells: Mapping[str, str]) -> Tag:
    status = cells.get("status") or "Accepted"
    if status not in get_args(TagStatus):
        raise _wrong(place, "status", f"{status!r} is not one of {', '.join(get_args(TagStatus))}")
    if not cells["id_tag"]:
        raise _wrong(place, "id_tag", "is empty; give a tag of 1 to 20 characters")
    return Tag(
        id_tag=_short(place, "id_tag", cells["id_tag"]),
        status=cast(TagStatus, status),
        parent_id_tag=_short(place, "parent_id_tag", cells.get("parent_id_tag") or "") or None,
        expiry_s=_moment(place, "expiry_date", cells.get("expiry_date") or ""),
    )


def _short(place: str, column: str, text: str) -> str:
    if len(text) > _LONGEST_TAG:
        raise _wrong(place, column, f"{text[:30]!r} has {len(text)} characters; a tag has at most {_LONGEST_TAG}")
    return text


def _moment(place: str, column: str, text: str) -> float | None:
    try:
        return timestamps.read(text).timestamp() if text else None
    except (ValueError, OverflowError):
        raise _wrong(place, column, f"{text[:40]!r} is no date-time; write it as 2030-12-31T23:59:59Z") from None


# ---- files as rows of texts


def _csv_rows(path: Path, required: tuple[str, ...], allowed: tuple[str, ...] = ()) -> Iterator[_Row]:
    """The lines below the header; with `allowed`, no other column may stand in it."""
    reader = csv.reader(_text(path).splitlines(keepends=True), strict=True)
    header = [name.strip() for name in next(_lines(path, reader), (1, []))[1]]
    _check_names(f"{path}:1", header, required, allowed)
    for number, cells in _lines(path, reader):
        if len(cells) != len(header):
            raise FileRefused(f"{path}:{number}: {len(cells)} cells where the header has {len(header)}")
        yield f"{path}:{number}", dict(zip(header, cells, strict=True))


def _lines(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that is not empty."""
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise FileRefused(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _json_rows(path: Path, required: tuple[str, ...], allowed: tuple[str, ...]) -> Iterator[_Row]:
    try:
        rows = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise FileRefused(f"{path}:{line}: not JSON: {getattr(error, 'msg', 'nested too deeply')}") from None
    if not isinstance(rows, list):
        raise FileRefused(f"{path}:1: a list of objects is needed, such as {_example(required)}")
    for index, row in enumerate(rows):
        place = f"{path}: [{index}]"
        if not isinstance(row, dict):
            raise FileRefused(f"{place}: an object is needed, such as {_example(required)[1:-1]}")
        _check_names(place, list(row), required, allowed)
        for name, value in row.items():
            if value is not None and not isinstance(value, str):
                raise _wrong(place, name, f"{value!r} is no text")
        yield place, {name: value or "" for name, value in row.items()}


def _check_names(place: str, names: list[str], required: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    for name in required:
        if name not in names:
            raise _wrong(place, name, "is missing; the names are " + ", ".join(allowed or required))
    for name in names:
        if allowed and name not in allowed:
            raise _wrong(place, name, "is unknown; the names are " + ", ".join(allowed))
        if names.count(name) > 1:
            raise _wrong(place, name, "stands here twice")


def _example(required: tuple[str, ...]) -> str:
    return json.dumps([dict.fromkeys(required, "ABC123")])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise FileRefused(f"{path}: {error.strerror}; give a file that can be read") from None
    except UnicodeDecodeError as error:
        raise FileRefused(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _wrong(place: str, column: str, what: str) -> FileRefused:
    return FileRefused(f"{place}: {column}: {what}")
