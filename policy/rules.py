"""The rules, in the order in which they are asked; the first that speaks decides.

A rule is a function of station state, profile and environment that gives a decision or None. It reads all of its keys
whenever it is asked, so that a wrong one shows at once and not first at a peak hour; a missing one is a KeyError here.
`energy_cap`, `price` and `peak_hours` always apply. A row of `EXTENSIONS` is asked only when its keys are there: the
environment's and, where it names one, the profile's.

Each begins with the common case, everything right and nothing to say, in one expression: a decision is taken at every
meter sample of every station. What fails there goes to `values` to be refused by name or let through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from policy.decision import Decision
from policy.values import (
    HOURS,
    INFINITY,
    PLAIN,
    require_count,
    require_flag,
    require_hour,
    require_hours,
    require_limit,
    require_measure,
)

Values = Mapping[str, Any]
Rule = Callable[[Values, Values, Values], Decision | None]


def energy_cap(station_state: Values, profile: Values, _env: Values) -> Decision | None:
    """The session has delivered all the energy (kWh) it may."""
    energy, cap = station_state["energy_dispensed"], profile["max_energy_kwh"]
    if type(energy) in PLAIN and type(cap) in PLAIN and 0 <= energy < cap:
        return None
    require_measure("energy_dispensed", energy)
    require_limit("max_energy_kwh", cap)
    return {"action": "pause", "reason": cap_reached(energy, cap)} if energy >= cap else None


def cap_reached(energy_kwh: float, cap_kwh: float) -> str:
    """The reason that both forms of the policy give for the cap."""
    return f"Energy cap reached ({energy_kwh:.1f}/{cap_kwh:.1f} kWh)"


def price(_station_state: Values, profile: Values, env: Values) -> Decision | None:
    """Energy costs more than the profile pays; the threshold itself is still paid."""
    current, threshold = env["current_price"], profile["charge_if_price_below"]
    if type(current) in PLAIN and type(threshold) in PLAIN and 0 <= current <= threshold and current < INFINITY:
        return None
    require_measure("current_price", current)
    require_limit("charge_if_price_below", threshold)
    if current <= threshold:
        return None
    sign = env.get("currency", "₹")
    return {"action": "wait", "reason": f"Price too high ({sign}{current:.2f} > {sign}{threshold:.2f})"}


def peak_hours(_station_state: Values, profile: Values, env: Values) -> Decision | None:
    """It is a peak hour, and the profile does not charge then; `allow_peak_hours` wins over `allow_peak`."""
    key = "allow_peak_hours" if "allow_peak_hours" in profile or "allow_peak" not in profile else "allow_peak"
    hour, hours, allowed = env["hour"], profile["peak_hours"], profile[key]
    if type(hour) is not int or hour not in HOURS:
        require_hour("hour", hour)
    if type(hours) is not frozenset or not hours <= HOURS:
        require_hours("peak_hours", hours)
    if allowed is not True and allowed is not False:
        require_flag(key, allowed)
    if allowed or hour not in hours:
        return None
    return {"action": "wait", "reason": f"Peak hour block (hour {hour})"}


def demand_response(_station_state: Values, _profile: Values, env: Values) -> Decision | None:
    """The grid operator asks everyone to hold back."""
    event = env["demand_response"]
    if event is False:
        return None
    require_flag("demand_response", event)
    return {"action": "defer", "reason": "Demand response event"}


def charging_slots_free(_station_state: Values, profile: Values, env: Values) -> Decision | None:
    """The site has no slot left; below 0 it is overbooked."""
    free, priority = env["charging_slots_free"], profile["priority"]
    if type(free) in PLAIN and type(priority) in PLAIN and free > 0 <= priority:
        return None
    require_count("charging_slots_free", free)
    require_limit("priority", priority)
    return {"action": "defer", "reason": f"Queued (priority {priority})"} if free <= 0 else None


def carbon_intensity(_station_state: Values, profile: Values, env: Values) -> Decision | None:
    """The grid's energy is dirtier than the profile takes (gCO2/kWh)."""
    intensity, limit = env["carbon_intensity"], profile["max_carbon_gco2_kwh"]
    if type(intensity) in PLAIN and type(limit) in PLAIN and 0 <= intensity <= limit and intensity < INFINITY:
        return None
    require_measure("carbon_intensity", intensity)
    require_limit("max_carbon_gco2_kwh", limit)
    if intensity <= limit:
        return None
    return {"action": "flexible_wait", "reason": f"Carbon intensity too high ({intensity:g} > {limit:g} gCO2/kWh)"}


def grid_load(_station_state: Values, profile: Values, env: Values) -> Decision | None:
    """The grid is loaded beyond the profile's limit: draw the same part of full power as is left of what lies above."""
    load, limit = env["grid_load"], profile["max_grid_load"]
    if type(load) in PLAIN and type(limit) in PLAIN and 0 <= load <= limit and load < INFINITY:
        return None
    require_measure("grid_load", load)
    require_limit("max_grid_load", limit)
    if load <= limit:
        return None
    # At full load and beyond nothing is left; this also keeps a limit of 1 from dividing by zero.
    rate = (1 - load) / (1 - limit) if load < 1 else 0.0
    return {"action": "ramp_down", "rate": rate, "reason": f"Grid load high ({load:.2f} > {limit:.2f})"}


EXTENSIONS: Final[tuple[tuple[str, str | None, Rule], ...]] = (
    ("demand_response", None, demand_response),
    ("charging_slots_free", "priority", charging_slots_free),
    ("carbon_intensity", "max_carbon_gco2_kwh", carbon_intensity),
    ("grid_load", "max_grid_load", grid_load),
)
EXTENSION_KEYS: Final = frozenset(env_key for env_key, _, _ in EXTENSIONS)


def extensions(station_state: Values, profile: Values, env: Values) -> Decision | None:
    """The first extension that speaks."""
    if EXTENSION_KEYS.isdisjoint(env):
        return None
    for env_key, profile_key, rule in EXTENSIONS:
        if env_key in env and (profile_key is None or profile_key in profile):
            decision = rule(station_state, profile, env)
            if decision is not None:
                return decision
    return None
