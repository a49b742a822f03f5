"""The table as text and Markdown, the results as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.rounds import Measured
from benchmarks.row import Result, Verdict

_HEAD = ("figure", "must", "goal", "measured", "verdict")
_BEGIN, _END = "<!-- figures: written by --update-readme -->", "<!-- end of figures -->"


def cells(result: Result) -> tuple[str, str, str, str, str]:
    """One line of the table."""
    row, sign = result.row, "≤" if result.row.lower_is_better else "≥"
    verdict = result.verdict.value + ("" if row.gated or row.must is None else " (reported)")
    why = result.why
    if result.verdict is Verdict.MISSED and result.elsewhere is not None:
        why = f"{_number(result.elsewhere, row.unit)} at the speed of the machine that the bounds come from"
    return (
        row.title,
        "" if row.must is None else f"{sign} {_number(row.must, row.unit)}",
        "" if row.goal is None else f"{sign} {_number(row.goal, row.unit)}",
        "" if result.value is None else _number(result.value, row.unit),
        f"{verdict}: {why}" if why else verdict,
    )


def text(results: list[Result], machine: Mapping[str, str]) -> str:
    """The table for a terminal, below what it was measured on."""
    lines = [_HEAD, *(cells(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD) - 1)]
    table = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]) for line in lines
    ]
    return "\n".join([*(f"{name}: {value}" for name, value in machine.items()), "", *table])


def markdown(results: list[Result], machine: Mapping[str, str]) -> str:
    """The table for the README, below what it was measured on."""
    table = ["| " + " | ".join(line) + " |" for line in (_HEAD, ("---",) * len(_HEAD), *map(cells, results))]
    return "\n".join([*(f"- {name}: {value}" for name, value in machine.items()), "", *table])


def update_readme(path: Path, table: str) -> None:
    """Put `table` between the marks of the file; raises ValueError when they are not there."""
    content = path.read_text(encoding="utf-8")
    before, begin, rest = content.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{path.name} has no marks for the figures")
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")


def as_json(results: list[Result], machine: Mapping[str, str], measured: Measured) -> dict[str, Any]:
    """Everything: results by row name, and every round of every probe."""
    rows = {
        result.row.name: {
            "title": result.row.title,
            "unit": result.row.unit,
            "must": result.row.must,
            "goal": result.row.goal,
            "measured": result.value,
            "elsewhere": result.elsewhere,
            "verdict": result.verdict.value,
            "why": result.why,
            "gated": result.row.gated,
        }
        for result in results
    }
    return {"machine": dict(machine), "rows": rows, "rounds": measured.rounds}


def _number(value: float, unit: str) -> str:
    """Three significant digits or the whole number, with its unit."""
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number}{unit}" if unit in ("x", "/s") else f"{number} {unit}"
