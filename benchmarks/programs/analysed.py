"""The seconds, CPU seconds and peak memory of an analysis, as whoever types the command gets it."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.programs.usage import report

_LONGEST_S = 1800


def analyse(history: str, sessions: int, out: Path) -> dict[str, Any]:
    """Of the only child of this process; raises RuntimeError when there is no report of so many sessions."""
    began = time.monotonic()
    command = [sys.executable, "-m", "evsim_locust.analysis", "--history", history, "--out", str(out)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    wall_s, usage = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.returncode or f" {sessions:,} sessions" not in run.stdout or not (out / "report.html").is_file():
        raise RuntimeError(f"analysis: status {run.returncode}: {(run.stdout + run.stderr)[-300:]}")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"wall_s": wall_s, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": peak / 2**20}


def main() -> None:
    """Its report goes to a folder in this one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history")
    parser.add_argument("--sessions", type=int, required=True, help="how many the history's last run has")
    options = parser.parse_args()
    report(analyse(options.history, options.sessions, Path("reports")))


if __name__ == "__main__":
    main()
