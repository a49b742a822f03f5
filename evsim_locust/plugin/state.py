"""What the plugin keeps for one Locust environment: secrets, both sides of the control plane, the embedded CSMS."""

from __future__ import annotations

import os
from typing import Any
from weakref import WeakKeyDictionary

from locust.runners import MasterRunner, WorkerRunner

from evsim_locust.control.messages import Hello, Want
from evsim_locust.plugin.control_server import ControlServer
from evsim_locust.plugin.embedded_csms import EMBEDDED_URL, EmbeddedCsms
from evsim_locust.plugin.exposure import SECRET
from evsim_locust.plugin.leasing import Desk, LocalDesk, RemoteDesk
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.master_options import MasterOptions, read_master_options
from evsim_locust.plugin.measuring import Metrics
from evsim_locust.plugin.post import Post
from evsim_locust.plugin.ramp import LOCAL, Ramp
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.run_options import RunOptions
from evsim_locust.plugin.worker import Worker


class State:
    """One environment's; `secrets` are options that must not stay where Locust shows and sends options.

    `master` is there beside a master's or a local runner, `worker` beside a worker's or a local one; both are there
    from the first look on, which may come before any run.
    """

    def __init__(self, environment: Any) -> None:
        self._environment = environment
        self._sides: tuple[Master | None, Worker | None] | None = None
        self.secrets: dict[str, str] = {}
        self.csms: EmbeddedCsms | None = None
        self.control_server: ControlServer | None = None
        self.metrics: Metrics | None = None

    # ---- options

    def read(self, changes: dict[str, Any] | None = None, host: str | None = None) -> RunOptions:
        """The options as they stand, with `changes` on top; raises `OptionRefused`."""
        return read_options(self._given(changes), host or self._environment.host or EMBEDDED_URL)

    def read_master(self) -> MasterOptions:
        """Those that only a master needs, or a run in one process; raises `OptionRefused`."""
        return read_master_options(self._given(None), self.read().profiles)

    def _given(self, changes: dict[str, Any] | None) -> dict[str, Any]:
        options = self._environment.parsed_options
        return {**(vars(options) if options is not None else {}), **self.secrets, **(changes or {})}

    # ---- the control plane

    @property
    def master(self) -> Master | None:
        """The side that knows everything."""
        return self._both()[0]

    @property
    def worker(self) -> Worker | None:
        """The side that has stations."""
        return self._both()[1]

    def _both(self) -> tuple[Master | None, Worker | None]:
        if self._sides is None:
            self._sides = self._make_sides()
        return self._sides

    def _make_sides(self) -> tuple[Master | None, Worker | None]:
        environment, runner = self._environment, self._environment.runner
        post, secret = Post(runner), os.environ.get(SECRET, "")
        if isinstance(runner, WorkerRunner):
            desk = RemoteDesk(lambda wanted, released: post.send(Want(wanted, released, secret)))
            worker = Worker(environment, post, desk, self.read)
            runner.greenlet.spawn(desk.run)
            post.send(Hello(secret))
            return None, worker
        master = Master(environment, post, Ramp(environment), self.read, secret)
        if isinstance(runner, MasterRunner):
            return master, None
        return master, self._beside(master, post)

    def _beside(self, master: Master, post: Post) -> Worker:
        """In one process the desk asks the books themselves."""
        desk: Desk = LocalDesk(lambda: master.take(LOCAL), lambda station_id: master.release(LOCAL, station_id))
        worker = Worker(self._environment, post, desk, self.read)
        master.local_report = worker.report
        return worker


_states: WeakKeyDictionary[Any, State] = WeakKeyDictionary()


def of(environment: Any) -> State:
    """The state of that environment."""
    if environment not in _states:
        _states[environment] = State(environment)
    return _states[environment]
