"""Coverage floors: the pure tests must reach 95 % of the lines and 95 % of the branches of every pure room.

What is pure is said once, in the import contract `pure` of pyproject.toml.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FLOOR = 95.0
TESTS = (
    "policy",
    "ocppj",
    "station",
    "behaviour",
    "simulation",
    "transport",
    "history",
    "metrics",
    "control",
    "analysis",
    "csms",
)
PURE_ONLY = "not loopback and not e2e"

Totals = dict[str, int]


def pure_modules(root: Path) -> list[str]:
    """The source modules of the contract."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    modules: list[str] = next(contract["source_modules"] for contract in contracts if contract["id"] == "pure")
    return modules


def room_of(path: str, modules: list[str]) -> str | None:
    """The room a file is counted in, None when it is not pure."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    if not any(name == module or name.startswith(module + ".") for module in modules):
        return None
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "evsim_locust" else parts[0]


def totals_by_room(report: dict[str, Any], modules: list[str]) -> dict[str, Totals]:
    """Lines and branches, covered and in all, from coverage's JSON report."""
    rooms: dict[str, Totals] = defaultdict(lambda: dict.fromkeys(KEYS, 0))
    for path, file in report["files"].items():
        room = room_of(path, modules)
        if room is not None:
            for key in KEYS:
                rooms[room][key] += file["summary"][key]
    return rooms


KEYS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def percent(covered: int, of: int) -> float:
    """100 when there is nothing to cover."""
    return 100.0 * covered / of if of else 100.0


def judge(rooms: dict[str, Totals], modules: list[str]) -> tuple[list[str], bool]:
    """(the table's lines, whether all floors hold); a room that was not measured at all does not hold."""
    lines, good = [], True
    for room in sorted({room for module in modules if (room := room_of(module.replace(".", "/"), modules))}):
        totals = rooms.get(room)
        if totals is None:
            lines.append(f"{room:26} not measured")
            good = False
            continue
        covered = percent(totals["covered_lines"], totals["num_statements"])
        branches = percent(totals["covered_branches"], totals["num_branches"])
        enough = min(covered, branches) >= FLOOR
        lines.append(f"{room:26} lines {covered:5.1f} %  branches {branches:5.1f} %{'' if enough else '  TOO LOW'}")
        good = good and enough
    return lines, good


def measure(root: Path) -> tuple[dict[str, Any], bool]:
    """Run the pure tests under coverage; (its report, whether the tests passed)."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        tests = [f"tests/{room}" for room in TESTS]
        options = ["-q", "-n", "2", "-m", PURE_ONLY, "--cov", "--cov-branch", "--cov-report", f"json:{report}"]
        # Tracing makes everything several times slower, so a test gets more than its usual time limit.
        run = subprocess.run([sys.executable, "-m", "pytest", *options, "--timeout=120", *tests], cwd=root)
        return json.loads(report.read_text()), run.returncode == 0


def uncovered(report: dict[str, Any], modules: list[str]) -> list[str]:
    """`file: lines` that no pure test reached, for whoever wants to write the missing one."""
    return [
        f"  {path}: lines {file['missing_lines']} branches {file['missing_branches']}"
        for path, file in report["files"].items()
        if room_of(path, modules) and (file["missing_lines"] or file["missing_branches"])
    ]


def main(root: Path) -> int:
    """Print a line per room; 1 when a floor does not hold or a test failed."""
    modules = pure_modules(root)
    report, passed = measure(root)
    lines, good = judge(totals_by_room(report, modules), modules)
    print("\n".join(lines if good else [*uncovered(report, modules), *lines]))
    return 0 if good and passed else 1


if __name__ == "__main__":
    sys.exit(main(ROOT))
