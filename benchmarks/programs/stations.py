"""Stations inside a real Locust process: what they cost to connect, to keep, and per round trip."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
from collections.abc import Callable
from time import monotonic
from typing import Any

import gevent

from benchmarks.load import Factory, Load, Site
from benchmarks.programs.session import STEPS, difference, mix_finding
from benchmarks.programs.usage import Window, arguments, cpu_s, report, rss_kib
from benchmarks.programs.wire import HOST

_SETTLE_S = 0.5
_SCHEDULE_KEPT = 0.8  # of the samples that the interval asks for
Figures = dict[str, Any]


def wait_until(condition: Callable[[], bool], load: Load, limit_s: float, what: str) -> None:
    """Poll without hurry; raises TimeoutError with the failures so far."""
    until = monotonic() + limit_s
    while not condition():
        if monotonic() > until:
            raise TimeoutError(f"{what}: not within {limit_s:g} s; failures: {dict(load.errors())}")
        gevent.sleep(0.05)


def ramp(load: Load, stations: int) -> Figures:
    """Connect and boot all; CPU per station to get there, KiB per station once idle."""
    gc.collect()
    gevent.sleep(_SETTLE_S)
    rss0, cpu0 = rss_kib(), cpu_s()
    load.start(stations)
    wait_until(lambda: load.booted() >= stations, load, 60 + stations / 100, f"{stations} stations booted")
    connect_us = (cpu_s() - cpu0) / stations * 1e6
    gc.collect()
    gc.freeze()
    gevent.sleep(_SETTLE_S)
    return {
        "base_mib": rss0 / 1024,
        "connect_us": connect_us,
        "kib_per_station": (rss_kib() - rss0) / stations,
    }


def closed_loop(load: Load, options: argparse.Namespace) -> Figures:
    """CPU per round trip over the window, after every station has got into its sessions."""
    before = sum(load.calls().values())
    load.go()
    enough = before + len(STEPS) * options.stations
    wait_until(lambda: sum(load.calls().values()) >= enough, load, 120, "warm-up")
    calls, window = load.calls(), Window(options.other_pid)
    gevent.sleep(options.seconds)
    figures = window.figures(sum(load.calls().values()) - sum(calls.values()))
    mix = difference(load.calls(), calls)
    return figures | {"mix": mix, "finding": mix_finding(mix)}


def paced(load: Load, options: argparse.Namespace, site: Site) -> Figures:
    """How late a load far below saturation begins what its schedule asks for."""
    load.pace()
    wait_until(lambda: load.calls().get("StartTransaction", 0) >= options.stations, load, 180, "transactions")
    gevent.sleep(site.sample_interval_s)
    load.take_lags_s()
    calls, window = load.calls(), Window(options.other_pid)
    gevent.sleep(options.seconds)
    mix, lags = difference(load.calls(), calls), sorted(load.take_lags_s())
    figures = window.figures(sum(mix.values()))
    due = options.stations * options.seconds / site.sample_interval_s
    if mix.get("MeterValues", 0) < due * _SCHEDULE_KEPT or not lags:
        return figures | {"finding": f"{mix} and {len(lags)} lags, where {due:.0f} samples were due"}
    return figures | {"lag_p99_s": lags[int(len(lags) * 0.99)], "lag_max_s": lags[-1], "mix": mix, "finding": ""}


def factory(name: str) -> Factory:
    """The function behind `MODULE:FACTORY`."""
    module, _, function = name.partition(":")
    made: Factory = getattr(importlib.import_module(module), function)
    return made


def main() -> None:
    """Ramp, the chosen phase, the report."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--load", required=True, metavar="MODULE:FACTORY")
    parser.add_argument("--phase", choices=("idle", "closed", "paced"), default="closed")
    options = parser.parse_args()
    site = Site(f"ws://{HOST}:{options.port}/ocpp")
    load = factory(options.load)(site)
    figures = ramp(load, options.stations)
    if options.phase == "closed":
        figures |= closed_loop(load, options)
    elif options.phase == "paced":
        figures |= paced(load, options, site)
    errors = dict(load.errors())
    if errors:
        figures["finding"] = f"failures: {errors}"
    report(figures)
    os._exit(0)  # an orderly end of thousands of stations is measured elsewhere, if at all


if __name__ == "__main__":
    main()
