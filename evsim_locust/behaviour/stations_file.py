"""`--stations-file`: which stations there are, one row each, and what is different about each of them.

    station_id,password,id_tags,profile,vendor,model,connectors,tls_cert,tls_key
    DE*ABC*E1,correct-horse-battery,TAG1;TAG2,busy,ACME,X1,2,,

The first line names the columns, in any order; only `station_id` must be there. An empty cell means the run's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from evsim_locust.behaviour.csv_file import records
from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.identity import StationRow as StationRow
from evsim_locust.behaviour.identity import check_station_id
from evsim_locust.behaviour.suggestion import suggestion

_COLUMNS: Final = StationRow.__struct_fields__
_BETWEEN_TAGS: Final = re.compile(r"[;|\s]+")
_ID_TAG: Final = re.compile(r"[!-~]{1,20}")  # OCPP 1.6, IdToken: CiString20Type
_NAME_MOST: Final = 20  # OCPP 1.6, BootNotification.req: chargePointVendor and chargePointModel
# RFC 7617, section 2: no control characters in a password; a lone surrogate has no UTF-8.
_NOT_IN_PASSWORD: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PASSWORD_MOST: Final = 40  # bytes; OCPP 1.6 security white paper, AuthorizationKey
_CONNECTORS_MOST: Final = 100

_Reader = Callable[[str], object]


def parse_stations(text: str, name: str, profiles: Collection[str]) -> tuple[StationRow, ...]:
    """The rows in the file's order; `name` is the file's, `profiles` are the names there are.

    Raises SettingRefused: `fleet.csv: line 3, connectors: ...`, never with a password in it.
    """
    rows: list[StationRow] = []
    place_of: dict[str, str] = {}
    lines = records(text, name)
    readers = _readers(*next(lines, (f"{name}: line 1", [])), profiles)
    for place, cells in lines:
        row = _row(place, cells, readers)
        first = place_of.setdefault(row.station_id, place)
        if first != place:
            raise SettingRefused(
                f"{place}, station_id: {row.station_id!r} is also in{first.removeprefix(f'{name}:')}: give it one row"
            )
        rows.append(row)
    if not rows:
        raise SettingRefused(f"{name}: no stations: give each a row below the line that names the columns")
    return tuple(rows)


def _readers(place: str, cells: Sequence[str], profiles: Collection[str]) -> dict[str, _Reader]:
    """What reads each of the columns that the first line names, in their order."""
    columns = [cell.strip() for cell in cells]
    _check_columns(place, columns)
    readers: dict[str, _Reader] = {**_READERS, "profile": partial(_profile, profiles=profiles)}
    # Few profiles and models in many rows: each is read once.
    return {column: readers[column] if column in _UNIQUE else lru_cache(readers[column]) for column in columns}


def _check_columns(place: str, columns: Sequence[str]) -> None:
    if "station_id" not in columns:
        # Nothing of this line is shown: it may be a row of values, with a password.
        raise SettingRefused(
            f"{place}: no column station_id: the first line names the columns, with commas, of {', '.join(_COLUMNS)}"
        )
    for number, column in enumerate(columns):
        if column not in _COLUMNS:
            raise SettingRefused(f"{place}: no column {column[:40]!r}; {suggestion(column, _COLUMNS, 'columns')}")
        if column in columns[:number]:
            raise SettingRefused(f"{place}: column {column} is named twice: name it once")


def _row(place: str, cells: Sequence[str], readers: Mapping[str, _Reader]) -> StationRow:
    if len(cells) != len(readers):
        raise SettingRefused(
            f"{place}: {len(cells)} cells, but {len(readers)} columns: write as many, "
            'and quotes ("...") around a cell that holds a comma'
        )
    values: dict[str, Any] = {}
    for (column, read), cell in zip(readers.items(), cells, strict=True):
        try:
            values[column] = read(cell)
        except SettingRefused as refused:
            raise SettingRefused(f"{place}, {column}: {refused}") from None
    row = StationRow(**values)
    if bool(row.tls_cert) != bool(row.tls_key):
        missing = "tls_key" if row.tls_cert else "tls_cert"
        raise SettingRefused(f"{place}, {missing}: empty: a certificate and its key belong together, give both")
    return row


# ---- one cell each; an empty one gives the default of StationRow


def _station_id(cell: str) -> str:
    return check_station_id(cell.strip())


def _password(cell: str) -> str:
    """As it is written: its spaces count."""
    if _NOT_IN_PASSWORD.search(cell):
        raise SettingRefused("a control character: give printable characters")
    if len(cell.encode()) > _PASSWORD_MOST:
        raise SettingRefused(f"{len(cell.encode())} bytes: give at most {_PASSWORD_MOST}")
    return cell


def _id_tags(cell: str) -> tuple[str, ...]:
    tags = tuple(filter(None, _BETWEEN_TAGS.split(cell)))
    for tag in tags:
        if not _ID_TAG.fullmatch(tag):
            raise SettingRefused(
                f"{tag[:40]!r} is no id tag: give 1 to 20 printable ASCII characters, and ; between two tags"
            )
    return tags


def _profile(cell: str, profiles: Collection[str]) -> str:
    name = cell.strip()
    if name and name not in profiles:
        raise SettingRefused(f"no profile {name[:40]!r}; {suggestion(name, profiles, 'profiles')}")
    return name


def _name(cell: str) -> str:
    name = cell.strip()
    if len(name) > _NAME_MOST or not name.isprintable():
        raise SettingRefused(f"{name[:40]!r} does not fit: give at most {_NAME_MOST} printable characters")
    return name


def _connectors(cell: str) -> int:
    number = cell.strip()
    if not number:
        return 0
    if not (number.isascii() and number.isdecimal() and len(number) < 9 and 1 <= int(number) <= _CONNECTORS_MOST):
        raise SettingRefused(f"{number[:40]!r} is wrong: give a whole number from 1 to {_CONNECTORS_MOST}")
    return int(number)


def _path(cell: str) -> str:
    path = cell.strip()
    if not path.isprintable():
        raise SettingRefused(f"{path[:60]!r} is no path: give that of a PEM file")
    return path


_UNIQUE: Final = ("station_id", "password")
_READERS: Final[dict[str, _Reader]] = {
    "station_id": _station_id,
    "password": _password,
    "id_tags": _id_tags,
    "vendor": _name,
    "model": _name,
    "connectors": _connectors,
    "tls_cert": _path,
    "tls_key": _path,
}
