"""SampledValues: one reading, several measurands that agree (OCPP 1.6, section 7.31)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.station.commands import Battery
from evsim_locust.station.measurands import MEASURANDS, PHASES, VOLTAGE_V, Reading, meter_value

BATTERIES = st.builds(Battery, st.floats(1000, 200_000), st.floats(0, 200_000))


@given(
    st.integers(0, 10**9),
    st.floats(0, 400_000),
    st.integers(0, 10**6),
    st.none() | BATTERIES,
    st.permutations(sorted(MEASURANDS)),
)
def test_values_come_in_the_order_asked_for_and_agree(
    register_wh: int, power_w: float, delivered_wh: int, battery: Battery | None, asked: list[str]
) -> None:
    value = meter_value(Reading(register_wh, power_w, delivered_wh, battery), tuple(asked), "Trigger", "now")
    assert value is not None
    found = {entry.measurand: float(entry.value) for entry in value.sampled_value}
    assert list(found) == [name for name in asked if name != "SoC" or battery is not None]
    assert found["Energy.Active.Import.Register"] == register_wh
    assert abs(found["Power.Active.Import"] - power_w) <= 0.051
    assert found["Voltage"] == VOLTAGE_V
    assert abs(found["Current.Import"] * VOLTAGE_V * PHASES - power_w) <= VOLTAGE_V * PHASES * 0.0051
    if battery is not None:
        assert 0.0 <= found["SoC"] <= 100.0
        stored_wh = battery.charge_wh + delivered_wh
        assert abs(found["SoC"] - min(100.0, 100.0 * stored_wh / battery.capacity_wh)) <= 0.051


def test_nothing_asked_for_is_no_meter_value() -> None:
    reading = Reading(1, 1.0, 1, None)
    assert meter_value(reading, (), "Trigger", "now") is None
    assert meter_value(reading, ("SoC",), "Trigger", "now") is None
