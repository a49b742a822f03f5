"""The users and tags files: what is wrong is told with file, line, column and cure."""

from __future__ import annotations

import json

import pytest

from csms.errors import FileRefused
from csms.tables import load_tags, load_users
from csms.tags import Tag


def _file(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def _error(load, path):
    with pytest.raises(FileRefused) as raised:
        load(path)
    text = str(raised.value)
    assert text.startswith(f"{path}"), text
    return text.removeprefix(str(path))


def test_users(tmp_path):
    text = '\ufeffstation_id,password\r\nCP1,"a,b "\r\n\r\nCP:2,geheim\u00e4\r\n'
    assert load_users(_file(tmp_path, text)) == {"CP1": "a,b ", "CP:2": "geheimä"}


def test_the_simulators_stations_file_serves_as_users_file(tmp_path):
    text = "station_id,password,id_tags,profile\nCP1,secret,A B,default\n"
    assert load_users(_file(tmp_path, text)) == {"CP1": "secret"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", ":1: station_id: is missing; the names are station_id, password"),
        ("station_id\nCP1\n", ":1: password: is missing; the names are station_id, password"),
        ("station_id,password,password\n", ":1: password: stands here twice"),
        ("station_id,password\nCP1\n", ":2: 1 cells where the header has 2"),
        ("station_id,password\nCP1,a,b\n", ":2: 3 cells where the header has 2"),
        ("station_id,password\nCP1,a\nC 2,b\n", ":3: station_id: 'C 2' is no station id; use 1 to 48"),
        ("station_id,password\nCP1,a\n\nCP1,b\n", ":4: station_id: 'CP1' stands here twice; keep one"),
        ("station_id,password\nCP1,\n", ":2: password: is empty; give the station's password"),
        ('station_id,password\nCP1,"a\n', ":2: not CSV:"),
        (b"station_id,password\nCP1,\xff\n", ": not UTF-8 at byte 24; save it as UTF-8"),
    ],
)
def test_a_wrong_users_file(tmp_path, text, error):
    assert _error(load_users, _file(tmp_path, text)).startswith(error)


@pytest.mark.parametrize("load", [load_users, load_tags])
def test_a_file_that_is_not_there(tmp_path, load):
    assert _error(load, tmp_path / "none.csv") == ": No such file or directory; give a file that can be read"
    assert _error(load, tmp_path).startswith(": Is a directory")


_TAGS = [
    Tag(id_tag="ABC123"),
    Tag(id_tag="B", status="Blocked", parent_id_tag="P"),
    Tag(id_tag="C", expiry_s=0.0),
]


def test_tags_from_csv(tmp_path):
    text = "id_tag, status ,parent_id_tag,expiry_date\nABC123,,,\n B ,Blocked,P,\nC,Accepted,,1970-01-01T00:00Z\n"
    assert load_tags(_file(tmp_path, text)) == _TAGS


def test_tags_from_json(tmp_path):
    rows = [
        {"id_tag": "ABC123"},
        {"id_tag": "B", "status": "Blocked", "parent_id_tag": "P", "expiry_date": None},
        {"id_tag": "C", "expiry_date": "1970-01-01T01:00:00+01:00"},
    ]
    assert load_tags(_file(tmp_path, json.dumps(rows), "tags.json")) == _TAGS


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("tag\nA\n", ":1: id_tag: is missing; the names are id_tag, status, parent_id_tag, expiry_date"),
        ("id_tag,expiry\nA,\n", ":1: expiry: is unknown; the names are id_tag, status, parent_id_tag, expiry_date"),
        ("id_tag\nA\na\n", ":3: id_tag: 'a' stands here twice (case does not matter); keep one of them"),
        ("id_tag,status\n,Blocked\n", ":2: id_tag: is empty; give a tag of 1 to 20 characters"),
        ("id_tag\n" + "x" * 21, f":2: id_tag: '{'x' * 21}' has 21 characters; a tag has at most 20"),
        ("id_tag,parent_id_tag\nA," + "x" * 21, f":2: parent_id_tag: '{'x' * 21}' has 21 characters"),
        ("id_tag,status\nA,blocked\n", ":2: status: 'blocked' is not one of Accepted, Blocked, Expired, Invalid, Conc"),
        ("id_tag,expiry_date\nA,soon\n", ":2: expiry_date: 'soon' is no date-time; write it as 2030-12-31T23:59:59Z"),
    ],
)
def test_a_wrong_tags_file(tmp_path, text, error):
    assert _error(load_tags, _file(tmp_path, text)).startswith(error)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[\n{]", ":2: not JSON: Expecting property name"),
        ("[" * 100_000, ":1: not JSON: nested too deeply"),
        ("{}", ':1: a list of objects is needed, such as [{"id_tag": "ABC123"}]'),
        ('[{"id_tag": "A"}, 5]', ': [1]: an object is needed, such as {"id_tag": "ABC123"}'),
        ('[{"id_tag": "A", "status": 5}]', ": [0]: status: 5 is no text"),
        ('[{"status": "Blocked"}]', ": [0]: id_tag: is missing"),
        ('[{"id_tag": "A", "x": "y"}]', ": [0]: x: is unknown"),
        ('[{"id_tag": null}]', ": [0]: id_tag: is empty"),
    ],
)
def test_a_wrong_json_file(tmp_path, text, error):
    assert _error(load_tags, _file(tmp_path, text, "tags.json")).startswith(error)
