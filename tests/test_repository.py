"""What a newcomer types works as written: pinned requirements, make targets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIN = re.compile(r"^([a-z0-9-]+)==([^ ;]+)( ; .+)?$")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    found = [PIN.match(line) for line in lines if line and not line.lstrip().startswith("#")]
    assert all(found), f"{name} holds more than exact versions"
    return {pin[1]: pin[2] for pin in found if pin}


def test_both_requirements_files_agree() -> None:
    run, develop = pins("requirements.txt"), pins("requirements-dev.txt")
    assert run
    assert run.items() <= develop.items()
    assert {"pytest", "hypothesis", "mypy", "ruff", "import-linter"} <= develop.keys()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_name_no_host_and_no_folder(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--\w|(^|\s)/|file:", text)
    assert "make lock" in text


def test_make_run_starts_the_swarm_of_the_contract() -> None:
    options = "--autostart -u 20 -r 5 --time-scale 10 --station-profile default:6,busy:3,flaky:1"
    assert f"exec .venv/bin/locust {options}" in make("-n", "-o", ".venv/.run", "run").stdout.splitlines()


@pytest.mark.parametrize("target", ["test", "check", "bench", "bench-full", "screenshots", "lock", "clean"])
def test_the_targets_exist(target: str) -> None:
    assert make("-n", target).returncode == 0
    assert f"make {target} " in make("help").stdout


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_an_old_python_is_refused_with_the_packages_to_install(tmp_path: Path) -> None:
    """`python3` is too old, nothing else is there: what is missing is named."""
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)
    run = venv_script(tmp_path)
    assert run.returncode == 1
    assert "Python 3.11 or later is needed; here is Python 3.9.2." in run.stderr
    assert "apt install python3 python3-venv" in run.stderr


def test_a_python_without_venv_is_refused_with_the_package_to_install(tmp_path: Path) -> None:
    bare = tmp_path / "python3"
    bare.write_text(
        '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; *) exit 0 ;; esac\n',
    )
    bare.chmod(0o755)
    run = venv_script(tmp_path)
    assert run.returncode == 1
    assert "apt install python3-venv (or python3.12-venv)" in run.stderr


def venv_script(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script where there is no .venv and no other Python."""
    (path / "scripts").mkdir()
    copy = path / "scripts" / "venv.sh"
    copy.write_text((ROOT / "scripts" / "venv.sh").read_text())
    tools = path / "tools"
    tools.mkdir()
    (tools / "dirname").symlink_to("/usr/bin/dirname")
    return subprocess.run(
        ["/bin/sh", str(copy), "requirements.txt"],
        env={"PATH": f"{path}:{tools}"},
        capture_output=True,
        text=True,
    )
