"""All checks of `make check`, one line each; what failed is shown with its output, and the rest still runs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHECKS = {
    "format": "ruff format --check",
    "lint": "ruff check",
    "types": "mypy",
    "rooms": "lint-imports --no-logo",
    "ceilings": "python scripts/check_ceilings.py",
    "coverage": "python scripts/check_coverage.py",
}
SHOWN = ("ceilings", "coverage")  # their figures are of interest when they are good, too


def main(chosen: list[str]) -> int:
    """Run the named checks, all by default; the exit code is 1 when one failed."""
    unknown = sorted(set(chosen) - CHECKS.keys())
    if unknown:
        print(f"no such check: {', '.join(unknown)}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed = [name for name in chosen or CHECKS if not passes(name)]
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nall checks passed")
    return 1 if failed else 0


def passes(name: str) -> bool:
    """Run one check and print how it went."""
    print(f"{name:10}", end="", flush=True)
    began = time.monotonic()
    program, *arguments = CHECKS[name].split()
    command = [str(Path(sys.executable).parent / program), *arguments]
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    good = run.returncode == 0
    print(f"{'ok' if good else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    if not good or name in SHOWN:
        print(run.stdout.rstrip())
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
