"""What a rule says, and the words it says it in."""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypedDict

Action = Literal["charge", "wait", "pause", "defer", "flexible_wait", "ramp_down"]
MeterAction = Literal["continue", "stop"]

ACTIONS: Final[frozenset[Action]] = frozenset({"charge", "wait", "pause", "defer", "flexible_wait", "ramp_down"})
METER_ACTIONS: Final[frozenset[MeterAction]] = frozenset({"continue", "stop"})


class Decision(TypedDict):
    """An answer to "may this station charge now?"; `rate` (0 to 1, of full power) comes with `ramp_down` only."""

    action: Action
    reason: str
    rate: NotRequired[float]


class MeterDecision(TypedDict):
    """An answer to "does the running session go on?"."""

    action: MeterAction
    reason: str
