"""Charging sessions at the connector (OCPP 1.6, sections 4.1, 4.8 and 4.10), with a central system that answers."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import CommandRefused, Meter, PlugIn, PlugOut, StopCharging, Swipe
from evsim_locust.station.events import AuthorizationEnded, TransactionStarted, TransactionStopped
from tests.station.bench import SILENT, Bench, Refuse, booted


def charging(connectors: int = 1, **config: str) -> Bench:
    """A session of tag A on connector 1."""
    bench = booted(connectors, config)
    bench.do(PlugIn(), Swipe("A"))
    assert bench.connector().state == "Charging"
    bench.told()
    return bench


def test_TC_003_plug_first() -> None:
    bench = booted()
    bench.do(PlugIn())
    assert bench.told() == ["1 Preparing"]
    bench.do(Swipe("A"))
    assert bench.told() == ["Authorize", "StartTransaction", "1 Charging"]
    bench.do(Meter(power_w=3600.0))
    bench.advance(10)
    bench.do(Swipe("A"))
    assert bench.told() == ["StopTransaction Local", "1 Finishing"]
    bench.do(PlugOut())
    assert bench.told() == ["1 Available"]
    record = bench.only_record()
    assert record.start == {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": bench.wire_time(1000.0)}
    assert record.stops == [
        {
            "transactionId": 501,
            "idTag": "A",
            "meterStop": 10,
            "timestamp": bench.wire_time(1010.0),
            "reason": "Local",
        }
    ]
    assert bench.seen(TransactionStarted) == [TransactionStarted(1, "A", 501, 0)]
    assert bench.seen(TransactionStopped) == [TransactionStopped(1, "A", 501, "Local", 10)]


def test_TC_004_1_id_first() -> None:
    bench = booted()
    bench.do(Swipe("A"))
    assert bench.told() == ["Authorize", "1 Preparing"]
    bench.advance(59)
    bench.do(PlugIn())
    assert bench.told() == ["StartTransaction", "1 Charging"]
    bench.advance(10)
    assert bench.connector().state == "Charging"


def test_TC_004_2_connection_time_out_goes_back_to_available() -> None:
    bench = booted(config={"ConnectionTimeOut": "20"})
    bench.do(Swipe("A"))
    bench.advance(19.9)
    assert bench.told() == ["Authorize", "1 Preparing"]
    bench.advance(0.2)
    assert bench.told() == ["1 Available"]
    bench.do(PlugIn())
    assert bench.told() == ["1 Preparing"]
    assert bench.records == {}


def test_a_connection_time_out_of_0_waits_for_ever() -> None:
    bench = booted(config={"ConnectionTimeOut": "0"})
    bench.do(Swipe("A"))
    bench.advance(100_000)
    bench.do(PlugIn())
    assert bench.connector().state == "Charging"


def test_a_cable_without_a_tag_does_not_time_out() -> None:
    bench = booted(config={"ConnectionTimeOut": "20"})
    bench.do(PlugIn())
    bench.advance(100)
    assert bench.told() == ["1 Preparing"]


def test_the_second_presentation_takes_the_tag_back() -> None:
    """Section 4.9, B1."""
    bench = booted()
    bench.do(Swipe("A"), Swipe("A"))
    assert bench.told() == ["Authorize", "1 Preparing", "1 Available"]
    bench.do(Swipe("B"), PlugIn())
    assert bench.only_record().start["idTag"] == "B"


def test_another_tag_does_not_take_the_first_ones_place() -> None:
    bench = booted()
    bench.do(Swipe("A"))
    with pytest.raises(CommandRefused, match="waits for the cable of A"):
        bench.do(Swipe("B"))
    bench.do(PlugIn())
    assert bench.only_record().start["idTag"] == "A"


def test_TC_006_one_reader_for_several_connectors() -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn(1), PlugIn(2), Swipe("A", 2), Swipe("B", 1))
    assert [record.start["connectorId"] for record in bench.records.values()] == [2, 1]
    bench.do(Swipe("A", 2))
    assert bench.told()[-2:] == ["StopTransaction Local", "2 Finishing"]
    assert bench.connector(1).state == "Charging"
    assert list(bench.records) == [501, 502]
    assert [len(record.stops) for record in bench.records.values()] == [1, 0]


def test_TC_068_the_same_tag_stops_without_being_asked_for() -> None:
    bench = charging()
    bench.do(Swipe("A"))
    assert bench.told() == ["StopTransaction Local", "1 Finishing"]


def test_TC_069_a_tag_of_the_same_group_stops() -> None:
    bench = booted()
    bench.tags = {tag: {"status": "Accepted", "parentIdTag": "GROUP"} for tag in "AB"}
    bench.do(PlugIn(), Swipe("A"))
    bench.told()
    bench.do(Swipe("B"))
    assert bench.told() == ["Authorize", "StopTransaction Local", "1 Finishing"]
    assert bench.only_record().stops[0]["idTag"] == "B"


@pytest.mark.parametrize(
    "info",
    [
        {"status": "Accepted"},
        {"status": "Accepted", "parentIdTag": "OTHER"},
        {"status": "Accepted", "parentIdTag": ""},
        {"status": "Blocked", "parentIdTag": "GROUP"},
    ],
)
def test_a_tag_of_another_group_does_not_stop(info: dict[str, str]) -> None:
    bench = booted()
    bench.tags = {"A": {"status": "Accepted", "parentIdTag": "GROUP"}, "B": info}
    bench.do(PlugIn(), Swipe("A"), Swipe("B"), Swipe("B"))
    assert bench.connector().state == "Charging"
    assert bench.only_record().stops == []


def test_without_a_group_nobody_else_stops() -> None:
    bench = charging()
    bench.do(Swipe("B"))
    assert bench.told() == ["Authorize"]
    assert bench.seen(AuthorizationEnded)[-1] == AuthorizationEnded(1, "B", "not of the same group")


@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_TC_023_a_tag_that_is_refused_starts_nothing(status: str) -> None:
    bench = booted()
    bench.tags["A"] = {"status": status}
    bench.do(PlugIn(), Swipe("A"))
    assert bench.told() == ["1 Preparing", "Authorize"]
    assert bench.connector().state == "Preparing"
    assert bench.seen(AuthorizationEnded) == [AuthorizationEnded(1, "A", status)]
    bench.do(PlugOut(), Swipe("A"))
    assert bench.told() == ["1 Available", "Authorize"]


@pytest.mark.parametrize("script", [Refuse("GenericError"), {"bad": 1}, SILENT])
def test_an_authorize_without_a_usable_answer_starts_nothing(script: object) -> None:
    bench = booted()
    bench.script["Authorize"] = [script]
    bench.do(PlugIn(), Swipe("A"))
    bench.advance(31)
    assert bench.told() == ["1 Preparing", "Authorize"]
    bench.do(Swipe("A"))
    assert bench.connector().state == "Charging"


@pytest.mark.parametrize("status", ["Blocked", "Expired", "Invalid", "ConcurrentTx"])
@pytest.mark.parametrize("stops", [True, False])
def test_a_start_that_is_refused_gives_no_energy(status: str, stops: bool) -> None:
    """Section 4.8: StopTransactionOnInvalidId decides whether the transaction is kept."""
    bench = booted(config={"StopTransactionOnInvalidId": str(stops)})
    bench.script["StartTransaction"] = [{"transactionId": 9, "idTagInfo": {"status": status}}]
    bench.script["StopTransaction"] = {}
    bench.do(PlugIn(), Swipe("A"))
    bench.do(Meter(power_w=10_000.0))
    bench.advance(100)
    end = ["StopTransaction DeAuthorized", "1 Finishing"] if stops else ["1 SuspendedEVSE"]
    assert bench.told() == ["1 Preparing", "Authorize", "StartTransaction", *end]
    assert bench.connector().meter.read_wh(bench.now) == 0
    assert bench.seen(TransactionStarted) == []
    if not stops:
        bench.do(Swipe("A"))
        assert bench.told() == ["StopTransaction Local", "1 Finishing"]
    assert bench.sent("StopTransaction")[0]["transactionId"] == 9
    assert [stopped.served for stopped in bench.seen(TransactionStopped)] == [False]


def test_no_energy_before_the_start_is_answered() -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=10_000.0))
    bench.advance(20)
    assert bench.connector().meter.read_wh(bench.now) == 0
    assert bench.connector().state == "Preparing"
    bench.answer()
    bench.advance(36)
    assert bench.connector().meter.read_wh(bench.now) == 100


@pytest.mark.parametrize("answer_first", [True, False])
def test_the_same_tag_may_stop_before_the_start_is_answered(answer_first: bool) -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    if answer_first:
        bench.answer()
    bench.do(Swipe("A"))
    if not answer_first:
        assert "StopTransaction Local" not in bench.told()
        bench.answer()
    record = bench.only_record()
    assert len(record.stops) == 1
    assert record.stops[0]["transactionId"] == 501
    assert bench.connector().state == "Finishing"
    assert bench.station.undelivered == 0


def test_the_station_may_stop_on_its_own() -> None:
    bench = charging()
    bench.do(StopCharging())
    assert bench.told() == ["StopTransaction Other", "1 Finishing"]
    assert "idTag" not in bench.only_record().stops[0]
    with pytest.raises(CommandRefused, match="no transaction"):
        bench.do(StopCharging())


def test_a_finished_session_can_be_followed_by_another_without_unplugging() -> None:
    """Section 4.9, F2."""
    bench = charging()
    bench.do(Meter(energy_wh=500.0), Swipe("A"), Swipe("B"))
    assert bench.told() == [
        "StopTransaction Local",
        "1 Finishing",
        "Authorize",
        "1 Preparing",
        "StartTransaction",
        "1 Charging",
    ]
    assert bench.records[502].start["meterStart"] == bench.records[501].stops[0]["meterStop"] == 500


def test_the_authorize_may_be_answered_after_the_cable_left() -> None:
    bench = booted()
    bench.script["Authorize"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"), PlugOut())
    bench.answer()
    assert bench.told() == ["1 Preparing", "Authorize", "1 Available", "1 Preparing"]
    bench.advance(61)
    assert bench.told() == ["1 Available"]
    assert bench.records == {}


def test_while_one_tag_is_asked_for_another_is_refused() -> None:
    bench = booted()
    bench.script["Authorize"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    with pytest.raises(CommandRefused, match="asking for another tag"):
        bench.do(Swipe("B"))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (PlugIn(0), "no connector 0"),
        (PlugIn(2), "no connector 2"),
        (PlugOut(1), "no cable"),
        (Swipe("A", -1), "no connector -1"),
        (Swipe("A" * 21), "20 characters"),
    ],
)
def test_impossible_commands_are_refused_with_the_reason(command: object, why: str) -> None:
    bench = booted()
    with pytest.raises(CommandRefused, match=why):
        bench.do(command)  # type: ignore[arg-type]
    assert bench.told() == []


def test_a_second_cable_is_refused() -> None:
    bench = charging()
    with pytest.raises(CommandRefused, match="already"):
        bench.do(PlugIn())


def test_an_answer_for_a_session_that_is_over_stops_nothing() -> None:
    """The other tag of the group was asked for; the session ended before the answer."""
    bench = booted()
    bench.tags = {tag: {"status": "Accepted", "parentIdTag": "GROUP"} for tag in "AB"}
    bench.do(PlugIn(), Swipe("A"))
    bench.script["Authorize"] = [SILENT]
    bench.do(Swipe("B"), Swipe("A"))
    bench.answer()
    assert len(bench.only_record().stops) == 1
    assert bench.connector().state == "Finishing"
