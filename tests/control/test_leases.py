"""Every id belongs to one worker at most, the lowest free one goes first."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from evsim_locust.behaviour.identity import Lease, Naming, StationRow
from evsim_locust.control.errors import Refused
from evsim_locust.control.leases import Leases

NAMING = Naming("PY-SIM-", 5, 4)
ROWS = (StationRow("DE*1", "secret"), StationRow("DE*2", profile="busy"), StationRow("PY-SIM-0005"))


def refusal(leases: Leases, station_id: str) -> tuple[int, str]:
    """Of a claim and of a wish alike; nothing has changed by them."""
    before = len(leases)
    with pytest.raises(Refused) as claimed:
        leases.claim("b", station_id)
    with pytest.raises(Refused) as wished:
        leases.wish(station_id)
    assert (claimed.value.status, claimed.value.detail) == (wished.value.status, wished.value.detail)
    assert len(leases) == before
    return claimed.value.status, claimed.value.detail


def taken(leases: Leases, owner: str, count: int) -> list[str]:
    leased = [leases.take(owner) for _ in range(count)]
    return [lease.station_id for lease in leased if lease]


# ---- the numbering


def test_ids_are_contiguous_from_the_start_whoever_asks() -> None:
    leases = Leases(NAMING)
    assert leases.take("a") == Lease("PY-SIM-0005", 0)
    assert leases.take("b") == Lease("PY-SIM-0006", 1)
    assert leases.take("a") == Lease("PY-SIM-0007", 2)
    assert leases.owner_of("PY-SIM-0006") == "b"
    assert leases.owner_of("PY-SIM-0008") is None
    assert leases.held_by("a") == {"PY-SIM-0005", "PY-SIM-0007"}
    assert leases.held_by("nobody") == frozenset()
    assert len(leases) == 3


def test_what_is_given_back_goes_first() -> None:
    leases = Leases(NAMING)
    taken(leases, "a", 4)
    assert leases.release("a", "PY-SIM-0007")
    assert leases.release("a", "PY-SIM-0005")
    assert taken(leases, "b", 3) == ["PY-SIM-0005", "PY-SIM-0007", "PY-SIM-0009"]


def test_only_the_owner_can_release() -> None:
    leases = Leases(NAMING)
    leases.take("a")
    assert not leases.release("b", "PY-SIM-0005")
    assert not leases.release("a", "PY-SIM-0006")
    assert leases.owner_of("PY-SIM-0005") == "a"
    assert leases.release("a", "PY-SIM-0005")
    assert not leases.release("a", "PY-SIM-0005")
    assert len(leases) == 0


def test_a_lost_workers_ids_come_back_and_only_those() -> None:
    leases = Leases(NAMING)
    for owner in "abab":
        leases.take(owner)
    assert leases.release_all("a") == ["PY-SIM-0005", "PY-SIM-0007"]
    assert leases.release_all("a") == []
    assert leases.held_by("b") == {"PY-SIM-0006", "PY-SIM-0008"}
    assert not leases.release("a", "PY-SIM-0005")
    assert taken(leases, "c", 3) == ["PY-SIM-0005", "PY-SIM-0007", "PY-SIM-0009"]


def test_a_claimed_id_is_leased_and_passed_over() -> None:
    leases = Leases(NAMING)
    assert leases.claim("a", "PY-SIM-0006", "idle") == Lease("PY-SIM-0006", 1, "idle")
    assert taken(leases, "b", 2) == ["PY-SIM-0005", "PY-SIM-0007"]
    assert refusal(leases, "PY-SIM-0006") == (409, "station PY-SIM-0006 runs already")
    assert refusal(leases, "PY-SIM-0007") == (409, "station PY-SIM-0007 runs already")


@pytest.mark.parametrize("station_id", ["OTHER", "PY-SIM-0004", "PY-SIM-007", f"PY-SIM-{10**20}"])
def test_an_id_outside_of_the_numbering_can_be_claimed(station_id: str) -> None:
    leases = Leases(NAMING)
    assert leases.claim("a", station_id) == Lease(station_id, 0)
    assert taken(leases, "a", 1) == ["PY-SIM-0005"]
    assert refusal(leases, station_id)[0] == 409
    assert leases.release("a", station_id)
    assert leases.claim("b", station_id).station_id == station_id


@pytest.mark.parametrize("station_id", ["", "<b>", "a/b", "x" * 10_000, "a\n"])
def test_an_id_that_may_not_be_one_is_refused(station_id: str) -> None:
    status, detail = refusal(Leases(NAMING), station_id)
    assert status == 422
    assert "is not a station id" in detail
    assert len(detail) < 200


# ---- the stations file


def test_rows_are_leased_in_their_order_until_they_are_used_up() -> None:
    leases = Leases(NAMING, ROWS)
    leased = [leases.take("a") for _ in range(4)]
    assert leased == [
        Lease("DE*1", 0, "", ROWS[0]),
        Lease("DE*2", 1, "busy", ROWS[1]),
        Lease("PY-SIM-0005", 2, "", ROWS[2]),
        None,
    ]
    assert leases.release("a", "DE*2")
    assert leases.take("b") == Lease("DE*2", 1, "busy", ROWS[1])


def test_with_rows_no_other_station_can_be_claimed() -> None:
    leases = Leases(NAMING, ROWS)
    assert refusal(leases, "PY-SIM-0006") == (404, "no station PY-SIM-0006 in the stations file")
    assert leases.claim("a", "PY-SIM-0005") == Lease("PY-SIM-0005", 2, "", ROWS[2])
    assert refusal(leases, "PY-SIM-0005")[0] == 409
    assert taken(leases, "a", 3) == ["DE*1", "DE*2"]


def test_a_profile_that_is_asked_for_goes_before_the_rows() -> None:
    leases = Leases(NAMING, ROWS)
    assert leases.claim("a", "DE*2", "idle").profile == "idle"
    leases.release("a", "DE*2")
    leases.profile_for_new = "flaky"
    profiles = [lease.profile for lease in map(leases.take, "aaa") if lease]
    assert profiles == ["flaky", "flaky", "flaky"]


# ---- wishes


def test_a_wish_is_what_the_next_one_gets() -> None:
    leases = Leases(NAMING)
    leases.profile_for_new = "busy"
    leases.wish("PY-SIM-0099", "idle")
    leases.wish("OTHER")
    assert len(leases) == 0
    assert leases.take("a") == Lease("PY-SIM-0099", 94, "idle")
    assert leases.take("b") == Lease("OTHER", 0)
    assert leases.take("a") == Lease("PY-SIM-0005", 0, "busy")


def test_the_last_word_on_a_wish_counts_and_a_claim_fulfils_it() -> None:
    leases = Leases(NAMING)
    leases.wish("OTHER", "idle")
    leases.wish("OTHER", "busy")
    leases.wish("PY-SIM-0007")
    assert leases.take("a") == Lease("OTHER", 0, "busy")
    leases.claim("b", "PY-SIM-0007")
    assert taken(leases, "a", 2) == ["PY-SIM-0005", "PY-SIM-0006"]


# ---- profiles


def test_a_profile_for_new_ones_is_for_those_taken_from_then_on() -> None:
    leases = Leases(NAMING)
    first = leases.take("a")
    leases.profile_for_new = "busy"
    second = leases.take("a")
    leases.profile_for_new = ""
    third = leases.take("a")
    assert [lease and lease.profile for lease in (first, second, third)] == ["", "busy", ""]


def test_the_refill_after_a_loss_has_the_same_profiles() -> None:
    leases = Leases(NAMING)
    leases.take("a")
    leases.profile_for_new = "busy"
    leases.take("a")
    leases.claim("a", "PY-SIM-0007", "idle")
    leases.profile_for_new = "flaky"
    leases.release_all("a")
    assert [lease.profile for lease in map(leases.take, "bbbb") if lease] == ["", "busy", "idle", "flaky"]


def test_the_profile_of_a_station_that_was_released_is_forgotten() -> None:
    leases = Leases(NAMING)
    leases.claim("a", "PY-SIM-0005", "idle")
    leases.release("a", "PY-SIM-0005")
    assert leases.take("b") == Lease("PY-SIM-0005", 0, "")
    leases.claim("a", "PY-SIM-0006", "idle")
    leases.release_all("a")
    leases.claim("a", "PY-SIM-0006")  # by the mix, somebody said
    assert leases.release_all("a") == ["PY-SIM-0006"]
    assert leases.take("a") == Lease("PY-SIM-0006", 1, "")


# ---- against a model

OWNERS = st.sampled_from("abc")
PROFILES = st.sampled_from(["", "busy", "idle"])
IDS = st.sampled_from([*(f"PY-SIM-{number:04d}" for number in range(4, 12)), "OTHER", "DE*1", "DE*2", "PY-SIM-5"])


class Leasing(RuleBasedStateMachine):
    """The plainest model: who owns what, and a search for the first that nobody owns."""

    @initialize(rows=st.sampled_from([(), ROWS]))
    def begin(self, rows: tuple[StationRow, ...]) -> None:
        self.leases, self.rows = Leases(NAMING, rows), {row.station_id: row for row in rows}
        self.order = list(self.rows) or [f"PY-SIM-{number:04d}" for number in range(5, 100)]
        self.owner: dict[str, str] = {}
        self.profiles: dict[str, str] = {}
        self.wished: dict[str, str] = {}
        self.profile_for_new = ""

    def expected(self, owner: str, station_id: str, profile: str) -> Lease:
        row = self.rows.get(station_id)
        self.owner[station_id] = owner
        self.profiles[station_id] = profile or (row.profile if row else "")
        index = self.order.index(station_id) if station_id in self.order else 0
        return Lease(station_id, index, self.profiles[station_id], row)

    def refused_with(self, station_id: str) -> int | None:
        if self.rows and station_id not in self.rows:
            return 404
        return 409 if station_id in self.owner else None

    @rule(owner=OWNERS)
    def take(self, owner: str) -> None:
        leased = self.leases.take(owner)
        free = [station_id for station_id in self.order if station_id not in self.owner]
        if self.wished:
            station_id, profile = next(iter(self.wished.items()))
            del self.wished[station_id]
            assert leased == self.expected(owner, station_id, profile)
        elif free:
            profile = self.profiles.get(free[0], self.profile_for_new)
            assert leased == self.expected(owner, free[0], profile)
        else:
            assert leased is None

    @rule(owner=OWNERS, station_id=IDS, profile=PROFILES)
    def claim(self, owner: str, station_id: str, profile: str) -> None:
        status = self.refused_with(station_id)
        if status is None:
            self.wished.pop(station_id, None)
            assert self.leases.claim(owner, station_id, profile) == self.expected(owner, station_id, profile)
        else:
            with pytest.raises(Refused) as refused:
                self.leases.claim(owner, station_id, profile)
            assert refused.value.status == status

    @rule(station_id=IDS, profile=PROFILES)
    def wish(self, station_id: str, profile: str) -> None:
        if self.refused_with(station_id) is None:
            self.leases.wish(station_id, profile)
            self.wished[station_id] = profile
        else:
            with pytest.raises(Refused):
                self.leases.wish(station_id, profile)

    @rule(owner=OWNERS, station_id=IDS)
    def release(self, owner: str, station_id: str) -> None:
        held = self.owner.get(station_id) == owner
        assert self.leases.release(owner, station_id) is held
        if held:
            del self.owner[station_id], self.profiles[station_id]

    @rule(owner=OWNERS)
    def release_all(self, owner: str) -> None:
        held = {station_id for station_id, holder in self.owner.items() if holder == owner}
        released = self.leases.release_all(owner)
        assert len(released) == len(held)
        assert set(released) == held
        for station_id in held:
            del self.owner[station_id]

    @rule(profile=PROFILES)
    def ask_for_a_profile(self, profile: str) -> None:
        self.leases.profile_for_new = self.profile_for_new = profile

    @invariant()
    def books_agree(self) -> None:
        assert len(self.leases) == len(self.owner)
        assert {station_id: self.leases.owner_of(station_id) for station_id in self.owner} == self.owner
        held = [self.leases.held_by(owner) for owner in "abc"]
        assert sum(map(len, held)) == len(self.owner)
        assert frozenset().union(*held) == set(self.owner)


TestLeasing = Leasing.TestCase
TestLeasing.settings = settings(max_examples=60, stateful_step_count=40)
