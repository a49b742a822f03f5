"""Listeners to a station's log: each has its own bounded queue."""

from __future__ import annotations

from evsim_locust.control.lines import Followers


class Told:
    def __init__(self) -> None:
        self.facts: list[tuple[str, str]] = []
        self.followers = Followers(
            lambda one: self.facts.append(("first", one)), lambda one: self.facts.append(("last", one))
        )


def test_every_listener_gets_every_line_of_its_station() -> None:
    followers = Told().followers
    one, other, elsewhere = followers.follow("S1"), followers.follow("S1"), followers.follow("S2")
    followers.put("S1", "a")
    followers.put("S1", "b")
    assert [one.get(0), one.get(0), one.get(0)] == ["a", "b", None]
    assert other.get(0) == "a"
    assert elsewhere.get(0) is None


def test_the_first_and_the_last_listener_are_told_of() -> None:
    told = Told()
    one, other = told.followers.follow("S1"), told.followers.follow("S1")
    assert "S1" in told.followers
    one.close()
    one.close()
    assert told.facts == [("first", "S1")]
    other.close()
    assert told.facts == [("first", "S1"), ("last", "S1")]
    assert "S1" not in told.followers
    told.followers.put("S1", "nobody hears")


def test_a_slow_listener_loses_the_oldest_lines_and_is_told() -> None:
    followers = Told().followers
    slow = followers.follow("S1")
    for number in range(1005):
        followers.put("S1", str(number))
    assert slow.get(0) == "... 5 lines were lost, this listener is too slow"
    assert slow.get(0) == "5"
