"""Stations inside a real Locust process at a given rate of calls, their history written beside them or not.

What a history costs is the difference between two of these: CPU per call, the rate that is reached, response times.
"""

from __future__ import annotations

import argparse
import os
from time import monotonic
from typing import Any

import gevent

from benchmarks.load import Site
from benchmarks.programs.session import STEPS, difference, mix_finding
from benchmarks.programs.stations import ramp, wait_until
from benchmarks.programs.tables import rows_of
from benchmarks.programs.usage import Window, arguments, report
from benchmarks.programs.wire import HOST
from benchmarks.rated_load import RatedLoad

_OFF = "none"
_WARM_UP = 2  # times as fast
_SETTLE_S = 1.0
_LATE_S = 15.0  # for the history's last rows
Figures = dict[str, Any]


def rated(load: RatedLoad, options: argparse.Namespace) -> Figures:
    """A window of a session of each station, after all have got into theirs."""
    session = len(STEPS) * options.stations  # of each station: so many calls have the right mix at any rate
    patience_s = 60 + 10 * session / options.rate
    before = sum(load.calls().values())
    load.go()
    load.act_at(_WARM_UP * options.rate)
    wait_until(lambda: sum(load.calls().values()) >= before + session, load, patience_s, "warm-up")
    load.act_at(options.rate)
    gevent.sleep(_SETTLE_S)
    load.take_latencies_s()
    calls, window = load.calls(), Window(options.other_pid)
    enough = sum(calls.values()) + session
    wait_until(lambda: sum(load.calls().values()) >= enough, load, patience_s, "a session of each station")
    mix, latencies = difference(load.calls(), calls), sorted(load.take_latencies_s())
    figures: Figures = dict(window.figures(sum(mix.values())))
    return figures | {
        "s_per_call": figures["seconds"] / figures["calls"],
        "p50_s": latencies[len(latencies) // 2],
        "p99_s": latencies[int(len(latencies) * 0.99)],
        "mix": mix,
        "finding": mix_finding(mix),
    }


def kept(load: RatedLoad, history: str) -> Figures:
    """That the history has a row for each meter sample and session of the run; how many rows it has."""
    load.act_at(0)
    wait_until(load.quiet, load, 30, "the last answers")
    gevent.sleep(_SETTLE_S)  # Locust hears of a call within a tenth of a second
    calls, until = load.calls(), monotonic() + _LATE_S
    wanted = {"energy_snapshots": calls["MeterValues"], "session_history": calls["StopTransaction"]}
    found = rows_of(history)
    while any(found[table] < count for table, count in wanted.items()) and monotonic() < until:
        gevent.sleep(0.2)
        found = rows_of(history)
    good = all(found[table] == count for table, count in wanted.items())
    return {"rows": sum(found.values())} | ({} if good else {"finding": f"history: {found} instead of {wanted}"})


def main() -> None:
    """Ramp, the window, the report."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--rate", type=float, required=True, help="calls a second, of all stations together")
    parser.add_argument("--history", default=_OFF, metavar="PATH|none", help="a new SQLite file")
    options = parser.parse_args()
    load = RatedLoad(Site(f"ws://{HOST}:{options.port}/ocpp"), options.history)
    figures = ramp(load, options.stations)
    figures |= rated(load, options)
    if options.history != _OFF:
        figures |= kept(load, options.history)
    errors = load.errors()
    if errors:
        figures["finding"] = f"failures: {errors}"
    report(figures)
    os._exit(0)  # an orderly end of thousands of stations is measured elsewhere, if at all


if __name__ == "__main__":
    main()
