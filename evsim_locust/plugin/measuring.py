"""The metrics of the whole run: the master's counts, and what is true at the moment Prometheus asks."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from locust.runners import MasterRunner

from evsim_locust.metrics.collector import registry_of, text
from evsim_locust.metrics.errors import PortTaken
from evsim_locust.metrics.exporter import Exporter
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.reading import OptionRefused

DEFAULT_PORT = 9100
_log = logging.getLogger("evsim_locust")


class Metrics:
    """`exposition` is the text for /metrics; the exporter has a port of its own."""

    def __init__(self, environment: Any, master: Master) -> None:
        self._environment, self._master = environment, master
        self._registry = registry_of(master.counts, self)
        self._exporter: Exporter | None = None

    def exposition(self) -> tuple[bytes, str]:
        """The text of now, and its content type."""
        self._master.refresh()
        return text(self._registry)

    def open_port(self, given: str) -> None:
        """By the value of --metrics-port: empty tries 9100, `0` is off; raises `OptionRefused`."""
        if given == "0":
            return
        exporter = Exporter(self._registry, int(given or DEFAULT_PORT))
        try:
            exporter.start()
        except PortTaken as error:
            if given:
                raise OptionRefused(f"--metrics-port: {error}") from None
            _log.warning("No metrics on port %d: %s", DEFAULT_PORT, error)
            return
        self._exporter = exporter

    def close(self) -> None:
        """Nobody is answered any more."""
        if self._exporter is not None:
            self._exporter.stop()

    # ---- Gauges

    def stations(self) -> Mapping[tuple[str, str], int]:
        """By status and profile."""
        return self._master.fleet.by_status_and_profile()

    def price(self) -> float:
        """Per kWh."""
        return self._master.conditions().price

    def workers(self) -> int:
        """Processes that run stations."""
        runner = self._environment.runner
        return int(runner.worker_count) if isinstance(runner, MasterRunner) else 1

    def offline_queue(self) -> int:
        """Transaction messages that stations hold back."""
        return self._master.queued()

    def build(self) -> str:
        """The version of this program."""
        try:
            return version("evsim-locust")
        except PackageNotFoundError:  # it runs from its sources
            return "source"
