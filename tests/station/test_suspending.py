"""Energy that pauses: by the vehicle, by the station, by a cable that comes out (OCPP 1.6, sections 4.9 and 4.10)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import (
    CommandRefused,
    Meter,
    PlugIn,
    PlugOut,
    ResumeEV,
    ResumeEVSE,
    StopCharging,
    SuspendEV,
    SuspendEVSE,
    Swipe,
)
from evsim_locust.station.events import TransactionStarted
from tests.station.bench import SILENT, Bench, booted

KEEP = {"StopTransactionOnEVSideDisconnect": "false"}


def charging(**config: str) -> Bench:
    """A session of tag A at 3600 W, one Wh a second."""
    bench = booted(config={"MeterValueSampleInterval": "0"} | config)
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=3600.0))
    bench.told()
    return bench


def energy(bench: Bench) -> int:
    return bench.connector().meter.read_wh(bench.now)


@pytest.mark.parametrize(
    ("pause", "resume", "status"),
    [(SuspendEV(), ResumeEV(), "SuspendedEV"), (SuspendEVSE(), ResumeEVSE(), "SuspendedEVSE")],
)
def test_energy_pauses_and_the_transaction_goes_on(pause: SuspendEV, resume: ResumeEV, status: str) -> None:
    bench = charging()
    bench.advance(5)
    bench.do(pause)
    bench.advance(5)
    bench.do(resume)
    bench.advance(4)
    assert bench.told() == [f"1 {status}", "1 Charging"]
    assert energy(bench) == 9
    bench.do(Swipe("A"))
    assert bench.only_record().stops[0]["meterStop"] == 9


def test_evse_has_precedence_over_ev() -> None:
    """Section 4.9: if charging is suspended by both, SuspendedEVSE is shown."""
    bench = charging()
    bench.do(SuspendEV(), SuspendEVSE())
    assert bench.told() == ["1 SuspendedEV", "1 SuspendedEVSE"]
    with pytest.raises(CommandRefused, match="SuspendedEVSE"):
        bench.do(SuspendEV())
    with pytest.raises(CommandRefused, match="SuspendedEVSE"):
        bench.do(ResumeEV())


@pytest.mark.parametrize("command", [ResumeEV(), ResumeEVSE()])
def test_what_is_not_paused_cannot_be_resumed(command: ResumeEV) -> None:
    bench = charging()
    with pytest.raises(CommandRefused, match="Charging"):
        bench.do(command)


@pytest.mark.parametrize("command", [ResumeEV(), ResumeEVSE(), SuspendEV(), SuspendEVSE()])
def test_without_a_transaction_there_is_nothing_to_pause(command: ResumeEV) -> None:
    with pytest.raises(CommandRefused, match="no transaction"):
        booted().do(command)


@pytest.mark.parametrize("command", [SuspendEV(), SuspendEVSE(), ResumeEV(), ResumeEVSE()])
def test_before_the_start_is_answered_there_is_no_energy_to_pause(command: ResumeEV) -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    with pytest.raises(CommandRefused):
        bench.do(command)
    bench.answer()
    assert bench.connector().state == "Charging"


def test_pausing_twice_is_refused() -> None:
    bench = charging()
    bench.do(SuspendEV())
    with pytest.raises(CommandRefused, match="SuspendedEV"):
        bench.do(SuspendEV())


def test_TC_005_1_a_cable_taken_out_stops_the_transaction() -> None:
    bench = charging(StopTransactionOnEVSideDisconnect="true")
    bench.advance(7)
    bench.do(PlugOut())
    assert bench.told() == ["StopTransaction EVDisconnected", "1 Finishing", "1 Available"]
    assert bench.only_record().stops[0]["meterStop"] == 7


def test_TC_005_3_or_leaves_it_suspended() -> None:
    bench = charging(**KEEP)
    bench.advance(7)
    bench.do(PlugOut())
    bench.advance(7)
    assert bench.told() == ["1 SuspendedEV"]
    bench.do(PlugIn(), Meter(power_w=3600.0))
    bench.advance(7)
    assert bench.told() == ["1 Charging"]
    bench.do(Swipe("A"))
    assert bench.only_record().stops[0]["meterStop"] == 14


def test_no_energy_flows_without_a_cable() -> None:
    bench = charging(**KEEP)
    bench.do(PlugOut(), Meter(power_w=3600.0))
    with pytest.raises(CommandRefused):
        bench.do(ResumeEV())
    bench.do(SuspendEVSE(), ResumeEVSE())
    bench.advance(100)
    assert bench.connector().state == "SuspendedEV"
    assert energy(bench) == 0


@pytest.mark.parametrize("stop", [Swipe("A"), StopCharging()])
def test_a_kept_transaction_that_ends_without_a_cable_leaves_the_connector_free(stop: Swipe) -> None:
    """Section 4.9, D1 and F1: no user action is left."""
    bench = charging(**KEEP)
    bench.do(PlugOut(), stop)
    assert bench.told()[-1] == "1 Available"
    bench.do(PlugIn())
    assert bench.told() == ["1 Preparing"]


def test_what_the_station_withholds_stays_withheld_when_the_cable_comes_back() -> None:
    bench = charging(**KEEP)
    bench.do(SuspendEVSE(), PlugOut(), PlugIn(), Meter(power_w=3600.0))
    bench.advance(100)
    assert bench.told() == ["1 SuspendedEVSE"]
    assert energy(bench) == 0
    bench.do(ResumeEVSE())
    bench.advance(10)
    assert energy(bench) == 10


def test_a_refused_tag_gets_no_energy_by_taking_the_cable_out_and_in() -> None:
    """TC_037_2: kept without energy, StopTransactionOnInvalidId false."""
    bench = booted(config=KEEP | {"StopTransactionOnInvalidId": "false"})
    bench.script["StartTransaction"] = [{"transactionId": 1, "idTagInfo": {"status": "Invalid"}}]
    bench.do(PlugIn(), Swipe("A"), PlugOut(), PlugIn(), Meter(power_w=3600.0))
    for command in (ResumeEV(), ResumeEVSE()):
        with pytest.raises(CommandRefused):
            bench.do(command)
    bench.advance(100)
    assert energy(bench) == 0
    assert bench.connector().state == "SuspendedEVSE"


@pytest.mark.parametrize("answer_first", [True, False])
def test_plug_out_and_the_answer_to_the_start_in_both_orders(answer_first: bool) -> None:
    bench = booted()
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    if answer_first:
        bench.answer()
        bench.do(PlugOut())
    else:
        bench.do(PlugOut())
        bench.answer()
    record = bench.only_record()
    assert [stop["reason"] for stop in record.stops] == ["EVDisconnected"]
    assert bench.connector().state == "Available"
    assert "1 Available" in bench.told()
    assert energy(bench) == 0


@pytest.mark.parametrize("answer_first", [True, False])
def test_the_same_when_the_transaction_is_kept(answer_first: bool) -> None:
    bench = booted(config=KEEP)
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"))
    if answer_first:
        bench.answer()
        bench.do(PlugOut())
    else:
        bench.do(PlugOut())
        bench.answer()
    bench.do(Meter(power_w=3600.0))
    bench.advance(50)
    assert bench.connector().state == "SuspendedEV"
    assert energy(bench) == 0
    assert len(bench.seen(TransactionStarted)) == 1
    bench.do(PlugIn())
    bench.advance(10)
    assert bench.connector().state == "Charging"
    assert energy(bench) == 10


def test_cable_out_and_in_before_the_start_is_answered() -> None:
    bench = booted(config=KEEP)
    bench.script["StartTransaction"] = [SILENT]
    bench.do(PlugIn(), Swipe("A"), PlugOut(), PlugIn(), Meter(power_w=3600.0))
    bench.advance(10)
    assert energy(bench) == 0
    bench.answer()
    bench.advance(10)
    assert bench.connector().state == "Charging"
    assert energy(bench) == 10
