"""The two questions a station asks: may I charge, and does the running session go on."""

from __future__ import annotations

from policy.decision import Decision, MeterDecision
from policy.rules import Values, cap_reached, energy_cap, extensions, peak_hours, price
from policy.values import require_limit, require_measure


def evaluate_charging_policy(station_state: Values, profile: Values, env: Values) -> Decision:
    """May this station charge now?

    `station_state`: `energy_dispensed` in kWh, of this session (`charging` and `session_active` are read by no rule).
    `profile`: `max_energy_kwh`, `charge_if_price_below`, `peak_hours`, `allow_peak_hours` or its alias `allow_peak`;
    for extensions `priority`, `max_carbon_gco2_kwh`, `max_grid_load` (0 to 1).
    `env`: `current_price`, `hour`, `currency` (₹ when absent); for extensions `demand_response`,
    `charging_slots_free`, `carbon_intensity`, `grid_load` (1 is full load).
    Raises ValueError naming the key that is missing or holds what no rule can use.
    """
    try:
        return (
            energy_cap(station_state, profile, env)
            or price(station_state, profile, env)
            or peak_hours(station_state, profile, env)
            or extensions(station_state, profile, env)
            or {"action": "charge", "reason": "Conditions OK"}
        )
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]} is missing") from None


def evaluate_meter_value_decision(
    station_state: Values, profile: Values, env: Values, current_energy_wh: float, max_energy_wh: float
) -> MeterDecision:
    """Does the running session go on at this meter sample?

    The energies (Wh) are asked first, then the policy; `charge` and `ramp_down` continue, all else stops.
    Raises ValueError as `evaluate_charging_policy` does, and for the two energies by their names.
    """
    require_measure("current_energy_wh", current_energy_wh)
    require_limit("max_energy_wh", max_energy_wh)
    if current_energy_wh >= max_energy_wh:
        return {"action": "stop", "reason": cap_reached(current_energy_wh / 1000, max_energy_wh / 1000)}
    decision = evaluate_charging_policy(station_state, profile, env)
    goes_on = decision["action"] in ("charge", "ramp_down")
    return {"action": "continue" if goes_on else "stop", "reason": decision["reason"]}
