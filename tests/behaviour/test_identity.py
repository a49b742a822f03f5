"""Station ids, and who gets which number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.identity import Allocator, Numbers, check_station_id, station_id


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


def test_numbers_are_contiguous_from_the_start() -> None:
    numbers: Numbers = Allocator(start=100)
    assert [numbers.take() for _ in range(3)] == [100, 101, 102]


def test_the_lowest_free_number_goes_first() -> None:
    numbers = Allocator()
    for _ in range(5):
        numbers.take()
    for number in (4, 2, 5):
        numbers.give_back(number)
    assert [numbers.take() for _ in range(4)] == [2, 4, 5, 6]


@pytest.mark.parametrize("number", [0, 2, 99])
def test_a_number_that_is_not_taken_cannot_be_given_back(number: int) -> None:
    numbers = Allocator()
    numbers.take()
    with pytest.raises(ValueError, match=f"number {number} is not taken"):
        numbers.give_back(number)


def test_a_number_cannot_be_given_back_twice() -> None:
    numbers = Allocator()
    numbers.give_back(numbers.take())
    with pytest.raises(ValueError, match="number 1 is not taken"):
        numbers.give_back(1)


class Allocating(RuleBasedStateMachine):
    """Against the plainest model: a set of taken numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = Allocator(start=5)
        self.taken: set[int] = set()

    @rule()
    def take(self) -> None:
        lowest = next(number for number in range(5, 10_000) if number not in self.taken)
        assert self.numbers.take() == lowest
        self.taken.add(lowest)

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.taken)))
        self.numbers.give_back(number)
        self.taken.remove(number)

    @invariant()
    def free_numbers_are_refused(self) -> None:
        free = max(self.taken, default=4) + 1
        with pytest.raises(ValueError, match="is not taken"):
            self.numbers.give_back(free)


TestAllocating = Allocating.TestCase
TestAllocating.settings = settings(max_examples=30, stateful_step_count=30)
