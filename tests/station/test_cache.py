"""The Authorization Cache (OCPP 1.6, section 3.4.1)."""

from __future__ import annotations

import pytest
from msgspec import UNSET

from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.v16.messages import IdTagInfo
from evsim_locust.station.cache import AuthorizationCache, parent_of

NOW = 1_767_225_600.0


def test_an_empty_cache_knows_nobody() -> None:
    cache = AuthorizationCache()
    assert not cache.knows("A")
    assert not cache.accepts("A", NOW)
    assert cache.parent_of("A") is None


@pytest.mark.parametrize("status", ["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_only_accepted_tags_are_accepted(status: str) -> None:
    cache = AuthorizationCache()
    cache.learn("A", IdTagInfo(status=status, parent_id_tag="G"))  # type: ignore[arg-type]
    assert cache.knows("A")
    assert cache.accepts("A", NOW) is (status == "Accepted")
    assert cache.parent_of("A") == "G"


@pytest.mark.parametrize(
    ("expiry", "accepted"),
    [
        (timestamps.write(NOW + 0.5), True),
        (timestamps.write(NOW), False),
        ("2020-01-01T00:00:00Z", False),
        ("2099-01-01", True),
        ("never", True),
    ],
)
def test_expiry(expiry: str, accepted: bool) -> None:
    cache = AuthorizationCache()
    cache.learn("A", IdTagInfo(status="Accepted", expiry_date=expiry))
    assert cache.accepts("A", NOW) is accepted


def test_the_last_word_counts() -> None:
    cache = AuthorizationCache()
    cache.learn("A", IdTagInfo(status="Accepted", parent_id_tag="G"))
    cache.learn("A", IdTagInfo(status="Blocked"))
    assert not cache.accepts("A", NOW)
    assert cache.parent_of("A") is None


def test_clearing_forgets_all() -> None:
    cache = AuthorizationCache()
    cache.learn("A", IdTagInfo(status="Accepted"))
    cache.clear()
    assert not cache.knows("A")


def test_of_more_than_100_the_one_told_longest_ago_goes() -> None:
    cache = AuthorizationCache()
    for number in range(100):
        cache.learn(f"T{number}", IdTagInfo(status="Accepted"))
    cache.learn("T0", IdTagInfo(status="Accepted"))
    cache.learn("NEW", IdTagInfo(status="Accepted"))
    assert [tag for tag in (f"T{number}" for number in range(100)) if not cache.knows(tag)] == ["T1"]
    assert cache.knows("NEW")


@pytest.mark.parametrize(("parent", "found"), [("G", "G"), ("", None), (UNSET, None)])
def test_an_empty_parent_is_none(parent: str, found: str | None) -> None:
    assert parent_of(IdTagInfo(status="Accepted", parent_id_tag=parent)) == found
