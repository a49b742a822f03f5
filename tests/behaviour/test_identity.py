"""Station ids, their numbers, and what a lease shows."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.identity import Lease, Naming, StationRow, check_station_id, station_id


@pytest.mark.parametrize(
    ("number", "digits", "expected"),
    [
        (1, 4, "PY-SIM-0001"),
        (9999, 4, "PY-SIM-9999"),
        (10000, 4, "PY-SIM-10000"),
        (7, 0, "PY-SIM-7"),
        (0, 2, "PY-SIM-00"),
    ],
)
def test_an_id_is_prefix_and_number(number: int, digits: int, expected: str) -> None:
    assert station_id("PY-SIM-", number, digits) == expected


def test_an_id_may_be_a_number_alone() -> None:
    assert station_id("", 12, 4) == "0012"


@pytest.mark.parametrize(("prefix", "number", "digits"), [("-CP", 1, 4), ("C P", 1, 4), ("CP/", 1, 4), ("CP", 1, 47)])
def test_an_id_that_may_not_be_one_is_refused(prefix: str, number: int, digits: int) -> None:
    with pytest.raises(SettingRefused, match="is not a station id: 1 to 48 letters, digits"):
        station_id(prefix, number, digits)


@pytest.mark.parametrize(("number", "digits"), [(-1, 4), (1, -1)])
def test_negative_numbers_are_refused(number: int, digits: int) -> None:
    with pytest.raises(SettingRefused, match="must be at least 0"):
        station_id("CP", number, digits)


@pytest.mark.parametrize("text", ["A", "0", "a" * 48, "DE*ABC*E123", "a+b=c:d|e@f.g_h-i"])
def test_ids_that_are_good(text: str) -> None:
    assert check_station_id(text) == text


@pytest.mark.parametrize("text", ["", ".", "-a", "a" * 49, "a b", "a/b", "a\n", "ä", "a%20", "a\\b", "<a>", "١"])
def test_ids_that_are_refused(text: str) -> None:
    with pytest.raises(SettingRefused):
        check_station_id(text)


@given(st.text(max_size=60))
def test_a_good_id_is_safe_in_a_path_and_a_header(text: str) -> None:
    good = re.search(r"^[a-z0-9][a-z0-9*+=:|@._-]*\Z", text, re.ASCII | re.IGNORECASE) and len(text) <= 48
    if good:
        assert check_station_id(text) == text
    else:
        with pytest.raises(SettingRefused):
            check_station_id(text)


@given(st.integers(0, 10**9), st.integers(0, 12))
def test_ids_of_different_numbers_differ(number: int, digits: int) -> None:
    assert int(station_id("CP", number, digits)[2:]) == number


# ---- numbering


def test_a_naming_numbers_its_stations() -> None:
    naming = Naming("PY-SIM-", 1, 4)
    assert [naming.id_of(number) for number in (1, 9999, 10000)] == ["PY-SIM-0001", "PY-SIM-9999", "PY-SIM-10000"]
    assert [naming.number_of(text) for text in ("PY-SIM-0001", "PY-SIM-10000")] == [1, 10000]


@pytest.mark.parametrize(
    "text",
    [
        "PY-SIM-0006",  # before the start
        "PY-SIM-007",
        "PY-SIM-00007",
        "PY-SIM-",
        "PY-SIM-000x",
        "PY-SIM-0007 ",
        "PY-SIM-0007\n",
        "PY-SIM-+007",
        "PY-SIM-1_00",
        "PY-SIM-٠٠٠٧",
        "py-sim-0007",
        "0007",
        "",
        "PY-SIM-" + "9" * 42,  # no station id: 49 characters
    ],
)
def test_an_id_that_the_naming_would_not_give_has_no_number(text: str) -> None:
    naming = Naming("PY-SIM-", 7, 4)
    assert naming.number_of("PY-SIM-0007") == 7
    assert naming.number_of(text) is None


def test_a_naming_without_good_ids_has_no_numbers() -> None:
    assert Naming("-", 0, 4).number_of("-0001") is None


def test_a_naming_refuses_a_number_that_is_too_long() -> None:
    with pytest.raises(SettingRefused, match="is not a station id"):
        Naming("CP" * 20, 1, 4).id_of(10**9)


namings = st.builds(Naming, st.sampled_from(["", "CP", "CP1", "1", "0", "A-"]), st.integers(0, 50), st.integers(0, 6))


@given(namings, st.integers(0, 10**7))
def test_the_number_of_an_id_is_the_one_it_was_made_of(naming: Naming, above: int) -> None:
    number = naming.start + above
    assert naming.number_of(naming.id_of(number)) == number


@given(namings, st.text("01279CPA-x٠ \n", max_size=9))
def test_whatever_has_a_number_is_the_id_of_that_number(naming: Naming, text: str) -> None:
    number = naming.number_of(text)
    within = range(naming.start, naming.start + 2000)
    if number is None:
        assert text not in {naming.id_of(number) for number in within}
    else:
        assert number >= naming.start
        assert naming.id_of(number) == text


# ---- what is secret


def test_a_row_shows_its_id_and_never_its_password() -> None:
    row = StationRow("CP1", password="correct-horse", tls_key="key.pem")
    lease = Lease("CP1", 0, row=row)
    for shown in (repr(row), str(row), f"{row!r:>5}", repr(lease), repr([lease]), str(row.__rich_repr__())):
        assert "CP1" in shown
        assert "correct-horse" not in shown


def test_a_lease_goes_through_a_message_whole() -> None:
    lease = Lease("CP1", 3, "busy", StationRow("CP1", "secret", ("A", "B"), connectors=2))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(lease), type=Lease) == lease
    assert msgspec.convert(msgspec.to_builtins(Lease("CP2", 0)), Lease) == Lease("CP2", 0, "", None)
