"""Adds a point to the series every two seconds while a run is on."""

from __future__ import annotations

import gevent

from evsim_locust.control.figures import figures_of
from evsim_locust.control.series import PERIOD_S
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.run import clock


class Sampler:
    """Works in the greenlet that calls `run`."""

    def __init__(self, master: Master) -> None:
        self._master = master

    def run(self) -> None:
        """Never returns; a late point moves no other one."""
        due = clock() + PERIOD_S
        while True:
            gevent.sleep(max(0.0, due - clock()))
            self.step()
            due = max(due + PERIOD_S, clock())

    def step(self) -> None:
        """A point of now, if a run is on."""
        if self._master.vitals.is_on:
            fleet, summary = self._master.fleet, self._master.summary()
            connected = figures_of(summary["stations"], fleet.running_count).connected
            self._master.vitals.sample(clock(), fleet.power_kw, summary["calls_per_s"], connected)
