"""Faults: an overlay over what the connector is doing (OCPP 1.6, section 4.9, A9 to H9 and I1 to I8)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import ClearFault, CommandRefused, Meter, PlugIn, PlugOut, RaiseFault, Swipe
from tests.station.bench import booted


def test_TC_041_a_faulted_connector_refuses_to_start() -> None:
    bench = booted()
    bench.do(RaiseFault("GroundFailure"), PlugIn())
    with pytest.raises(CommandRefused, match="Faulted"):
        bench.do(Swipe("A"))
    assert bench.told() == ["1 Faulted"]
    assert bench.sent("StatusNotification")[-1]["errorCode"] == "GroundFailure"


def test_TC_024_the_error_code_is_told() -> None:
    bench = booted()
    bench.do(RaiseFault("ConnectorLockFailure"))
    assert bench.sent("StatusNotification")[-1] == {
        "connectorId": 1,
        "status": "Faulted",
        "errorCode": "ConnectorLockFailure",
        "timestamp": bench.wire_time(),
    }


def test_what_happens_beneath_shows_when_the_fault_is_gone() -> None:
    bench = booted()
    bench.do(RaiseFault("OverVoltage"), PlugIn())
    assert bench.told() == ["1 Faulted"]
    bench.do(ClearFault())
    assert bench.told() == ["1 Preparing"]
    assert bench.sent("StatusNotification")[-1]["errorCode"] == "NoError"


def test_a_transaction_goes_on_without_energy() -> None:
    bench = booted(config={"MeterValueSampleInterval": "0"})
    bench.do(PlugIn(), Swipe("A"), Meter(power_w=3600.0))
    bench.advance(5)
    bench.do(RaiseFault("HighTemperature"))
    bench.advance(5)
    bench.do(Meter(power_w=7200.0))
    bench.advance(5)
    bench.do(ClearFault())
    bench.advance(5)
    bench.do(Swipe("A"))
    assert bench.only_record().stops[0]["meterStop"] == 15
    assert bench.told()[-4:] == ["1 Faulted", "1 Charging", "StopTransaction Local", "1 Finishing"]


def test_a_transaction_can_end_under_a_fault() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"), RaiseFault("HighTemperature"), Swipe("A"), PlugOut())
    assert bench.told()[-2:] == ["1 Faulted", "StopTransaction Local"]
    bench.do(ClearFault())
    assert bench.told() == ["1 Available"]


def test_the_first_of_several_errors_is_told_and_all_are_cleared_together() -> None:
    bench = booted()
    bench.do(RaiseFault("OverVoltage"), RaiseFault("WeakSignal"), RaiseFault("OverVoltage"))
    assert bench.told() == ["1 Faulted"]
    assert bench.connector().errors == ("OverVoltage", "WeakSignal")
    bench.do(ClearFault(), ClearFault())
    assert bench.told() == ["1 Available"]


def test_the_station_itself_can_be_faulted() -> None:
    bench = booted()
    bench.do(RaiseFault("InternalError", 0))
    assert bench.told() == ["0 Faulted"]
    bench.do(ClearFault(0))
    assert bench.told() == ["0 Available"]


@pytest.mark.parametrize(
    "command",
    [RaiseFault("NoError"), RaiseFault("OverVoltage", 2), RaiseFault("OverVoltage", -1), ClearFault(2)],
)
def test_impossible_faults_are_refused(command: RaiseFault) -> None:
    bench = booted()
    with pytest.raises(CommandRefused):
        bench.do(command)
    assert bench.told() == []


def test_a_cable_that_comes_under_a_fault_starts_nothing_and_the_tag_times_out() -> None:
    bench = booted()
    bench.do(Swipe("A"), RaiseFault("OverVoltage"), PlugIn())
    assert bench.records == {}
    bench.advance(61)
    bench.do(ClearFault())
    assert bench.told()[-1] == "1 Preparing"
    assert bench.connector().free


def test_a_fault_that_comes_while_the_tag_is_asked_for() -> None:
    bench = booted()
    bench.do(PlugIn())
    bench.script["Authorize"] = [
        lambda _request: bench.do(RaiseFault("OverVoltage")) or {"idTagInfo": {"status": "Accepted"}}
    ]
    bench.do(Swipe("A"))
    assert bench.records == {}
    assert bench.connector().free is False
