"""CPU per policy decision, on the way through all rules to `charge`."""

from __future__ import annotations

import argparse
import time
import timeit

from benchmarks.programs.usage import report
from policy import evaluate_charging_policy

_STATION = {"energy_dispensed": 12.5, "charging": True, "session_active": True}
_PROFILE = {
    "charge_if_price_below": 25.0,
    "max_energy_kwh": 30.0,
    "allow_peak_hours": False,
    "peak_hours": [8, 9, 10, 18, 19, 20],
}
_ENVIRONMENT = {"current_price": 20.0, "hour": 14, "currency": "₹"}


def decide() -> str:
    """One decision."""
    return evaluate_charging_policy(_STATION, _PROFILE, _ENVIRONMENT)["action"]


def main() -> None:
    """The best of five runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    count = parser.parse_args().decisions
    if decide() != "charge":
        raise RuntimeError("the measured decision is not the one that passes all rules")
    took = timeit.repeat(decide, timer=time.process_time, number=count, repeat=5)
    report({"us_per_call": min(took) / count * 1e6, "calls": count})


if __name__ == "__main__":
    main()
