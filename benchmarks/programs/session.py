"""The work that every contestant does: one charging session of eleven calls.

Station number k begins with k mod 11 Heartbeats, so that at any moment the stations are spread evenly over the steps
and every window of time holds the same mix of calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

STEPS = (
    "StatusNotification",  # Preparing
    "Authorize",
    "StartTransaction",
    "StatusNotification",  # Charging
    "MeterValues",
    "MeterValues",
    "MeterValues",
    "MeterValues",
    "StopTransaction",
    "StatusNotification",  # Finishing
    "StatusNotification",  # Available
)
SAMPLES_PER_SESSION = STEPS.count("MeterValues")
WH_PER_SESSION = 1000 * SAMPLES_PER_SESSION
_TOLERANCE = 0.04  # absolute, on the share of MeterValues


def heartbeats_before(number: int) -> int:
    """How many Heartbeats station `number` sends before its first session."""
    return number % len(STEPS)


def timestamp() -> str:
    """Now, as OCPP writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sampled_values(energy_wh: int) -> list[dict[str, str]]:
    """The five values of one MeterValues request, in snake_case as the `ocpp` package takes them."""
    soc = 20 + energy_wh // 1000 % 80
    return [
        _value(energy_wh, "Energy.Active.Import.Register", "Wh"),
        _value(7360, "Power.Active.Import", "W"),
        _value(32, "Current.Import", "A"),
        _value(230, "Voltage", "V"),
        _value(soc, "SoC", "Percent"),
    ]


def _value(value: int, measurand: str, unit: str) -> dict[str, str]:
    return {"value": str(value), "context": "Sample.Periodic", "measurand": measurand, "unit": unit}


def mix_finding(calls: Mapping[str, int]) -> str:
    """What is wrong with the mix of the counted calls, or an empty text: work that differs must not be compared."""
    total = sum(calls.values())
    share, right = calls.get("MeterValues", 0) / max(1, total), SAMPLES_PER_SESSION / len(STEPS)
    if abs(share - right) <= _TOLERANCE:
        return ""
    return f"MeterValues are {share:.3f} of {total} calls instead of {right:.3f}: {dict(calls)}"


def difference(after: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Calls by action between two counts."""
    return {action: count - before.get(action, 0) for action, count in after.items() if count != before.get(action, 0)}
