"""The measurements of the history: what it costs the stations, how much it takes, how fast it is read and analysed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import LOAD_SIDE, Unavailable, need_descriptors, python, running, wait_for_report
from benchmarks.sides import Figures, client, master, need_epoll, need_module, responder

_STATIONS, _CALLS_PER_S = 5_000, 2_000
_WRITTEN_SESSIONS = 50_000
_LINES, _LINE_BYTES = 10_000_000, 450  # with its part of the other tables, all indexes, and the room to sort them
_SESSIONS, _SESSION_BYTES = 1_000_000, 3_000
_ASKED_S = 14.0
_FILL_S = 1_200.0


def rated(kept: bool, stations: int = _STATIONS, rate: float = _CALLS_PER_S) -> Figures:
    """Stations at a given rate of calls, with a history or without."""
    need_module("evsim_locust.plugin")
    need_epoll()
    need_descriptors(stations)
    history = "history.db" if kept else "none"  # in the program's own folder, which goes with it
    with responder() as other:
        return client("rated", other, stations, "--rate", rate, "--history", history, timeout_s=1200)


def recording() -> Figures:
    """The hot path."""
    return _alone("recording")


def writing(sessions: int = _WRITTEN_SESSIONS) -> Figures:
    """The writer with as much as it takes."""
    return _alone("writing", "--sessions", sessions)


def pages(lines: int = _LINES, stations: int = _STATIONS, seconds: float = _ASKED_S) -> Figures:
    """The REST API of a history with so many log lines; both sides have their core."""
    with _room_for(lines * _LINE_BYTES) as folder:
        file = folder / "history.db"
        filled = _alone("many_rows", file, "--lines", lines, "--stations", stations)
        with master(stations, str(file)) as other:
            asked = client("archive_pages", other, stations, "--lines", lines, "--seconds", seconds)
        return {**filled, **asked}


def analysis(sessions: int = _SESSIONS) -> Figures:
    """The command, on a run with so many sessions."""
    need_module("matplotlib")
    with _room_for(sessions * _SESSION_BYTES) as folder:
        file = folder / "history.db"
        filled = _alone("history_rows", file, "--sessions", sessions, "--stations", _STATIONS)
        return {**filled, **_alone("analysed", file, "--sessions", sessions)}


def _alone(program: str, *options: object) -> Figures:
    """A program that needs no other side."""
    need_module("evsim_locust.plugin")
    with running(python(f"benchmarks.programs.{program}", *options), LOAD_SIDE) as child:
        return wait_for_report(child, _FILL_S)


@contextmanager
def _room_for(size: int) -> Iterator[Path]:
    """A folder that is removed afterwards, and may take so many bytes; raises Unavailable."""
    with tempfile.TemporaryDirectory(prefix="evsim-bench-") as folder:
        free = shutil.disk_usage(folder).free
        if free < size:
            raise Unavailable(f"{folder} has {free / 2**30:.1f} GiB left, {size / 2**30:.1f} GiB are needed (TMPDIR)")
        yield Path(folder)
