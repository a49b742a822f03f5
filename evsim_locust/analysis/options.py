"""The command line of `python -m evsim_locust.analysis`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """What was asked for; an empty `run` is the last one."""

    history: str
    run: str
    out: Path
    list_runs: bool


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """The options; a wrong one is told on stderr and ends the program with status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m evsim_locust.analysis", description="Plots and a report of one run.", allow_abbrev=False
    )
    add = parser.add_argument
    add(
        "--history",
        default=environ.get("EVSIM_HISTORY") or environ.get("SIMULATOR_DB_PATH") or "simulator.db",
        metavar="URL|PATH",
        help="the run's history: a SQLite file or a SQLAlchemy URL (default: %(default)s)",
    )
    add("--run", default="", metavar="ID", help="which run (default: the last one)")
    add("--out", default=Path("reports"), type=Path, metavar="FOLDER", help="where to (default: %(default)s)")
    add("--list", action="store_true", dest="list_runs", help="show the runs and end")
    found = parser.parse_args(arguments)
    if found.history.strip().lower() in ("", "none"):
        parser.error("--history: none is no history; give its SQLite file or URL")
    return Options(**vars(found))
