"""Rows as files for others: block by block, so that a million of them need no more memory than some hundreds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

import msgspec

_ROWS: Final = 500
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width signs included.
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def csv_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, the first line the columns; no text in it is a formula to a spreadsheet."""
    cells = ([_inert(row[column]) for column in columns] for row in rows)
    for block in _blocks(chain([list(columns)], cells)):
        written = io.StringIO(newline="")
        csv.writer(written).writerows(block)
        yield written.getvalue().encode()


def json_array(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A JSON array, a row a line."""
    before = b"["
    for block in _blocks(rows):
        yield before + b",\n".join(map(msgspec.json.encode, block))
        before = b",\n"
    yield b"[]\n" if before == b"[" else b"]\n"


def _inert(cell: Any) -> Any:
    """An apostrophe before it tells a spreadsheet that this is text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def _blocks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while block := list(islice(left, _ROWS)):
        yield block
