"""A real master with its web UI and real workers, whose stations have all booted; all of it is gone with its block."""

from __future__ import annotations

import contextlib
import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from benchmarks.processes import LOAD_SIDE, Child, ProbeFailed, need_descriptors, python, running, wait_for_line
from benchmarks.programs.wire import HOST
from benchmarks.sides import QUIET_RUN, free_port, need_file, responder

_RATE = 500  # stations a second
_PATIENCE_S = 60.0


def ask(url: str, body: Any = None) -> Any:
    """GET, or POST of `body`; raises ProbeFailed with the reason of a refusal."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            raise ProbeFailed(f"{url}: {refused.code} {refused.read()[:200]!r}") from None


class Cluster(NamedTuple):
    """The processes, and where the master's REST API is."""

    master: Child
    workers: tuple[Child, ...]
    base_url: str

    @staticmethod
    def told(children: Iterable[Child], word: str) -> list[Any]:
        """What processes say, in JSON after `word`, when they are signalled, all at the same time."""
        children = tuple(children)
        for child in children:
            child.process.send_signal(signal.SIGUSR1)
        return [json.loads(wait_for_line(child, f"{word} ").removeprefix(word)) for child in children]

    def wait_until(self, condition: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Until the summary fits; raises ProbeFailed when it does not in a minute, or a process ends."""
        until, summary = time.monotonic() + _PATIENCE_S, {}
        while time.monotonic() < until:
            with contextlib.suppress(urllib.error.URLError):  # it does not listen yet
                summary = ask(f"{self.base_url}/api/v1/summary")
                if condition(summary):
                    return
            self._check_alive()
            time.sleep(0.2)
        raise ProbeFailed(f"{what}: not within {_PATIENCE_S:g} s; {json.dumps(summary)[:300]}")

    def _check_alive(self) -> None:
        for child in (self.master, *self.workers):
            if child.process.poll() is not None:
                raise ProbeFailed(f"a process of the swarm ended: {child.complaint()}")


@contextlib.contextmanager
def cluster(locustfile: str, workers: int, stations: int) -> Iterator[Cluster]:
    """`stations` without drivers on `workers` of `locustfile`; the responder has the other core to itself."""
    need_descriptors(stations)
    port, web_port = free_port(), free_port()
    file = ("-f", need_file(locustfile))
    listens = ("--master-bind-host", HOST, "--master-bind-port", port, "--web-host", HOST, "--web-port", web_port)
    joins = ("--worker", "--master-host", HOST, "--master-port", port)
    with responder() as other, contextlib.ExitStack() as stack:

        def locust(*options: object) -> Child:
            return stack.enter_context(running(python("locust", *file, *options), LOAD_SIDE, QUIET_RUN))

        target = ("-H", f"ws://{HOST}:{other.port}/ocpp", "--station-profile", "manual")
        master = locust("--master", *listens, *target)
        made = Cluster(master, tuple(locust(*joins) for _ in range(workers)), f"http://{HOST}:{web_port}")
        made.wait_until(lambda summary: len(summary["workers"]) == workers, f"{workers} workers connected")
        ask(f"{made.base_url}/stations/scale", {"count": stations, "spawn_rate": _RATE})
        made.wait_until(
            lambda summary: summary["state"] == "running" and summary["stations"] == {"Available": stations},
            f"{stations} stations booted",
        )
        yield made
