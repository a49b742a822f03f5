"""Files of rows: what is read back is what was written, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.control.export import csv_table, json_array

COLUMNS = ("text", "number", "perhaps")
DANGEROUS = "=+-@\t\r\n＝＋－＠"
texts = st.text(st.characters(codec="utf-8"), max_size=20) | st.text(alphabet=DANGEROUS + "',;\"|x1", max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
rows = st.lists(st.fixed_dictionaries({"text": texts, "number": numbers, "perhaps": st.none() | texts}), max_size=5)


def table(given_rows: list[dict[str, object]]) -> list[list[str]]:
    text = b"".join(csv_table(COLUMNS, given_rows)).decode()
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@given(rows)
def test_a_table_holds_the_rows_and_no_formula(given_rows: list[dict[str, object]]) -> None:
    header, *lines = table(given_rows)
    assert header == list(COLUMNS)
    assert len(lines) == len(given_rows)
    for line, row in zip(lines, given_rows, strict=True):
        text, number, perhaps = line
        assert float(number) == row["number"]
        for cell, value in ((text, row["text"]), (perhaps, row["perhaps"] or "")):
            assert not cell.startswith(tuple(DANGEROUS))
            assert cell == value or (cell == f"'{value}" and str(value)[0] in DANGEROUS)


@pytest.mark.parametrize("first", DANGEROUS)
def test_a_text_that_would_be_a_formula_gets_an_apostrophe(first: str) -> None:
    assert table([{"text": f"{first}1+1", "number": 1, "perhaps": None}])[1] == [f"'{first}1+1", "1", ""]


def test_numbers_stay_numbers() -> None:
    assert b"".join(csv_table(COLUMNS, [{"text": "a-b", "number": -0.5, "perhaps": "é"}])) == (
        "text,number,perhaps\r\na-b,-0.5,é\r\n".encode()
    )


@given(rows)
def test_an_array_is_the_rows(given_rows: list[dict[str, object]]) -> None:
    text = b"".join(json_array(given_rows))
    assert json.loads(text) == given_rows
    assert text.count(b"\n") == max(len(given_rows), 1)


@pytest.mark.parametrize("number", [0, 1, 499, 500, 501, 1000, 1234])
def test_blocks_join_without_a_seam(number: int) -> None:
    many = [{"text": str(n), "number": n, "perhaps": None} for n in range(number)]
    assert json.loads(b"".join(json_array(many))) == many
    assert [line[0] for line in table(many)] == ["text", *(str(n) for n in range(number))]


@pytest.mark.parametrize("make", [json_array, lambda source: csv_table(COLUMNS, source)])
def test_rows_are_taken_block_by_block(make) -> None:
    taken = 0

    def source() -> Iterator[dict[str, object]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"text": "x", "number": taken, "perhaps": None}

    blocks = make(source())
    next(blocks)
    first = taken
    next(blocks)
    assert first <= 1000
    assert taken <= 2 * first + 1
