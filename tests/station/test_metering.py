"""MeterValues of a station: their times, their content, and that the values agree (OCPP 1.6, sections 4.7, 9.1)."""

from __future__ import annotations

import pytest

from evsim_locust.station.commands import (
    Battery,
    CommandRefused,
    Configure,
    Disconnect,
    Meter,
    PlugIn,
    RaiseFault,
    SampleMeter,
    Swipe,
)
from evsim_locust.station.events import MeterSampled
from tests.station.bench import MIDNIGHT, SILENT, Bench, booted, sampled

ALL = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"


def charging(power_w: float = 6900.0, battery: Battery | None = None, **config: str) -> Bench:
    bench = booted(config=config)
    bench.do(PlugIn(battery=battery), Swipe("A"), Meter(power_w=power_w))
    bench.told()
    return bench


def test_TC_070_samples_come_at_the_interval_with_what_was_asked_for() -> None:
    bench = charging(battery=Battery(50_000.0, 10_000.0), MeterValueSampleInterval="20", MeterValuesSampledData=ALL)
    bench.advance(61)
    payloads = bench.only_record().meter_values
    assert [payload["meterValue"][0]["timestamp"] for payload in payloads] == [
        bench.wire_time(at) for at in (1020.0, 1040.0, 1060.0)
    ]
    assert all(payload["connectorId"] == 1 and payload["transactionId"] == 501 for payload in payloads)
    entries = payloads[0]["meterValue"][0]["sampledValue"]
    assert {entry["context"] for entry in entries} == {"Sample.Periodic"}
    assert [(entry["measurand"], entry["unit"]) for entry in entries] == [
        ("Energy.Active.Import.Register", "Wh"),
        ("Power.Active.Import", "W"),
        ("Current.Import", "A"),
        ("Voltage", "V"),
        ("SoC", "Percent"),
    ]
    assert entries[4]["location"] == "EV"


@pytest.mark.parametrize("time_scale", [1.0, 30.0])
def test_all_values_agree_with_each_other_and_with_the_time(time_scale: float) -> None:
    bench = booted(config={"MeterValuesSampledData": ALL, "MeterValueSampleInterval": "600"}, time_scale=time_scale)
    bench.do(PlugIn(battery=Battery(40_000.0, 20_000.0)), Swipe("A"), Meter(energy_wh=5000.0, power_w=6900.0))
    bench.advance(3600.5 / time_scale)
    values = [sampled(payload) for payload in bench.only_record().meter_values]
    assert len(values) == 6
    for number, value in enumerate(values, 1):
        energy_wh = number * 1150.0
        assert value["Energy.Active.Import.Register"] == 5000 + energy_wh
        assert value["Power.Active.Import"] == 6900.0
        assert value["Current.Import"] * value["Voltage"] * 3 == pytest.approx(value["Power.Active.Import"], rel=1e-3)
        assert value["SoC"] == pytest.approx(50.0 + 100.0 * (5000 + energy_wh) / 40_000.0, abs=0.06)
    bench.do(Swipe("A"))
    stop = bench.only_record().stops[0]
    assert stop["meterStop"] == pytest.approx(5000 + 6900, abs=1.0 * time_scale)


def test_the_state_of_charge_counts_what_the_transaction_delivered_and_ends_at_100() -> None:
    bench = booted(config={"MeterValuesSampledData": "SoC", "MeterValueSampleInterval": "3600"})
    bench.do(Meter(energy_wh=70_000.0), PlugIn(battery=Battery(10_000.0, 5000.0)), Swipe("A"), Meter(power_w=3000.0))
    bench.advance(2 * 3600 + 1)
    assert [sampled(payload)["SoC"] for payload in bench.only_record().meter_values] == [80.0, 100.0]


def test_without_a_battery_there_is_no_state_of_charge() -> None:
    bench = charging(MeterValuesSampledData=ALL)
    bench.advance(16)
    assert "SoC" not in sampled(bench.only_record().meter_values[0])


