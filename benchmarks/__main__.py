"""`python -m benchmarks [--full] [--gate] [--json FILE] [ROW ...]`: measure, print the table, keep the figures."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine, report
from benchmarks.probes import ONCE, probes
from benchmarks.processes import raise_descriptor_limit
from benchmarks.rounds import measure
from benchmarks.row import Row, evaluate, exit_code
from benchmarks.rows import ROWS

_HERE = Path(__file__).resolve().parent
_PRODUCT = "benchmarks.station_load:make_load"
_LATEST = _HERE / "results" / "latest.json"


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line; exits with 2 on a wrong one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these: " + ", ".join(row.name for row in ROWS))
    parser.add_argument(
        "--full", action="store_true", help="also the control plane, the history, and 5,000 and 10,000 stations"
    )
    parser.add_argument("--gate", action="store_true", help="exit with 1 when a gated row is missed or has no figure")
    parser.add_argument("--rounds", type=int, default=3, help="best of so many (default 3)")
    parser.add_argument("--load", default=_PRODUCT, metavar="MODULE:FACTORY", help="other stations in the same frame")
    parser.add_argument("--json", type=Path, default=_LATEST, metavar="FILE", help="where all figures go")
    parser.add_argument("--update-readme", action="store_true", help="put the table into benchmarks/README.md")
    options = parser.parse_args(arguments)
    unknown = set(options.rows) - {row.name for row in ROWS}
    if unknown or options.rounds < 1:
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}" if unknown else "--rounds must be at least 1")
    return options


def chosen(names: Sequence[str], full: bool) -> list[Row]:
    """The named rows, else the quick ones, else all."""
    if names:
        return [row for row in ROWS if row.name in names]
    return [row for row in ROWS if full or row.quick]


def main(arguments: Sequence[str]) -> int:
    """Measure and report; returns the exit code."""
    options = options_of(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the children are ended on the way out
    raise_descriptor_limit()
    where, rows = machine.describe(), chosen(options.rows, options.full)
    needed = dict.fromkeys(probe for row in rows for probe in row.needs)
    measured = measure(needed, probes(options.load), options.rounds, _say, ONCE)
    best = measured.best()
    results = [evaluate(row, best, measured.troubles) for row in rows]
    print(report.text(results, where))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report.as_json(results, where, measured), indent=1, ensure_ascii=False) + "\n")
    if options.update_readme:
        report.update_readme(_HERE / "README.md", report.markdown(results, where))
    return exit_code(results, options.gate)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
