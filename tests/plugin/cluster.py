"""A master and its workers in this process: Locust's real runners, on real sockets of the loopback interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import gevent
from locust import User, task
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.event import Events
from locust.rpc.zmqrpc import BaseSocket
from locust.runners import MasterRunner, WorkerRunner

from evsim_locust.plugin.dispatcher import StationDispatcher, live_counts


class Sleeper(User):
    """Lives until it is stopped, and does nothing."""

    @task
    def live(self) -> None:
        gevent.sleep(3600)


class Cluster:
    """One master; workers are added and killed."""

    def __init__(self) -> None:
        self.environment = _environment()
        self.master: MasterRunner = self.environment.create_master_runner("127.0.0.1", 0)
        self.environment.dispatcher_class = partial(StationDispatcher, live=live_counts(self.master))
        self.workers: list[WorkerRunner] = []

    def add_worker(self) -> WorkerRunner:
        """A worker that the master knows."""
        worker = _environment().create_worker_runner("127.0.0.1", self.master.server.port)
        self.workers.append(worker)
        return worker

    def kill(self, worker: WorkerRunner) -> None:
        """As `kill -9` would: it says nothing any more; the master notices at its next look at the heartbeats."""
        self.workers.remove(worker)
        worker.greenlet.kill()
        worker.user_greenlets.kill()
        _close(worker.client)
        self.master.clients[worker.client_id].heartbeat = -1

    def counts(self) -> list[int]:
        """The users that really run, worker by worker."""
        return [worker.user_count for worker in self.workers]

    def close(self) -> None:
        """Nothing of it goes on."""
        for worker in self.workers:
            worker.user_greenlets.kill()
            worker.greenlet.kill()
            _close(worker.client)
        self.master.greenlet.kill()
        _close(self.master.server)


def _close(rpc: BaseSocket) -> None:
    """Locust leaves the context of its socket to the end of the process."""
    context = rpc.socket.context
    rpc.close(linger=0)
    context.term()


def _environment() -> Environment:
    options = get_parser(default_config_files=[]).parse_args([])
    return Environment(user_classes=[Sleeper], events=Events(), parsed_options=options)


@contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    """A master with so many workers."""
    made = Cluster()
    try:
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        made.close()


def wait_until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Fails when it has not come true in time."""
    with gevent.Timeout(within_s):
        while not condition():
            gevent.sleep(0.02)
