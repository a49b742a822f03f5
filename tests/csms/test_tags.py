"""The judgement on a presented tag."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from csms.central_system import CentralSystem
from csms.settings import Settings
from csms.tags import Tag, Tags
from tests.csms.wire import NOW, ask, booted, start, stop


def _status(session, **request):
    answer = ask(session, "StartTransaction", start(**request))
    return answer["idTagInfo"]["status"], answer["transactionId"]


def test_a_tag_expires_at_its_date():
    tags = Tags([Tag(id_tag="A", expiry_s=NOW)])
    assert tags.judge("A", NOW - 0.001).status == "Accepted"
    assert tags.judge("A", NOW).status == "Expired"
    assert tags.judge("A", NOW).expiry_date == "2026-11-22T13:00:00.000Z"


def test_a_listed_status_outlives_the_expiry():
    assert Tags([Tag(id_tag="A", status="Blocked", expiry_s=0.0)]).judge("A", NOW).status == "Blocked"


def test_strict_makes_unlisted_tags_invalid():
    assert Tags([Tag(id_tag="A")], strict=True).judge("B", NOW).status == "Invalid"
    assert Tags([Tag(id_tag="A")], strict=True).judge("a", NOW).status == "Accepted"


def test_two_hundred_stations_share_three_tags():
    system = CentralSystem()
    tags = ("ABC123", "TAG001", "USER42")
    found = [_status(booted(system, f"CP{n}"), tag=tags[n % 3]) for n in range(200)]
    assert found == [("Accepted", n + 1) for n in range(200)]


def test_listed_tags_are_shared_too_unless_strict():
    system = CentralSystem(tags=[Tag(id_tag="A")])
    assert _status(booted(system, "CP1"), tag="A")[0] == "Accepted"
    assert _status(booted(system, "CP2"), tag="a")[0] == "Accepted"


def test_a_strict_tag_has_one_transaction_at_a_time():
    system = CentralSystem(Settings(strict_tags=True), tags=[Tag(id_tag="A")])
    one, two = booted(system, "CP1"), booted(system, "CP2")
    assert _status(one, tag="A") == ("Accepted", 1)
    assert _status(two, tag="a") == ("ConcurrentTx", 2)
    assert _status(one, tag="A") == ("Accepted", 1), "the retransmission of the first is not in its own way"
    ask(one, "StopTransaction", stop(1))
    ask(two, "StopTransaction", stop(2))
    assert _status(two, tag="A", at="2026-11-22T14:00:00Z", meter=100) == ("Accepted", 3)


def test_a_strict_tag_that_its_own_connector_abandons_is_free():
    system = CentralSystem(Settings(strict_tags=True), tags=[Tag(id_tag="A")])
    session = booted(system)
    assert _status(session, tag="A") == ("Accepted", 1)
    assert _status(session, tag="A", at="2026-11-22T14:00:00Z") == ("Accepted", 2)


def test_authorize_and_stop_do_not_ask_whether_the_tag_is_in_use():
    system = CentralSystem(Settings(strict_tags=True), tags=[Tag(id_tag="A")])
    one, two = booted(system, "CP1"), booted(system, "CP2")
    _status(one, tag="A")
    assert ask(two, "Authorize", {"idTag": "A"})["idTagInfo"]["status"] == "Accepted"
    assert ask(one, "StopTransaction", stop(1, idTag="A"))["idTagInfo"]["status"] == "Accepted"


@given(st.sampled_from(["Blocked", "Expired", "Invalid", "ConcurrentTx"]), st.booleans(), st.booleans())
def test_a_listed_refusal_is_given_word_for_word(status, strict, in_use):
    assert Tags([Tag(id_tag="A", status=status)], strict).judge("A", NOW, in_use).status == status
