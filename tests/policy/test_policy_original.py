"""The 24 cases of the policy's first version: seventeen decisions, five at the meter, two on the answer's shape."""

from __future__ import annotations

from typing import Any

from policy import ACTIONS, Decision, MeterDecision, evaluate_charging_policy, evaluate_meter_value_decision


def decide(
    energy: float = 10.0,
    price: float = 18.0,
    hour: int = 14,
    below: float = 20.0,
    cap: float = 30.0,
    allow_peak: bool = False,
    peak_hours: Any = (18, 19, 20),
) -> Decision:
    return evaluate_charging_policy(*asked(energy, price, hour, below, cap, allow_peak, peak_hours))


def at_meter(current_wh: float, max_wh: float, price: float = 18.0, hour: int = 14) -> MeterDecision:
    world = asked(current_wh / 1000, price, hour, 20.0, max_wh / 1000, False, (18, 19, 20))
    return evaluate_meter_value_decision(*world, current_energy_wh=current_wh, max_energy_wh=max_wh)


def asked(
    energy: float, price: float, hour: int, below: float, cap: float, allow_peak: bool, peak_hours: Any
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    return (
        {"energy_dispensed": energy, "charging": True, "session_active": True},
        {
            "charge_if_price_below": below,
            "max_energy_kwh": cap,
            "allow_peak_hours": allow_peak,
            "peak_hours": peak_hours,
        },
        {"current_price": price, "hour": hour},
    )


CHARGE = {"action": "charge", "reason": "Conditions OK"}


class TestMain:
    def test_energy_cap_reached(self) -> None:
        assert decide(energy=30.0) == {"action": "pause", "reason": "Energy cap reached (30.0/30.0 kWh)"}

    def test_energy_cap_exceeded(self) -> None:
        assert decide(energy=35.0) == {"action": "pause", "reason": "Energy cap reached (35.0/30.0 kWh)"}

    def test_price_too_high(self) -> None:
        assert decide(price=25.0) == {"action": "wait", "reason": "Price too high (₹25.00 > ₹20.00)"}

    def test_price_at_threshold(self) -> None:
        assert decide(price=20.0) == CHARGE

    def test_price_just_below_threshold(self) -> None:
        assert decide(price=19.99) == CHARGE

    def test_peak_hour_blocked(self) -> None:
        assert decide(hour=19) == {"action": "wait", "reason": "Peak hour block (hour 19)"}

    def test_several_peak_hours(self) -> None:
        hours = [8, 9, 10, 18, 19, 20]
        assert decide(hour=9, peak_hours=hours) == {"action": "wait", "reason": "Peak hour block (hour 9)"}

    def test_peak_hour_allowed(self) -> None:
        assert decide(hour=19, allow_peak=True) == CHARGE

    def test_off_peak_with_block_policy(self) -> None:
        assert decide(hour=14, allow_peak=False) == CHARGE

    def test_all_conditions_ok(self) -> None:
        assert decide(energy=15.0, price=18.5, hour=14) == CHARGE

    def test_cap_before_price(self) -> None:
        assert decide(energy=30.0, price=25.0)["action"] == "pause"

    def test_price_before_peak(self) -> None:
        assert decide(price=25.0, hour=19)["reason"].startswith("Price too high")

    def test_zero_energy(self) -> None:
        assert decide(energy=0.0) == CHARGE

    def test_low_threshold(self) -> None:
        assert decide(price=5.5, below=5.0) == {"action": "wait", "reason": "Price too high (₹5.50 > ₹5.00)"}

    def test_high_cap(self) -> None:
        assert decide(energy=100.0, cap=200.0) == CHARGE

    def test_midnight(self) -> None:
        assert decide(hour=0) == CHARGE

    def test_late_evening(self) -> None:
        assert decide(hour=23) == CHARGE


class TestMeter:
    def test_meter_cap_reached(self) -> None:
        assert at_meter(30000, 30000) == {"action": "stop", "reason": "Energy cap reached (30.0/30.0 kWh)"}

    def test_meter_continue(self) -> None:
        assert at_meter(15000, 30000) == {"action": "continue", "reason": "Conditions OK"}

    def test_meter_stop_by_price(self) -> None:
        assert at_meter(15000, 30000, price=25.0) == {"action": "stop", "reason": "Price too high (₹25.00 > ₹20.00)"}

    def test_meter_stop_by_peak(self) -> None:
        assert at_meter(15000, 30000, hour=19) == {"action": "stop", "reason": "Peak hour block (hour 19)"}

    def test_meter_precise_energy(self) -> None:
        assert at_meter(19750, 20000)["action"] == "continue"


class TestStructure:
    def test_action_and_reason_present(self) -> None:
        for decision in (decide(), decide(energy=30), decide(price=25), decide(hour=19)):
            assert set(decision) == {"action", "reason"}

    def test_action_in_enum(self) -> None:
        seen = {decide()["action"], decide(energy=30)["action"], decide(price=25)["action"], decide(hour=19)["action"]}
        assert seen == {"charge", "pause", "wait"}
        assert seen < ACTIONS
