"""The end of a run: one listener for -t, Ctrl-C and SIGTERM, and reports that hold what happened while it ended."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import gevent
from gevent.hub import get_hub
from locust.html import get_html_report, process_html_filename
from locust.stats import PERCENTILES_TO_REPORT, StatsCSV

from evsim_locust.plugin import state


def interrupt_main_greenlet() -> None:
    """Have Ctrl-C end the main greenlet's wait, as Locust expects.

    Python would raise KeyboardInterrupt in whichever greenlet runs: a station that it hits cannot end its transaction.
    """
    gevent.signal_handler(signal.SIGINT, _interrupt)


def _interrupt() -> None:
    get_hub().handle_system_error(KeyboardInterrupt, KeyboardInterrupt())


def on_quitting(environment: Any, **_kwargs: Any) -> None:
    """Stop what still runs, and wait for it: on SIGTERM Locust fires this while its users are alive."""
    runner = environment.runner
    if runner is not None and runner.user_count:
        runner.stop()


def write_reports_at_quit(environment: Any) -> None:
    """Locust writes its files before the stations have ended; they are written again after that."""

    def on_quit(**_kwargs: Any) -> None:
        try:
            _write_reports(environment)
        finally:
            csms = state.of(environment).csms
            if csms is not None:
                csms.stop()

    environment.events.quit.add_listener(on_quit)


def _write_reports(environment: Any) -> None:
    options = environment.parsed_options
    if options.csv_prefix:
        _write_csv(environment, options.csv_prefix)
    if options.html_file:
        process_html_filename(options)
        report = get_html_report(environment, show_download_link=False)
        _replace(Path(options.html_file), lambda file: file.write(report))


def _write_csv(environment: Any, prefix: str) -> None:
    writer = StatsCSV(environment, PERCENTILES_TO_REPORT)
    for suffix, write in (
        ("stats", writer.requests_csv),
        ("failures", writer.failures_csv),
        ("exceptions", writer.exceptions_csv),
    ):
        _replace(Path(f"{prefix}_{suffix}.csv"), lambda file, write=write: write(csv.writer(file)))  # type: ignore[misc]


def _replace(path: Path, write: Callable[[TextIO], object]) -> None:
    """Write beside the file and rename, so that nobody ever reads half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)  # as Locust does, which on SIGTERM has not
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            write(file)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
