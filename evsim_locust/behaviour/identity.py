"""Which station a simulated station is: its id, its number, and what makes it different from the others."""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from evsim_locust.behaviour.errors import SettingRefused

# Safe in a URL's path, a file name, a CSV cell and a log line; at most 48 characters.
_STATION_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9*+=:|@._-]{0,47}")


def check_station_id(text: str) -> str:
    """The id itself; raises SettingRefused when it may not be one."""
    if not _STATION_ID.fullmatch(text):
        raise SettingRefused(
            f"{text[:60]!r} is not a station id: 1 to 48 letters, digits or *+=:|@._-, beginning with a letter or digit"
        )
    return text


def station_id(prefix: str, number: int, digits: int) -> str:
    """`PY-SIM-0001`; a number that outgrows its digits keeps going (`PY-SIM-10000`).

    Raises SettingRefused.
    """
    if number < 0 or digits < 0:
        raise SettingRefused(f"a station's number and its digits must be at least 0, not {number} and {digits}")
    return check_station_id(f"{prefix}{number:0{digits}d}")


class StationRow(Struct, frozen=True, gc=False):
    """What a stations file says of one station; what is empty, or 0, is the run's own. Never shown whole: it holds
    the password."""

    station_id: str
    password: str = ""
    id_tags: tuple[str, ...] = ()
    profile: str = ""
    vendor: str = ""
    model: str = ""
    connectors: int = 0
    tls_cert: str = ""
    tls_key: str = ""

    def __repr__(self) -> str:
        return f"StationRow({self.station_id!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # a Struct's own shows everything
        return [("station_id", self.station_id)]


class Naming(Struct, frozen=True):
    """How the stations of a run are numbered: `start` is the first number, `digits` the fewest it is written with."""

    prefix: str
    start: int
    digits: int

    def id_of(self, number: int) -> str:
        """The id of the station with that number; raises SettingRefused when it would not be an id."""
        return station_id(self.prefix, number, self.digits)

    def number_of(self, station_id: str) -> int | None:
        """The number, from `start` on, that `id_of` gives this id for; None when there is none."""
        if not (station_id.startswith(self.prefix) and _STATION_ID.fullmatch(station_id)):
            return None
        written = station_id[len(self.prefix) :]
        if not (written.isascii() and written.isdecimal()):
            return None
        number = int(written)
        return number if number >= self.start and written == f"{number:0{self.digits}d}" else None


class Lease(Struct, frozen=True, gc=False):
    """A station that a process may run. `index` is its place in the run, from 0, and decides its profile in the mix
    and its source address (0 for an id outside of the numbering); an empty `profile` means by the mix."""

    station_id: str
    index: int
    profile: str = ""
    row: StationRow | None = None
