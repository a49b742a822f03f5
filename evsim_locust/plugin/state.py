"""What the plugin keeps for one Locust environment: secrets, the current run, the embedded CSMS."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from locust.runners import WorkerRunner

from evsim_locust.plugin.embedded_csms import EMBEDDED_URL, EmbeddedCsms
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.run import Run
from evsim_locust.plugin.run_options import RunOptions

_NUMBERS_PER_WORKER = 10_000  # each worker numbers its stations from a block of its own
_DRAIN_S = 10.0


class State:
    """One environment's; `secrets` are options that must not stay where Locust shows and sends options."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._run: Run | None = None
        self.secrets: dict[str, str] = {}
        self.csms: EmbeddedCsms | None = None

    def read(self, changes: dict[str, Any] | None = None, host: str | None = None) -> RunOptions:
        """The options as they stand, with `changes` on top; raises `OptionRefused`."""
        options = self._environment.parsed_options
        given = {**(vars(options) if options is not None else {}), **self.secrets, **(changes or {})}
        return read_options(given, host or self._environment.host or EMBEDDED_URL)

    def run(self) -> Run:
        """The current run, made from the options when the first station asks for it."""
        if self._run is None:
            options = self.read()
            self._run = Run(options, options.start + self._block())
        return self._run

    def forget_run(self) -> None:
        """A new run begins: options may have changed."""
        self._run = None

    def drain_timeout_s(self) -> float:
        """How long a station may take to end."""
        return _DRAIN_S if self._run is None else self._run.options.drain_timeout_s

    def _block(self) -> int:
        runner = self._environment.runner
        return runner.worker_index * _NUMBERS_PER_WORKER if isinstance(runner, WorkerRunner) else 0


_states: WeakKeyDictionary[Any, State] = WeakKeyDictionary()


def of(environment: Any) -> State:
    """The state of that environment."""
    if environment not in _states:
        _states[environment] = State(environment)
    return _states[environment]
