"""The rooms' rules hold, and their guard sees each kind of breach."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import grimp
import pytest

from scripts.check_coverage import pure_modules

ROOT = Path(__file__).parent.parent
PACKAGES = ("policy", "csms", "evsim_locust")
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [LINT_IMPORTS, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


def sections(report: str) -> dict[str, str]:
    """What is said about each broken contract, by the contract's name."""
    _, _, broken = report.partition("Broken contracts\n")
    parts = re.split(r"^(\S.*)\n-{3,}\n", broken, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_rooms_point_one_way() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout


BREACHES = [
    ("rooms", "evsim_locust.ocppj.errors", "import evsim_locust.station.words"),
    ("rooms", "evsim_locust.station.words", "import evsim_locust.behaviour.errors"),
    ("rooms", "evsim_locust.station.words", "import policy.values"),
    ("rooms", "evsim_locust.behaviour.errors", "import evsim_locust.transport.events"),
    ("rooms", "evsim_locust.transport.events", "from evsim_locust import plugin"),
    ("pure", "policy.rules", "import socket"),
    ("pure", "evsim_locust.ocppj.tenths", "from asyncio import sleep"),
    ("pure", "evsim_locust.station.words", "import time"),
    ("pure", "evsim_locust.behaviour.errors", "from threading import Lock"),
    ("pure", "evsim_locust.transport.frames", "import gevent.event"),
    ("pure", "csms.tags", "import sqlite3"),
    ("simulation", "evsim_locust.simulation", "import evsim_locust.transport.connection"),
    ("policy", "policy.rules", "from evsim_locust.ocppj import errors"),
    ("locust", "evsim_locust.transport.connection", "from locust import User"),
    ("locust", "csms.server", "import locust.env"),
    ("csms", "csms.tags", "from evsim_locust.station import words"),
    ("csms", "csms.server", "import policy"),
]


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[tuple[str, str], int]]:
    """The guard's report on a copy of the packages in which every breach was planted, and where each one stands."""
    root, places = tmp_path_factory.mktemp("copy"), {}
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    for _, module, statement in BREACHES:
        path = root / module.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        text = path.read_text().rstrip("\n") + f"\n{statement}\n"
        path.write_text(text)
        places[module, statement] = text.count("\n")
    return sections(lint_imports(root).stdout), places


@pytest.mark.parametrize(("contract", "module", "statement"), BREACHES)
def test_a_planted_breach_is_seen_and_named(
    breached: tuple[dict[str, str], dict[tuple[str, str], int]], contract: str, module: str, statement: str
) -> None:
    report, places = breached
    said = report[CONTRACTS[contract]["name"]]
    assert re.search(rf"{re.escape(module)} -> \S+ \(l\.{places[module, statement]}\)", said), said


def test_every_room_is_named_where_it_must_be() -> None:
    """A new room belongs into the layers, among those without Locust, and among those hidden from the CSMS."""
    rooms = {f"evsim_locust.{path.parent.name}" for path in (ROOT / "evsim_locust").glob("*/__init__.py")}
    layers = {name.strip(" ()") for layer in CONTRACTS["rooms"]["layers"] for name in layer.split("|")}
    assert rooms <= layers
    assert rooms - {"evsim_locust.plugin"} <= set(CONTRACTS["locust"]["source_modules"])
    assert rooms - {"evsim_locust.ocppj"} <= set(CONTRACTS["csms"]["forbidden_modules"])


# ---- what import-linter cannot see


def sources(*modules: str) -> Iterator[tuple[str, ast.Module]]:
    """(file, syntax tree) of modules and of all that is below them."""
    for module in modules:
        path = ROOT / module.replace(".", "/")
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]:
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


# RFC 6455, section 5.3: each frame has a fresh masking key that its receiver cannot predict.
MAY_DRAW = {"evsim_locust/transport/frames.py": {"random.getrandbits"}}
CLOCKS = {"now", "utcnow", "today"}
IMPURE_MODULES = {"os", "secrets", "tempfile", "uuid"}


def impurities(tree: ast.Module) -> set[str]:
    """Uses of the global random generator, of the calendar's clock, of the environment."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="random", names=names):
                found |= {f"random.{name.name}" for name in names if name.name != "Random"}
            case ast.Attribute(value=ast.Name(id="random"), attr=name) if name != "Random":
                found.add(f"random.{name}")
            case ast.Call(func=ast.Attribute(value=ast.Name(id=("datetime" | "date")) as kind, attr=name)) if (
                name in CLOCKS
            ):
                found.add(f"{kind.id}.{name}")
            case ast.ImportFrom(module=str(name)) | ast.Import(names=[ast.alias(name=name)]) if name in IMPURE_MODULES:
                found.add(name)
    return found


def test_pure_rooms_are_given_their_randomness_and_time() -> None:
    found = {file: impurities(tree) - MAY_DRAW.get(file, set()) for file, tree in sources(*pure_modules(ROOT))}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import random\nrandom.choice([1])", {"random.choice"}),
        ("from random import Random, choice", {"random.choice"}),
        ("from datetime import UTC, datetime\ndatetime.now(UTC)", {"datetime.now"}),
        ("from os import environ", {"os"}),
        ("import uuid", {"uuid"}),
        ("import random\nfrom random import Random\nr: random.Random = Random(1)\nr.choice([self.now()])", set()),
    ],
)
def test_impurities_are_seen(text: str, found: set[str]) -> None:
    assert impurities(ast.parse(text)) == found


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{file}:{inner.lineno}"
        for file, tree in sources(*PACKAGES)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(function)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert hidden == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(list(TopologicalSorter(imports).static_order())) == len(imports)  # CycleError names a cycle


@pytest.mark.parametrize("module", ["evsim_locust", "evsim_locust.ocppj.v16", "csms.server", "csms.__main__", "policy"])
def test_importing_it_brings_neither_gevent_nor_locust(module: str) -> None:
    """gevent's patches would reach the CSMS; who imports `evsim_locust` has not asked for a swarm yet."""
    program = f"import sys, {module}; print(sorted({{'gevent', 'locust'}} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout.strip()) == (0, "[]"), run.stderr
