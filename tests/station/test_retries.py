"""Transaction messages that are lost, refused or not answered (OCPP 1.6, section 3.7.1)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from evsim_locust.station.commands import Meter, PlugIn, PlugOut, Swipe
from evsim_locust.station.events import CallEnded, MessageDropped, TransactionStarted
from tests.station.bench import SILENT, Bench, Refuse, booted

NO_SAMPLES = {"MeterValueSampleInterval": "0"}


def waits(bench: Bench, action: str) -> list[float]:
    """Seconds between the tries."""
    return [later - earlier for earlier, later in pairwise(bench.times(action))]


def test_a_lost_start_answer_is_resent_identical_and_is_the_same_transaction() -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    bench.answers["StartTransaction"](bench.held[0].payload)  # it was taken, its answer is lost with the link
    bench.drop()
    bench.advance(40)
    bench.connect()
    first, second = bench.sent("StartTransaction")
    assert first == second
    ids = [call.unique_id for call in bench.calls if call.action == "StartTransaction"]
    assert ids[0] != ids[1]
    bench.do(Swipe("A"))
    assert len(bench.only_record().stops) == 1


@pytest.mark.parametrize("action", ["StartTransaction", "StopTransaction"])
def test_timeouts_keep_it_for_ever(action: str) -> None:
    """Only a failure to process the message counts as an attempt; no answer is none."""
    bench = booted(config=NO_SAMPLES)
    bench.script[action] = [SILENT] * 10
    bench.do(PlugIn(), Swipe("A"))
    if action == "StopTransaction":
        bench.do(Swipe("A"))
    bench.advance(10 * 30 + 1)
    assert len(bench.sent(action)) == 11
    assert bench.station.undelivered == 0
    assert bench.seen(MessageDropped) == []


def test_a_start_without_an_answer_serves_the_driver() -> None:
    bench = booted(config=NO_SAMPLES)
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    bench.advance(31)
    assert bench.seen(TransactionStarted) == [TransactionStarted(1, "A", None, 0)]
    assert bench.connector().transaction is not None
    assert bench.connector().transaction.transaction_id == 501


@pytest.mark.parametrize("bad", [Refuse(), {"transactionId": "x"}])
@pytest.mark.parametrize(("attempts", "interval"), [(1, 60), (2, 60), (3, 60), (4, 7), (3, 0)])
def test_a_refused_stop_is_tried_again_with_growing_waits_then_dropped(
    bad: object, attempts: int, interval: int
) -> None:
    """The specification's own example: 3 attempts, 60 s: tries at 0, 60 and 180 s."""
    config = {"TransactionMessageAttempts": str(attempts), "TransactionMessageRetryInterval": str(interval)}
    bench = booted(config=NO_SAMPLES | config)
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [bad] * attempts
    bench.do(Swipe("A"))
    bench.advance(interval * attempts * attempts + 1)
    assert waits(bench, "StopTransaction") == pytest.approx([interval * n for n in range(1, attempts)])
    assert bench.seen(MessageDropped) == [MessageDropped("StopTransaction", "refused too often")]
    assert bench.station.undelivered == 0


def test_a_try_that_succeeds_ends_it() -> None:
    bench = booted(config=NO_SAMPLES)
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [Refuse(), Refuse()]
    bench.do(Swipe("A"))
    bench.advance(1000)
    assert len(bench.sent("StopTransaction")) == 3
    assert len(bench.only_record().stops) == 1
    assert bench.seen(MessageDropped) == []


def test_what_follows_waits_and_other_messages_do_not() -> None:
    """Section 3.7: chronological order; messages that are not of a transaction may pass."""
    bench = booted(connectors=2, config=NO_SAMPLES)
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [Refuse()]
    bench.do(Swipe("A"))
    bench.told()
    bench.do(PlugIn(2), Swipe("B", 2))
    assert bench.told() == ["2 Preparing", "Authorize"]
    bench.advance(61)
    assert bench.told() == ["StopTransaction Local", "StartTransaction", "2 Charging"]


def test_the_wait_holds_across_a_reconnect() -> None:
    bench = booted(config=NO_SAMPLES)
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [Refuse()]
    bench.do(Swipe("A"))
    bench.drop()
    bench.advance(20)
    bench.connect()
    bench.advance(39)
    assert len(bench.sent("StopTransaction")) == 1
    bench.advance(2)
    assert waits(bench, "StopTransaction") == pytest.approx([60.0])


def test_a_wait_that_ended_offline_is_over() -> None:
    bench = booted(config=NO_SAMPLES)
    bench.do(PlugIn(), Swipe("A"))
    bench.script["StopTransaction"] = [Refuse()]
    bench.do(Swipe("A"))
    bench.drop()
    bench.advance(100)
    bench.connect()
    assert waits(bench, "StopTransaction") == pytest.approx([100.0])


def test_a_start_that_is_given_up_takes_along_what_depends_on_it() -> None:
    bench = booted(config={"TransactionMessageAttempts": "2", "MeterValueSampleInterval": "25"})
    bench.script["StartTransaction"] = [Refuse()] * 2
    bench.do(PlugIn(), Swipe("A"))
    assert bench.connector().state == "Charging", "the tag was accepted, the driver is served"
    bench.advance(59)
    bench.do(Swipe("A"))
    assert bench.station.undelivered == 4
    bench.advance(2)
    lost = "its StartTransaction was refused"
    assert bench.seen(MessageDropped) == [
        MessageDropped("StartTransaction", "refused too often"),
        MessageDropped("MeterValues", lost),
        MessageDropped("MeterValues", lost),
        MessageDropped("StopTransaction", lost),
    ]
    assert bench.station.undelivered == 0


def test_and_what_is_still_to_come_of_that_transaction() -> None:
    bench = booted(config={"TransactionMessageAttempts": "1", "MeterValueSampleInterval": "10"})
    bench.script["StartTransaction"] = [Refuse()]
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=3600.0))
    bench.advance(21)
    bench.do(Swipe("A"), PlugOut())
    assert [event.action for event in bench.seen(MessageDropped)] == [
        "StartTransaction",
        "MeterValues",
        "MeterValues",
        "StopTransaction",
    ]
    assert bench.sent("MeterValues") == bench.sent("StopTransaction") == []
    bench.do(PlugIn(), Swipe("B"), Swipe("B"))
    assert [record.start["idTag"] for record in bench.records.values()] == ["B"]
    assert len(bench.only_record().stops) == 1


def test_a_refused_meter_value_does_not_hold_up_the_others_for_ever() -> None:
    bench = booted(config={"TransactionMessageAttempts": "1"})
    bench.script["MeterValues"] = [Refuse()]
    bench.do(PlugIn(), Swipe("A"))
    bench.advance(31)
    assert len(bench.only_record().meter_values) == 1
    assert bench.seen(MessageDropped) == [MessageDropped("MeterValues", "refused too often")]


def test_every_end_of_a_call_is_told_with_its_latency() -> None:
    bench = booted(config=NO_SAMPLES)
    bench.script["Authorize"] = [SILENT, Refuse("SecurityError"), Refuse("Nonsense"), {}]
    for _ in range(4):
        bench.do(Swipe("A"))
        bench.advance(31)
    ends = [(event.error, event.latency_s) for event in bench.seen(CallEnded) if event.action == "Authorize"]
    assert ends == [
        ("Timeout", 30.0),
        ("SecurityError", 0.0),
        ("UnknownErrorCode", 0.0),
        ("OccurenceConstraintViolation", 0.0),
    ]
