"""The meter of a connector: energy is power over time and never goes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from evsim_locust.station.meter import Meter

POWER = st.floats(0, 350_000)
SECONDS = st.floats(0, 100_000)


@given(POWER, SECONDS, st.sampled_from([0.5, 1.0, 60.0]))
def test_energy_is_power_over_time(power_w: float, seconds: float, time_scale: float) -> None:
    meter = Meter(500.0, time_scale)
    meter.set_power(power_w, 500.0)
    assert meter.read_wh(500.0 + seconds) == pytest.approx(power_w * seconds / 3600.0 * time_scale, abs=0.51, rel=1e-9)


@given(POWER, st.lists(SECONDS, min_size=1, max_size=20))
def test_reading_often_changes_nothing(power_w: float, steps: list[float]) -> None:
    often, once = Meter(0.0), Meter(0.0)
    often.set_power(power_w, 0.0)
    once.set_power(power_w, 0.0)
    now = 0.0
    for step in steps:
        now += step
        often.read_wh(now)
    assert abs(often.read_wh(now) - once.read_wh(now)) <= 1


@pytest.mark.parametrize("power_w", [-0.1, float("nan"), float("inf")])
def test_impossible_power_is_refused(power_w: float) -> None:
    meter = Meter(0.0)
    with pytest.raises(ValueError, match="power must be"):
        meter.set_power(power_w, 0.0)
    assert meter.power_w == 0.0


@pytest.mark.parametrize("energy_wh", [9.9, -1.0, float("nan"), float("inf"), 2.0**31])
def test_an_impossible_register_is_refused(energy_wh: float) -> None:
    meter = Meter(0.0)
    meter.set_register(10.0, 0.0)
    with pytest.raises(ValueError, match="stands at 10 Wh"):
        meter.set_register(energy_wh, 0.0)
    assert meter.read_wh(0.0) == 10


class MeterMachine(RuleBasedStateMachine):
    """Any use, clocks that stand still or step back included: the register never goes back."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.meter = Meter(self.now)
        self.model_wh = 0.0
        self.power_w = 0.0
        self.last_wh = 0

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.model_wh += self.power_w * seconds / 3600.0

    @rule(power_w=POWER)
    def draw(self, power_w: float) -> None:
        self.meter.set_power(power_w, self.now)
        self.power_w = power_w

    @rule(more_wh=st.floats(0, 1e5))
    def put_forward(self, more_wh: float) -> None:
        self.model_wh = self.meter.read_wh(self.now) + 1 + more_wh
        self.meter.set_register(self.model_wh, self.now)

    @rule(seconds=SECONDS)
    def a_clock_that_steps_back_is_read(self, seconds: float) -> None:
        assert self.meter.read_wh(self.now - seconds) >= self.last_wh

    @invariant()
    def is_what_flowed_and_never_less_than_before(self) -> None:
        read_wh = self.meter.read_wh(self.now)
        assert read_wh >= self.last_wh
        assert read_wh == pytest.approx(self.model_wh, rel=1e-6, abs=1.0)
        self.last_wh = read_wh


MeterMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestMeterMachine = MeterMachine.TestCase
