"""The lowest free place goes first."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from evsim_locust.control.places import Places


def test_places_are_contiguous_and_end_at_the_count() -> None:
    places = Places(3)
    assert [places.take() for _ in range(5)] == [0, 1, 2, None, None]


def test_the_lowest_free_place_goes_first() -> None:
    places = Places()
    for _ in range(5):
        places.take()
    for place in (3, 1, 4):
        places.give_back(place)
    assert [places.take() for _ in range(4)] == [1, 3, 4, 5]


def test_a_claimed_place_is_passed_over_and_comes_back() -> None:
    places = Places()
    places.claim(1)
    assert [places.take(), places.take()] == [0, 2]
    places.give_back(1)
    assert [places.take(), places.take()] == [1, 3]


def test_the_same_place_claimed_and_given_back_again_and_again_is_handed_out_once() -> None:
    places = Places()
    for _ in range(3):
        places.take()
    for _ in range(1000):
        places.give_back(1)
        places.claim(1)
    places.give_back(1)
    assert [places.take(), places.take()] == [1, 3]


def test_a_place_belongs_to_one_only() -> None:
    places = Places()
    places.take()
    with pytest.raises(ValueError, match="place 0 is taken"):
        places.claim(0)
    places.give_back(0)
    with pytest.raises(ValueError, match="place 0 is not taken"):
        places.give_back(0)


class Placing(RuleBasedStateMachine):
    """Against the plainest model: a set of taken places."""

    @initialize(count=st.none() | st.integers(1, 12))
    def begin(self, count: int | None) -> None:
        self.places, self.count = Places(count), count
        self.taken: set[int] = set()

    @rule()
    def take(self) -> None:
        free = (place for place in range(self.count or 1000) if place not in self.taken)
        lowest = next(free, None)
        assert self.places.take() == lowest
        if lowest is not None:
            self.taken.add(lowest)

    @rule(place=st.integers(0, 11))
    def claim(self, place: int) -> None:
        if self.count is not None and place >= self.count:
            return
        if place in self.taken:
            with pytest.raises(ValueError, match="is taken"):
                self.places.claim(place)
        else:
            self.places.claim(place)
            self.taken.add(place)

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(self.taken)))
        self.places.give_back(place)
        self.taken.remove(place)

    @invariant()
    def a_free_place_cannot_be_given_back(self) -> None:
        with pytest.raises(ValueError, match="is not taken"):
            self.places.give_back(max(self.taken, default=-1) + 1)


TestPlacing = Placing.TestCase
TestPlacing.settings = settings(max_examples=40, stateful_step_count=40)