@pytest.mark.parametrize("data", ["", "SoC"])
def test_nothing_to_measure_sends_nothing(data: str) -> None:
    bench = charging(MeterValuesSampledData=data)
    bench.advance(100)
    assert bench.told() == []
    assert len(bench.seen(MeterSampled)) == 6


def test_the_choice_of_measurands_holds_from_the_next_sample() -> None:
    bench = charging()
    bench.advance(16)
    bench.ask("ChangeConfiguration", key="MeterValuesSampledData", value="Voltage")
    bench.advance(15)
    first, second = bench.only_record().meter_values
    assert len(sampled(first)) == 4
    assert sampled(second) == {"Voltage": 230.0}


def test_an_interval_of_0_samples_nothing_and_another_one_begins_at_once() -> None:
    """Section 9.1.18."""
    bench = charging(MeterValueSampleInterval="0")
    bench.advance(1000)
    assert bench.told() == []
    bench.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="10")
    began = bench.now
    bench.advance(25)
    assert bench.times("MeterValues") == [began + 10, began + 20]
    bench.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="3")
    bench.advance(4)
    assert bench.times("MeterValues")[-1] == began + 28
    bench.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="0")
    bench.advance(1000)
    assert len(bench.times("MeterValues")) == 3


def test_samples_end_with_the_transaction() -> None:
    bench = charging()
    bench.do(Swipe("A"))
    bench.ask("ChangeConfiguration", key="MeterValueSampleInterval", value="5")
    bench.advance(100)
    assert bench.sent("MeterValues") == []


def test_lockstep_samples_are_on_the_grid() -> None:
    bench = booted(lockstep=True)
    bench.advance(7)
    bench.do(PlugIn(), Swipe("A"))
    bench.advance(40)
    assert bench.times("MeterValues") == pytest.approx([1015.0, 1030.0, 1045.0], abs=0.01)


def test_a_sample_tells_energy_and_power() -> None:
    bench = charging(3600.0)
    bench.advance(31)
    assert bench.seen(MeterSampled) == [MeterSampled(1, 15, 3600.0), MeterSampled(1, 30, 3600.0)]


def test_a_sample_out_of_turn_moves_the_next_one() -> None:
    bench = charging(3600.0)
    bench.advance(10)
    bench.do(SampleMeter())
    bench.advance(15.5)
    assert bench.times("MeterValues") == [1010.0, 1025.0]
    assert bench.seen(MeterSampled) == [MeterSampled(1, 10, 3600.0), MeterSampled(1, 25, 3600.0)]
    bench.do(Swipe("A"))
    with pytest.raises(CommandRefused, match="no transaction"):
        bench.do(SampleMeter())


def test_power_is_0_while_a_fault_lasts() -> None:
    bench = charging(3600.0)
    bench.do(RaiseFault("HighTemperature"))
    bench.advance(16)
    assert sampled(bench.only_record().meter_values[0])["Power.Active.Import"] == 0.0


# ---- by hand


@pytest.mark.parametrize(
    "command",
    [
        Meter(energy_wh=99.0),
        Meter(energy_wh=float("nan")),
        Meter(energy_wh=float("inf")),
        Meter(energy_wh=2.0**31),
        Meter(power_w=-1.0),
        Meter(power_w=float("nan")),
        Meter(power_w=float("inf")),
        Meter(energy_wh=500.0, power_w=-1.0),
    ],
)
def test_impossible_readings_are_refused_and_change_nothing(command: Meter) -> None:
    bench = charging(0.0)
    bench.do(Meter(energy_wh=100.0))
    with pytest.raises(CommandRefused):
        bench.do(command)
    bench.advance(16)
    assert sampled(bench.only_record().meter_values[0])["Energy.Active.Import.Register"] == 100.0
    assert sampled(bench.only_record().meter_values[0])["Power.Active.Import"] == 0.0


