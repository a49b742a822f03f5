"""What the end-to-end tests start and ask: `locust`, `python -m csms`, HTTP; every process is ended with the test."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
_LOCUST = Path(sys.executable).with_name("locust")
_LISTENING = re.compile(r"CSMS listening on \w+://127\.0\.0\.1:(\d+)/")
_POLL_S = 0.05
_PATIENCE_S = 30.0
T = TypeVar("T")


def until(condition: Callable[[], T], what: str, within_s: float = _PATIENCE_S) -> T:
    """The first true value of `condition`; fails the test when it takes longer than `within_s`.

    What counts is how often it was asked: on a virtual machine that was paused the clock has run on, nothing else.
    """
    for _ in range(round(within_s / _POLL_S)):
        if value := condition():
            return value
        time.sleep(_POLL_S)
    raise AssertionError(f"not within {within_s:g} s: {what}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def http(method: str, url: str, form: dict[str, Any] | None = None) -> tuple[int, str]:
    """Status and body; an error status is an answer like any other."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def rest(method: str, url: str, body: Any = None) -> tuple[int, Any]:
    """Status and JSON of a call with a JSON body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read())


class Child:
    """A process in a session of its own; what it writes goes to two files."""

    def __init__(self, name: str, command: list[str], folder: Path, environ: dict[str, str]) -> None:
        self.name, self._out, self._err = name, folder / f"{name}.out", folder / f"{name}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env={**os.environ, **environ},
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        return self._out.read_text(errors="replace")

    @property
    def err(self) -> str:
        return self._err.read_text(errors="replace")

    def signal(self, number: int) -> None:
        """To this process alone."""
        self.process.send_signal(number)

    def signal_group(self, number: int) -> None:
        """To all that share its terminal, as Ctrl-C does."""
        os.killpg(self.process.pid, number)

    def exit_code(self, within_s: float = _PATIENCE_S) -> int:
        """Wait for its end; fails the test when that takes longer."""
        try:
            until(lambda: self.process.poll() is not None, f"{self.name} ends", within_s)
        except AssertionError as late:
            raise AssertionError(f"{late}; it wrote:\n{self.err}") from None
        code: int = self.process.returncode
        return code

    def wrote(self, text: str, within_s: float = _PATIENCE_S) -> None:
        """Wait until it has written `text`."""
        until(
            lambda: text in self.out or text in self.err or self._dead(text), f"{self.name} writes {text!r}", within_s
        )

    def end(self) -> None:
        """Kill it with all its children, if it is still there."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _dead(self, text: str) -> bool:
        code = self.process.poll()
        if code is not None and text not in self.out + self.err:
            raise AssertionError(f"{self.name} ended with {code} and never wrote {text!r}:\n{self.out}{self.err}")
        return False


class Csms(Child):
    """The mock CSMS, or any program that says where it listens in the same words."""

    scheme = "ws"

    @property
    def port(self) -> int:
        found = until(lambda: _LISTENING.search(self.out) or self._dead("CSMS listening"), "the CSMS listens")
        return int(found[1])  # type: ignore[index]

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/ocpp"

    def get(self, path: str) -> Any:
        status, body = http("GET", f"http://127.0.0.1:{self.port}{path}")
        assert status == 200, body
        return json.loads(body)

    def transactions(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.get("/api/v1/transactions")
        return rows

    def wait_for_open_transactions(self, least: int) -> None:
        until(lambda: self.get("/healthz")["transactions_open"] >= least, f"{least} transactions are open")

    def assert_all_closed(self) -> int:
        """How many transactions there were; each has its stop."""
        rows = self.transactions()
        open_ones = [row for row in rows if row["stop_time"] is None or row["meter_stop"] is None]
        assert open_ones == []
        return len(rows)


class Locust(Child):
    """A `locust` process; `web_port` is 0 when it has no web UI, `master_port` empty when it waits for no worker."""

    web_port = 0
    master_port = ""

    def wait_for_web_ui(self) -> None:
        until(lambda: is_taken(self.web_port) or self._dead("web interface"), "the web UI is up")

    def http(self, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str]:
        return http(method, f"http://127.0.0.1:{self.web_port}{path}", form)

    def get(self, path: str) -> Any:
        """What the REST API says."""
        status, body = rest("GET", f"http://127.0.0.1:{self.web_port}{path}")
        assert status == 200, body
        return body

    def post(self, path: str, body: Any = None, expected: int = 200) -> Any:
        status, answer = rest("POST", f"http://127.0.0.1:{self.web_port}{path}", body)
        assert status == expected, answer
        return answer

    def running(self) -> dict[str, dict[str, Any]]:
        """The rows of the stations that run, by id."""
        return {row["station_id"]: row for row in self.get("/stations?limit=10000") if row["running"]}

    def user_count(self) -> int:
        """As Locust's own UI shows it."""
        count: int = self.get("/api/v1/summary")["users"]
        return count

    def stats(self) -> dict[str, Any]:
        status, body = self.http("GET", "/stats/requests")
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def samples(self, name: str) -> int:
        """How many samples of that name the web UI shows."""
        return sum(row["num_requests"] for row in self.stats()["stats"] if row["name"] == name)


class Bench:
    """Starts processes in one folder and ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[Child] = []
        self._numbers = count(1)

    def csms(self, *arguments: str, scheme: str = "ws") -> Csms:
        return self.central_system("-m", "csms", "--port", "0", *arguments, scheme=scheme)

    def central_system(self, *arguments: str, scheme: str = "ws") -> Csms:
        """A central system that Python runs with these arguments."""
        child = Csms(f"csms{next(self._numbers)}", [sys.executable, *arguments], self.folder, self._environ())
        child.scheme = scheme
        self.children.append(child)
        return child

    def locust(self, *arguments: str, folder: Path | None = None, **environ: str) -> Locust:
        """Any `locust` of the project's own locustfile, started in `folder`."""
        command = [str(_LOCUST), "-f", str(ROOT / "locustfile.py"), *arguments]
        name = f"locust{next(self._numbers)}"
        child = Locust(name, command, folder or self.folder, {**self._environ(), **environ})
        self.children.append(child)
        return child

    def headless(self, *arguments: str, **environ: str) -> Locust:
        return self.locust("--headless", "--only-summary", *arguments, **environ)

    def web(self, *arguments: str) -> Locust:
        port = free_port()
        child = self.locust("--web-host", "127.0.0.1", "--web-port", str(port), *arguments)
        child.web_port = port
        child.wait_for_web_ui()
        return child

    def end(self) -> None:
        for child in reversed(self.children):
            child.end()

    def _environ(self) -> dict[str, str]:
        return {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class Csv:
    """The files of `--csv PREFIX`."""

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix

    def count(self, name: str) -> int:
        return sum(int(row["Request Count"]) for row in self._rows("stats") if row["Name"] == name)

    def failures(self) -> dict[tuple[str, str, str], int]:
        """How often each (type, name, text) came."""
        return {(row["Method"], row["Name"], row["Error"]): int(row["Occurrences"]) for row in self._rows("failures")}

    def _rows(self, suffix: str) -> Iterator[dict[str, str]]:
        with self._prefix.with_name(f"{self._prefix.name}_{suffix}.csv").open(newline="") as file:
            yield from csv.DictReader(file)
