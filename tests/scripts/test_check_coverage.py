"""The coverage floors: per room, lines and branches, and no room may be missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts import check_coverage

MODULES = ["policy", "evsim_locust.ocppj", "evsim_locust.transport.frames", "csms.tags"]


def report(**files: tuple[int, int, int, int]) -> dict[str, Any]:
    """`a__b` is the file a/b.py."""
    return {
        "files": {
            f"{name.replace('__', '/')}.py": {"summary": dict(zip(check_coverage.KEYS, figures, strict=True))}
            for name, figures in files.items()
        }
    }


GOOD = {
    "policy__rules": (95, 100, 19, 20),
    "evsim_locust__ocppj__frames": (10, 10, 0, 0),
    "evsim_locust__transport__frames": (10, 10, 2, 2),
    "csms__tags": (20, 20, 4, 4),
}


def verdict(files: dict[str, tuple[int, int, int, int]]) -> tuple[list[str], bool]:
    return check_coverage.judge(check_coverage.totals_by_room(report(**files), MODULES), MODULES)


def test_floors_that_are_just_reached_hold() -> None:
    lines, good = verdict(GOOD)
    assert good
    assert [line.split()[0] for line in lines] == ["csms", "evsim_locust.ocppj", "evsim_locust.transport", "policy"]


@pytest.mark.parametrize("figures", [(94, 100, 20, 20), (100, 100, 18, 20), (0, 1, 0, 0)])
def test_a_room_below_its_floor_is_named(figures: tuple[int, int, int, int]) -> None:
    lines, good = verdict(GOOD | {"policy__rules": figures})
    assert not good
    assert [line.split()[0] for line in lines if "TOO LOW" in line] == ["policy"]


def test_files_of_a_room_are_counted_together() -> None:
    assert verdict(GOOD | {"policy__more": (400, 400, 0, 0)})[1]
    assert not verdict(GOOD | {"policy__more": (0, 50, 0, 0)})[1]


def test_what_is_not_pure_is_not_judged() -> None:
    assert verdict(GOOD | {"evsim_locust__transport__tcp": (0, 100, 0, 10), "csms__server": (0, 9, 0, 0)})[1]


def test_a_room_that_nobody_measured_does_not_hold() -> None:
    lines, good = verdict({name: figures for name, figures in GOOD.items() if name != "csms__tags"})
    assert not good
    assert any("csms" in line and "not measured" in line for line in lines)


def test_what_is_pure_is_read_from_the_import_contract() -> None:
    modules = check_coverage.pure_modules(check_coverage.ROOT)
    assert {"policy", "evsim_locust.ocppj", "evsim_locust.station", "csms.central_system"} <= set(modules)
    assert all(
        (check_coverage.ROOT / module.replace(".", "/")).exists()
        or Path(check_coverage.ROOT / f"{module.replace('.', '/')}.py").exists()
        for module in modules
    )
