"""The end of a run: one listener for -t, Ctrl-C and SIGTERM, and reports that hold what happened while it ended."""

from __future__ import annotations

import csv
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import gevent
from gevent.hub import get_hub
from locust.html import get_html_report, process_html_filename
from locust.runners import MasterRunner, WorkerRunner
from locust.stats import PERCENTILES_TO_REPORT, StatsCSV

from evsim_locust.plugin import keeping, state
from evsim_locust.plugin.dispatcher import StationDispatcher

_POLL_S = 0.05
_log = logging.getLogger("evsim_locust")


def interrupt_main_greenlet() -> None:
    """Have Ctrl-C end the main greenlet's wait, as Locust expects.

    Python would raise KeyboardInterrupt in whichever greenlet runs: a station that it hits cannot end its transaction.
    """
    gevent.signal_handler(signal.SIGINT, _interrupt)


def _interrupt() -> None:
    get_hub().handle_system_error(KeyboardInterrupt, KeyboardInterrupt())


def drain(environment: Any) -> None:
    """All stations of all workers stop their transactions, get the answers and leave, before Locust ends anything."""
    mine = state.of(environment)
    if isinstance(environment.runner._users_dispatcher, StationDispatcher):
        environment.runner._users_dispatcher.retire()  # no ramp may go on starting stations meanwhile
    if mine.master is not None:
        mine.master.end_ramp()
    if mine.worker is not None:
        mine.worker.drain()
    elif mine.master is not None:
        mine.master.drain()


def listen_to_quitting(environment: Any) -> None:
    """On SIGTERM and Ctrl-C Locust fires this while its users are alive.

    It goes through the listeners from the last one on, so a worker's last statistics are sent before Locust's own
    listener tells the master that this worker is gone.
    """
    runner, turn = environment.runner, Turn()

    def on_quitting(**_kwargs: Any) -> None:
        turn.take()
        if isinstance(runner, MasterRunner):
            runner.stop(send_stop_to_client=False)  # as Locust's own listener will: what it drains is judged here
            _judge_empty_run(environment)
        elif runner.user_count:
            runner.stop()
            if isinstance(runner, WorkerRunner):
                worker = state.of(environment).worker
                assert worker is not None
                worker.send_last_words(0)

    environment.events.quitting.add_listener(on_quitting)


class Turn:
    """Who shuts Locust down: it does so in SIGTERM's greenlet, and again in the main one, whose wait ends through that.

    Side by side both would write the reports, and the later exit would come into an interpreter that has none any more.
    """

    def __init__(self) -> None:
        self._taken_by: Any = None

    def take(self) -> None:
        """Go on as the first one; else the main greenlet waits for the first one's exit, and any other one ends."""
        current = gevent.getcurrent()
        if self._taken_by is None:
            self._taken_by = current
        if current is self._taken_by:
            return
        if current is not get_hub().parent:
            raise gevent.GreenletExit
        while not self._taken_by.dead:  # its SystemExit is thrown in here
            gevent.sleep(_POLL_S)


def _judge_empty_run(environment: Any) -> None:
    """A run whose workers all left before they told anything must not look like a good one."""
    master = state.of(environment).master
    assert master is not None
    if master.began and not environment.stats.total.num_requests and environment.process_exit_code is None:
        _log.error("no worker reported a single sample")
        environment.process_exit_code = 1


def write_reports_at_quit(environment: Any) -> None:
    """Locust writes its files before the stations have ended; they are written again after that."""

    def on_quit(**_kwargs: Any) -> None:
        try:
            _write_reports(environment)
        finally:
            _close_all(environment)
            _serve_what_is_due()

    environment.events.quit.add_listener(on_quit)


def _serve_what_is_due() -> None:
    """Have timers that ran out before now wake their greenlets now.

    Locust closes its CSV files next, and the greenlet that writes them each second would wake to closed ones.
    """
    gevent.sleep(0)


def _close_all(environment: Any) -> None:
    mine = state.of(environment)
    keeping.close(environment)
    if mine.csms is not None:
        mine.csms.stop()


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
