"""The two sides of a measurement: servers, programs that run against them, and what both must have to run at all."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import select
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.processes import (
    LOAD_SIDE,
    OTHER_SIDE,
    ROOT,
    Child,
    ProbeFailed,
    Unavailable,
    python,
    running,
    wait_for_line,
    wait_for_report,
)
from benchmarks.programs.responder import READY
from benchmarks.programs.wire import HOST

QUIET_RUN = {"EVSIM_HISTORY": "none", "EVSIM_METRICS_PORT": "0"}
Figures = Mapping[str, Any]
_PORT = re.compile(r"(\d+)(?:/ocpp/.*)?$")  # at the end of the ready lines of all servers


class Other(NamedTuple):
    """The other side: a running server."""

    port: int
    pid: int


# ---- the other sides


@contextlib.contextmanager
def responder(heartbeat_interval_s: int = 86400) -> Iterator[Other]:
    """The lean central system of the station rows."""
    need_epoll()
    command = python("benchmarks.programs.responder", "--heartbeat-interval", heartbeat_interval_s)
    with running(command, OTHER_SIDE) as child:
        yield _other(child, READY)


@contextlib.contextmanager
def mock_csms(side: int, *options: object) -> Iterator[Other]:
    """The product's mock CSMS on the core of `side`."""
    need_module("csms.__main__")
    with running(python("csms", "--host", HOST, "--port", 0, *options), side) as child:
        yield _other(child, "CSMS listening on ")


@contextlib.contextmanager
def master(stations: int, history: str = "none", program: str = "master") -> Iterator[Other]:
    """A master that knows so many stations, with Locust's web application and the REST API; a file as its history."""
    need_module("evsim_locust.plugin")
    command = python(f"benchmarks.programs.{program}", "--stations", stations, "--history", history)
    with running(command, OTHER_SIDE) as child:
        yield _other(child, "master listening on ")


def _other(child: Child, ready: str) -> Other:
    line = wait_for_line(child, ready)
    found = _PORT.search(line)
    if found is None:
        raise ProbeFailed(f"no port in {line!r}")
    return Other(int(found.group(1)), child.process.pid)


def need_epoll() -> None:
    """The lean programs use it directly."""
    if not hasattr(select, "epoll"):
        raise Unavailable("this system has no epoll")


def need_module(name: str) -> None:
    """A module that can be imported, without importing it."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise Unavailable(f"module {name} is missing")


def need_file(name: str) -> Path:
    """A file of the project."""
    path = ROOT / name
    if not path.exists():
        raise Unavailable(f"{name} is missing")
    return path


def client(program: str, other: Other, stations: int, *options: object, timeout_s: float = 120.0) -> Figures:
    """Run one program of the load side to its end; raises ProbeFailed for a finding of its own."""
    common = ("--port", other.port, "--other-pid", other.pid, "--stations", stations)
    with running(python(f"benchmarks.programs.{program}", *common, *options), LOAD_SIDE) as child:
        figures = wait_for_report(child, timeout_s)
    if figures.get("finding"):
        raise ProbeFailed(str(figures["finding"])[:400])
    return figures


def free_port() -> int:
    """Nobody listens there; somebody may, by the time that it is used."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
