"""Child processes: pinned, timed, and gone when their block ends, however it ends."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOAD_SIDE, OTHER_SIDE = 0, 1
_DESCRIPTORS_WANTED = 65536
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ProbeFailed(Exception):
    """A program of a measurement broke: the figure is wrong, not merely missing."""


class Unavailable(Exception):
    """The measurement cannot be made here; the text says what is missing."""


class Child(NamedTuple):
    """A running process and the files that take its output."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def complaint(self) -> str:
        """The last lines of its error output, on one line."""
        return " | ".join(self.err.read_text(errors="replace").strip().splitlines()[-3:])[-400:]


def raise_descriptor_limit() -> int:
    """Raise the soft limit of this process and so of its children; returns what holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS_WANTED if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS_WANTED)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS has a second limit below the hard one
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def need_descriptors(stations: int) -> None:
    """Raise Unavailable when one process cannot hold that many connections."""
    limit, need = resource.getrlimit(resource.RLIMIT_NOFILE)[0], stations + 200
    if limit < need:
        raise Unavailable(f"RLIMIT_NOFILE is {limit}, {stations} stations need {need} (ulimit -n)")


@contextlib.contextmanager
def running(command: list[str], side: int, env: Mapping[str, str] | None = None) -> Iterator[Child]:
    """`command` as a process group of its own on the core of `side`, in an empty folder; killed at the end."""
    with tempfile.TemporaryDirectory(prefix="evsim-bench-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        with out.open("wb") as out_file, err.open("wb") as err_file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out_file,
                stderr=err_file,
                cwd=folder,
                env=_environment(env or {}),
                start_new_session=True,  # a Ctrl-C is ours to pass on, and children of children go too
                preexec_fn=_die_with_parent,
            )
        try:
            pin(process.pid, side)
            yield Child(process, out, err)
        finally:
            end(process)


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs a module with this interpreter."""
    return [sys.executable, "-m", module, *map(str, arguments)]


def pin(pid: int, side: int) -> None:
    """Keep a process on the core of its side, where there are two and the system can."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) > 1:
            os.sched_setaffinity(pid, {cores[side]})


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop the whole process group: asked first, then killed."""
    for number, patience_s in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)


def wait_for_line(child: Child, start: str, timeout_s: float = 30.0) -> str:
    """The first output line that begins with `start`; raises ProbeFailed when it does not come."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        for line in child.out.read_text(errors="replace").splitlines(keepends=True):
            if line.startswith(start) and line.endswith("\n"):
                return line.strip()
        if child.process.poll() is not None:
            break
        time.sleep(0.02)
    raise ProbeFailed(f"no {start!r} within {timeout_s:g} s: {child.complaint()}")


def wait_for_report(child: Child, timeout_s: float) -> dict[str, Any]:
    """The JSON object on the last output line of a program that ends by itself; raises ProbeFailed."""
    try:
        status = child.process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        raise ProbeFailed(f"no end within {timeout_s:g} s: {child.complaint()}") from None
    lines = child.out.read_text().splitlines()
    if status != 0 or not lines:
        raise ProbeFailed(f"exit status {status}: {child.complaint()}")
    figures = json.loads(lines[-1])
    if not isinstance(figures, dict):
        raise ProbeFailed(f"not a report: {lines[-1][:80]}")
    return figures


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    ours = {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **ours, **extra}


def _die_with_parent() -> None:
    """Linux: a killed parent takes its children along, where no `finally` runs."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
