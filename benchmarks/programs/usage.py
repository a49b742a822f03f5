"""CPU seconds, resident memory and arguments of a measuring program."""

from __future__ import annotations

import argparse
import json
import resource
from collections.abc import Mapping
from time import monotonic

import psutil


def cpu_s() -> float:
    """User and system CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rss_kib() -> float:
    """Resident KiB of this process."""
    return float(psutil.Process().memory_info().rss) / 1024


class Window:
    """CPU of this process and of the other side, from its making to `figures`."""

    def __init__(self, other_pid: int) -> None:
        self._other = psutil.Process(other_pid)
        self._other_cpu_s = self._cpu_of_other()
        self._cpu_s, self._wall_s = cpu_s(), monotonic()

    def figures(self, units: int) -> dict[str, float]:
        """CPU microseconds per unit on both sides, and how busy each side's core was (0..1)."""
        used, wall = cpu_s() - self._cpu_s, monotonic() - self._wall_s
        other = self._cpu_of_other() - self._other_cpu_s
        if units <= 0:
            raise RuntimeError("nothing was measured: no unit of work ended in the window")
        return {
            "us_per_call": used / units * 1e6,
            "other_us_per_call": other / units * 1e6,
            "busy": used / wall,
            "other_busy": other / wall,
            "calls": units,
            "seconds": wall,
        }

    def _cpu_of_other(self) -> float:
        times = self._other.cpu_times()
        return float(times.user + times.system)


def arguments(description: str) -> argparse.ArgumentParser:
    """The options that all clients share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True, help="the other side's port on 127.0.0.1")
    parser.add_argument("--other-pid", type=int, required=True, help="the other side's process")
    parser.add_argument("--stations", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of the measured window")
    return parser


def report(figures: Mapping[str, object]) -> None:
    """The one line that the parent reads."""
    print(json.dumps(dict(figures)), flush=True)
