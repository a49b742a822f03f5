from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from benchmarks.programs.history_rows import text as time_text
from evsim_locust.analysis.__main__ import main
from evsim_locust.analysis.gallery import PLOTS
from evsim_locust.history import schema

pytestmark = pytest.mark.timeout(120)  # to draw all plots takes 5 s on a machine that does nothing else
ROOT = Path(__file__).parent.parent.parent
Fill = Callable[..., Path]


def analyse(*arguments: object, **environ: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    status = main([str(argument) for argument in arguments], environ, out, err)
    return status, out.getvalue(), err.getvalue()


def test_a_report_is_written(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    status, out, _ = analyse("--history", example, "--out", folder)
    assert status == 0
    assert out == f"{folder}/report.html: run example, 400 sessions, 9 plots\n"
    assert {file.name for file in folder.iterdir()} == {"report.html", *(f"{name}.png" for name in PLOTS)}


def test_an_empty_run_takes_the_plots_of_another_away(make: Fill, tmp_path: Path) -> None:
    row = {"id": "r", "started_at": time_text(100), "stopped_at": time_text(160), "config_json": "{}"}
    file, folder = make((schema.runs, row)), tmp_path / "reports"
    folder.mkdir()
    for name in ("price_impact.png", "mine.png"):
        (folder / name).write_bytes(b"old")
    status, out, err = analyse("--history", file, "--out", folder)
    assert (status, err) == (0, "")
    assert "No session has ended in this run" in out
    assert "The run has no latencies of calls" in out
    assert {found.name for found in folder.iterdir()} == {"report.html", "mine.png"}


def test_runs_are_listed(make: Fill) -> None:
    ended = {"id": "first", "started_at": time_text(100), "stopped_at": time_text(160), "config_json": "{}"}
    goes_on = {"id": "second", "started_at": time_text(200), "config_json": "{}"}
    status, out, _ = analyse("--history", make((schema.runs, ended), (schema.runs, goes_on)), "--list")
    second, first = out.splitlines()
    assert status == 0
    assert second.startswith("second  1970-01-01 00:03:20 UTC to (not ended)")
    assert first.split()[-2:] == ["0", "sessions"]


def test_no_runs_are_listed_in_words(make: Fill) -> None:
    assert analyse("--history", make(), "--list") == (0, "this history holds no run yet\n", "")


def test_what_is_not_there_is_told_in_one_line(example: Path, tmp_path: Path) -> None:
    for arguments in (
        ("--history", tmp_path / "none.db"),
        ("--history", example, "--run", "none"),
    ):
        status, out, err = analyse(*arguments, "--out", tmp_path)
        assert (status, out) == (1, "")
        assert err.startswith("analysis: ")
        assert "there is no" in err
        assert err.count("\n") == 1


def test_what_cannot_be_read_or_written_is_told_in_one_line(example: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("no database, and long enough to be looked at")
    for arguments in (
        ("--history", text, "--out", tmp_path),
        ("--history", "sqlite:///" + str(tmp_path), "--out", tmp_path),
        ("--history", example, "--out", text),
    ):
        status, out, err = analyse(*arguments)
        assert (status, out) == (2, "")
        assert err.splitlines()[-1].startswith("analysis: ")
        assert "Traceback" not in err


@pytest.mark.parametrize("variables", [("EVSIM_HISTORY", "SIMULATOR_DB_PATH"), ("SIMULATOR_DB_PATH", "OTHER")])
def test_the_environment_names_the_history(example: Path, variables: tuple[str, str]) -> None:
    good, other = variables
    status, out, _ = analyse("--list", **{good: str(example), other: "/none.db"})
    assert status == 0
    assert out.startswith("example ")


@pytest.mark.parametrize("arguments", [["--history", "none"], ["--history", " "], ["--nonsense"], ["--ru", "x"]])
def test_wrong_options_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        analyse(*arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_it_runs_as_a_program_without_locust_or_gevent(example: Path) -> None:
    program = (
        "import runpy, sys; sys.argv = ['analysis', '--history', sys.argv[1], '--list']\n"
        "try:\n    runpy.run_module('evsim_locust.analysis', run_name='__main__')\n"
        "except SystemExit as ended:\n    print(ended.code, sorted({'gevent', 'locust'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(example)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == "0 []", run.stderr
