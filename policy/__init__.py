"""When a station charges, waits or pauses: pure rules, without clock, state or logging."""

from policy.decision import ACTIONS, METER_ACTIONS, Action, Decision, MeterAction, MeterDecision
from policy.evaluate import evaluate_charging_policy, evaluate_meter_value_decision

__all__ = [
    "ACTIONS",
    "METER_ACTIONS",
    "Action",
    "Decision",
    "MeterAction",
    "MeterDecision",
    "evaluate_charging_policy",
    "evaluate_meter_value_decision",
]
