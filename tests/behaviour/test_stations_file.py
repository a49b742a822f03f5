"""Files of stations: what is read, and what is said of wrong ones, never with a password."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.stations_file import StationRow, parse_stations

PROFILES = ("default", "busy", "idle")
COLUMNS = ("station_id", "password", "id_tags", "profile", "vendor", "model", "connectors", "tls_cert", "tls_key")
HEADER = ",".join(COLUMNS)


def parse(text: str) -> tuple[StationRow, ...]:
    return parse_stations(text, "fleet.csv", PROFILES)


def refusal(text: str) -> str:
    with pytest.raises(SettingRefused) as refused:
        parse(text)
    return str(refused.value)


def test_a_row_with_everything() -> None:
    text = f"{HEADER}\nDE*ABC*E1,correct horse,TAG1;TAG2,busy,ACME,X1,2,cert.pem,key.pem\n"
    assert parse(text) == (
        StationRow("DE*ABC*E1", "correct horse", ("TAG1", "TAG2"), "busy", "ACME", "X1", 2, "cert.pem", "key.pem"),
    )


def test_a_row_with_nothing_but_an_id_leaves_the_rest_to_the_run() -> None:
    assert parse(f"{HEADER}\nCP1,,,,,,,,\n") == (StationRow("CP1", "", (), "", "", "", 0, "", ""),)
    assert parse("station_id\nCP1\nCP2") == (StationRow("CP1"), StationRow("CP2"))


def test_columns_come_in_any_order_and_rows_stay_in_theirs() -> None:
    rows = parse("connectors,station_id\n3,B\n1,A\n100,C\n")
    assert [(row.station_id, row.connectors) for row in rows] == [("B", 3), ("A", 1), ("C", 100)]


def test_a_byte_order_mark_blank_lines_and_dos_line_ends_do_not_matter() -> None:
    rows = parse("\ufeff station_id , profile \r\n\r\n CP1 , busy \r\n\r\nCP2,\r\n")
    assert rows == (StationRow("CP1", profile="busy"), StationRow("CP2"))


def test_quotes_hold_commas_and_quotes() -> None:
    rows = parse('station_id,password,vendor\n"CP1","a,b ""c""  ","ACME, Inc."\n')
    assert rows == (StationRow("CP1", password='a,b "c"  ', vendor="ACME, Inc."),)


@pytest.mark.parametrize("cell", ["A;B", "A|B", "A B", " A ; B ", ";A|;B;", '"A\tB"'])
def test_id_tags_are_parted_by_semicolons_bars_or_spaces(cell: str) -> None:
    assert parse(f"station_id,id_tags\nCP1,{cell}\n")[0].id_tags == ("A", "B")


def test_a_password_keeps_its_spaces_and_may_have_40_bytes() -> None:
    assert parse("station_id,password\nCP1, a b \n")[0].password == " a b "
    assert parse(f"station_id,password\nCP1,{'ä' * 20}\n")[0].password == "ä" * 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "fleet.csv: line 1: no column station_id: the first line names the columns, with commas, of station_id, "),
        ("\ufeff", "fleet.csv: line 1: no column station_id"),
        ("\n\n", "fleet.csv: line 1: no column station_id"),
        ("station_id;password\n", "fleet.csv: line 1: no column station_id"),
        ("station_id\n", "fleet.csv: no stations: give each a row below"),
        ("station_id,pasword\n", "fleet.csv: line 1: no column 'pasword'; did you mean password? (the columns are "),
        ("station_id,\n", "fleet.csv: line 1: no column ''; the columns are connectors, id_tags, model, password"),
        ("station_id,model,model\n", "fleet.csv: line 1: column model is named twice"),
        ("station_id,model\nCP1\n", "fleet.csv: line 2: 1 cells, but 2 columns: write as many"),
        ("station_id,model\nCP1,A,B\n", "fleet.csv: line 2: 3 cells, but 2 columns"),
        ("station_id\nCP1\n\nC P\n", "fleet.csv: line 4, station_id: 'C P' is not a station id: 1 to 48 letters"),
        ("station_id,model\n,A\n", "fleet.csv: line 2, station_id: '' is not a station id"),
        ("station_id\nCP1\nCP2\n\nCP1\n", "fleet.csv: line 5, station_id: 'CP1' is also in line 2: give it one row"),
        ("station_id,profile\nCP1,bussy\n", "line 2, profile: no profile 'bussy'; did you mean busy? (the profiles"),
        ("station_id,connectors\nCP1,0\n", "line 2, connectors: '0' is wrong: give a whole number from 1 to 100"),
        ("station_id,connectors\nCP1,101\n", "line 2, connectors: '101' is wrong"),
        ("station_id,connectors\nCP1,-1\n", "line 2, connectors: '-1' is wrong"),
        ("station_id,connectors\nCP1,1.0\n", "line 2, connectors: '1.0' is wrong"),
        ("station_id,connectors\nCP1,٢\n", "line 2, connectors: '٢' is wrong"),
        (f"station_id,connectors\nCP1,{'1' * 5000}\n", f"line 2, connectors: '{'1' * 40}' is wrong"),
        (
            f"station_id,vendor\nCP1,{'v' * 21}\n",
            "line 2, vendor: 'vvvvvvvvvvvvvvvvvvvvv' does not fit: give at most 20",
        ),
        (f"station_id,model\nCP1,{'m' * 21}\n", "line 2, model: 'mmmmmmmmmmmmmmmmmmmmm' does not fit"),
        ("station_id,model\nCP1,a\x07b\n", "line 2, model: 'a\\x07b' does not fit"),
        (
            f"station_id,id_tags\nCP1,A;{'t' * 21}\n",
            "line 2, id_tags: 'ttttttttttttttttttttt' is no id tag: give 1 to 20",
        ),
        ("station_id,id_tags\nCP1,Ä\n", "line 2, id_tags: 'Ä' is no id tag"),
        (
            "station_id,tls_cert,tls_key\nCP1,c.pem,\n",
            "line 2, tls_key: empty: a certificate and its key belong together",
        ),
        ("station_id,tls_cert,tls_key\nCP1,,k.pem\n", "line 2, tls_cert: empty: a certificate and its key belong"),
        ("station_id,tls_cert\nCP1,c.pem\n", "line 2, tls_key: empty"),
        ('station_id,tls_cert,tls_key\nCP1,"c\n.pem",k\n', "line 2, tls_cert: 'c\\n.pem' is no path"),
        ("station_id\nCP1\nC\0P2\n", "fleet.csv: line 3: a NUL character; a UTF-16 file, perhaps: save it as UTF-8"),
        ('station_id\nCP1\n"CP2\n', "fleet.csv: line 3: not CSV (unexpected end of data): check its quotes"),
        ('station_id\n"CP1"x\n', "fleet.csv: line 2: not CSV ("),
        (f"station_id\nCP1\n{'x' * 140_000}\n", "fleet.csv: line 3: not CSV (field larger than field limit"),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_and_column(text: str, message: str) -> None:
    assert message in refusal(text)


def test_a_line_number_counts_the_lines_inside_quotes() -> None:
    assert "line 3, station_id" in refusal('station_id,password\n"CP1","a"\n"C\n\nP",b\n')


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("hunter2" * 6, "42 bytes: give at most 40"),
        ("hunter2" + "ä" * 17, "41 bytes: give at most 40"),
        ("hunter2\x07", "a control character: give printable characters"),
        ('"hunter2\n"', "a control character: give printable characters"),
        ("hunter2\x7f", "a control character: give printable characters"),
        ("hunter2\ud800", "a control character: give printable characters"),
    ],
)
def test_a_wrong_password_is_refused_and_not_shown(password: str, message: str) -> None:
    told = refusal(f"station_id,password\nCP1,{password}\n")
    assert told == f"fleet.csv: line 2, password: {message}"
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "text",
    [
        "CP1,hunter2\nCP2,hunter2\n",
        "station_id,password\nCP1,hunter2,\n",
        "station_id,password\nCP1,hunter2\nCP1,hunter2\n",
        'station_id,password\nCP1,"hunter2\n',
        'station_id,password\nCP1,"hunter2"x\n',
        "station_id,password,connectors\nCP1,hunter2,x\n",
    ],
)
def test_no_refusal_shows_a_password(text: str) -> None:
    assert "hunter2" not in refusal(text)


ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9*+=:|@._-]{0,47}", fullmatch=True)
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=20)
rows = st.builds(
    StationRow,
    ids,
    password=st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=40).filter(
        lambda text: len(text.encode()) <= 40
    ),
    id_tags=st.lists(st.from_regex(r"[!-:<-{}~]{1,20}", fullmatch=True)).map(tuple),  # neither ; nor |
    profile=st.sampled_from(["", *PROFILES]),
    vendor=names,
    model=names,
    connectors=st.integers(0, 100),
)


@given(st.lists(rows, min_size=1, max_size=5, unique_by=lambda row: row.station_id), st.sampled_from("; |"))
def test_what_a_csv_writer_wrote_is_read_back(stations: list[StationRow], between: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in stations:
        cells = {name: getattr(row, name) for name in COLUMNS}
        cells |= {"id_tags": between.join(row.id_tags), "connectors": row.connectors or ""}
        writer.writerow(cells.values())
    assert parse(file.getvalue()) == tuple(stations)


@given(st.text(max_size=80), st.booleans())
@example('"', True)
@example("\r", True)
@example("A,B\x85,\u2028", True)
def test_any_text_is_read_or_refused_with_the_files_name(text: str, titled: bool) -> None:
    told = ""
    read: tuple[StationRow, ...] = ()
    try:
        read = parse(f"{HEADER if titled else ''}\n{text}")
    except SettingRefused as refused:
        told = str(refused)
    assert told.startswith("fleet.csv: ") != bool(read)