def test_a_register_that_is_full_stands_still_within_the_integers_of_the_wire() -> None:
    """Section 3.14: 31 bits and a sign."""
    bench = charging(1e12)
    bench.advance(60)
    bench.do(Swipe("A"))
    assert bench.only_record().stops[0]["meterStop"] == 2**31 - 1


# ---- clock-aligned


def test_TC_071_clock_aligned_values_are_on_the_grid_with_the_grids_own_times() -> None:
    bench = booted(connectors=2, config={"MeterValueSampleInterval": "0"})
    bench.advance(123.4)
    bench.do(PlugIn(2), Swipe("A", 2))
    bench.ask("ChangeConfiguration", key="ClockAlignedDataInterval", value="900")
    bench.told()
    bench.advance(1800)
    payloads = bench.sent("MeterValues")
    assert [(payload["connectorId"], payload.get("transactionId")) for payload in payloads] == [
        (1, None),
        (2, 501),
        (1, None),
        (2, 501),
    ]
    assert [payload["meterValue"][0]["timestamp"] for payload in payloads] == [
        "2026-01-01T00:15:00.000Z",
        "2026-01-01T00:15:00.000Z",
        "2026-01-01T00:30:00.000Z",
        "2026-01-01T00:30:00.000Z",
    ]
    assert payloads[0]["meterValue"][0]["sampledValue"] == [
        {"value": "0", "context": "Sample.Clock", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    ]


@pytest.mark.parametrize("interval_s", [7, 900, 86400])
def test_a_point_that_is_near_is_not_left_out(interval_s: int) -> None:
    bench = booted()
    bench.advance(interval_s - 0.006 * interval_s)
    bench.ask("ChangeConfiguration", key="ClockAlignedDataInterval", value=str(interval_s))
    bench.advance(0.007 * interval_s)
    assert [p["meterValue"][0]["timestamp"] for p in bench.sent("MeterValues")] == [
        bench.wire_time(1000.0 + interval_s)
    ]


@pytest.mark.parametrize(("interval_s", "last"), [(50_000, 50_000), (604_800, 0)])
def test_the_grid_begins_anew_each_midnight(interval_s: int, last: int) -> None:
    """Section 9.1.3: evenly spaced intervals per day, starting at 00:00:00."""
    bench = booted(config={"ClockAlignedDataInterval": str(interval_s)})
    bench.advance(86_400 + 60_000)
    times = [at - 1000.0 for at in bench.times("MeterValues")]
    wanted = [50_000, 86_400, 136_400] if last else [86_400]
    assert times == pytest.approx(wanted, abs=0.01)


def test_a_late_wake_names_the_point_that_was_passed() -> None:
    bench = booted(config={"ClockAlignedDataInterval": "10"})
    bench.now += 19.0  # the driver of the station was held up
    bench.advance(0.0)
    assert bench.sent("MeterValues")[0]["meterValue"][0]["timestamp"] == bench.wire_time(1010.0)


def test_switched_off_clock_aligned_values_end() -> None:
    bench = booted(config={"ClockAlignedDataInterval": "10"})
    bench.advance(25)
    bench.do(Configure("ClockAlignedDataInterval", "0"))
    bench.advance(100)
    assert len(bench.sent("MeterValues")) == 2


def test_offline_only_those_of_a_transaction_are_kept() -> None:
    bench = booted(connectors=2, config={"ClockAlignedDataInterval": "60", "MeterValueSampleInterval": "0"})
    bench.do(PlugIn(1), Swipe("A", 1))
    bench.drop()
    bench.advance(130)
    bench.connect()
    assert [payload["connectorId"] for payload in bench.sent("MeterValues")] == [1, 1]


def test_none_outside_a_transaction_while_going_offline() -> None:
    bench = booted(config={"ClockAlignedDataInterval": "5"})
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), Disconnect())
    bench.advance(20)
    assert bench.sent("MeterValues") == []


def test_the_bench_begins_at_midnight() -> None:
    """What the other tests of this file count from."""
    assert MIDNIGHT % 86400 == 0
