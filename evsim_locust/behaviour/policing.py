"""The charging policy, asked with what holds now: the price, the hour and the world are read at every decision."""

from __future__ import annotations

from typing import Any, NamedTuple

from evsim_locust.behaviour.stage import Stage
from policy import evaluate_charging_policy, evaluate_meter_value_decision

PEAK_FACTOR = 0.5  # at allowed peak hours a session charges at half its power


class Word(NamedTuple):
    """The policy on a running session: why it must stop (None: it goes on), whether waiting would do, at what power."""

    stop_reason: str | None
    may_wait: bool
    power_factor: float


class Policing:
    """One connector's questions; the state handed to the policy is one dict, written anew each time."""

    __slots__ = ("_stage", "_state")

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._state: dict[str, Any] = {"energy_dispensed": 0.0, "charging": False, "session_active": False}

    def may_start(self) -> str | None:
        """None when a session may begin, else the reason why not."""
        stage = self._stage
        rules, world = stage.environment.rules_of(stage.profile), stage.environment.policy_env(stage.wall_s())
        decision = evaluate_charging_policy(self._at(0, active=False), rules, world)
        return None if decision["action"] in ("charge", "ramp_down") else decision["reason"]

    def may_continue(self, delivered_wh: int) -> Word:
        """Whether a session that has got `delivered_wh` goes on."""
        stage, state = self._stage, self._at(delivered_wh, active=True)
        rules, world = stage.environment.rules_of(stage.profile), stage.environment.policy_env(stage.wall_s())
        most_wh = stage.cap_wh
        decision = evaluate_meter_value_decision(state, rules, world, delivered_wh, most_wh)
        if decision["action"] == "stop":
            return Word(decision["reason"], delivered_wh < most_wh, 0.0)
        return Word(None, False, self._power_factor(state, rules, world))

    def _power_factor(self, state: dict[str, Any], rules: dict[str, Any], world: dict[str, Any]) -> float:
        factor = PEAK_FACTOR if world["hour"] in rules["peak_hours"] else 1.0
        if "grid_load" in world and "max_grid_load" in rules:  # only then can the policy ask to ramp down
            factor *= evaluate_charging_policy(state, rules, world).get("rate", 1.0)
        return factor

    def _at(self, delivered_wh: int, active: bool) -> dict[str, Any]:
        state = self._state
        state["energy_dispensed"] = delivered_wh / 1000.0
        state["charging"] = state["session_active"] = active
        return state
