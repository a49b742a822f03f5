"""The records of a CSV file that a user wrote, with the lines they begin in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from evsim_locust.behaviour.errors import SettingRefused

_BOM = "\ufeff"


def records(text: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """Each record's place (`fleet.csv: line 3`) and its cells as written, blank lines left out.

    Raises SettingRefused, never with what a cell holds: it may be a password.
    """
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SettingRefused(f"{name}: line {line}: a NUL character; a UTF-16 file, perhaps: save it as UTF-8")
    reader = csv.reader(io.StringIO(text.removeprefix(_BOM), newline=""), strict=True)
    while True:
        place = f"{name}: line {reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise SettingRefused(f"{place}: not CSV ({error}): check its quotes") from None
        if cells is None:
            return
        if cells:
            yield place, cells
