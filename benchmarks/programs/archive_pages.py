"""Questions to the history over the REST API, one after the other on one connection, each about another station."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from random import Random
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks.programs.many_rows import BETWEEN_S, LINES_PER_SESSION, LINES_PER_SNAPSHOT, RUN_ID, START_S
from benchmarks.programs.usage import arguments, report
from benchmarks.programs.wire import HOST

_LIMIT = 200
_WARM_UP = 5
_LEAST = 20  # questions of each kind
Answer = Any


class Question(NamedTuple):
    """A path, and what is wrong with an answer to it."""

    path: str
    fault: Callable[[Answer], str]


class Asker:
    """Knows which rows there are: `many_rows` made them of so many lines and stations."""

    def __init__(self, lines: int, stations: int, random: Random) -> None:
        self._lines, self._stations, self._random = lines, stations, random

    def history(self) -> Question:
        """The last lines and snapshots of a station."""
        station = self._station()
        lines, snapshots = (self._most(step) for step in (1, LINES_PER_SNAPSHOT))

        def fault(answer: Answer) -> str:
            return _fault_of(answer["logs"], lines, station) or _fault_of(
                answer["energy_snapshots"], snapshots, station
            )

        return Question(f"/api/v1/history/{station}", fault)

    def newest(self) -> Question:
        """The last sessions of all."""
        return _sessions({}, min(_LIMIT, self._sessions))

    def of_station(self) -> Question:
        """The last sessions of a station."""
        return _sessions({"station_id": self._station()}, self._most(LINES_PER_SESSION))

    def of_run(self) -> Question:
        """The last sessions of the run."""
        return _sessions({"run_id": RUN_ID}, min(_LIMIT, self._sessions))

    def of_period(self) -> Question:
        """The last sessions of a tenth of the time, somewhere."""
        first = self._random.randrange(0, max(1, self._sessions * 9 // 10))
        wanted = {"since": self._time(first), "until": self._time(first + self._sessions // 10)}
        return _sessions(wanted, min(_LIMIT, self._sessions // 10))

    def all_filters(self) -> Question:
        """All at the same time, for the older half of the run."""
        wanted = {"station_id": self._station(), "run_id": RUN_ID}
        wanted |= {"since": self._time(0), "until": self._time(self._sessions // 2)}
        return _sessions(wanted, min(_LIMIT, self._sessions // 2 // self._stations))

    def runs(self) -> Question:
        """All runs with the numbers of their sessions."""

        def fault(answer: Answer) -> str:
            found = [(run["id"], run["sessions"]) for run in answer]
            return "" if found == [(RUN_ID, self._sessions)] else f"runs: {found}"

        return Question("/api/v1/runs", fault)

    @property
    def _sessions(self) -> int:
        return self._lines // LINES_PER_SESSION

    def _station(self) -> str:
        return f"PY-SIM-{self._random.randrange(self._stations) + 1:04}"

    def _most(self, step: int) -> int:
        """Rows of a station, of which one is made of so many lines."""
        return min(_LIMIT, self._lines // step // self._stations)

    def _time(self, session: int) -> str:
        at_s = START_S + session * LINES_PER_SESSION * BETWEEN_S
        return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")


def _sessions(wanted: dict[str, str], count: int) -> Question:
    def fault(answer: Answer) -> str:
        return _fault_of(answer["sessions"], count, wanted.get("station_id", ""), "start_time")

    return Question("/api/v1/sessions?" + urlencode({"limit": _LIMIT, **wanted}), fault)


def _fault_of(rows: list[Answer], count: int, station: str, time: str = "timestamp") -> str:
    """What is wrong with the rows: too few or many, somebody else's, not the newest first."""
    times = [row[time] for row in rows]
    if len(rows) != count or not count:
        return f"{len(rows)} rows instead of {count}"
    if station and {row["station_id"] for row in rows} != {station}:
        return f"rows of other stations than {station}"
    return "" if times == sorted(times, reverse=True) else "not the newest first"


def ask(connection: HTTPConnection, question: Question) -> float:
    """Seconds until the answer is read; raises RuntimeError when it is a wrong one."""
    began = monotonic()
    connection.request("GET", question.path)
    answer = connection.getresponse()
    body = answer.read()
    took = monotonic() - began
    fault = question.fault(json.loads(body)) if answer.status == 200 else f"{answer.status} {body[:200]!r}"
    if fault:
        raise RuntimeError(f"{question.path}: {fault}")
    return took


def ask_for(seconds: float, connection: HTTPConnection, kind: Callable[[], Question]) -> list[float]:
    """How long each answer took, sorted; without the first few."""
    took: list[float] = []
    until = monotonic() + seconds
    while monotonic() < until or len(took) < _WARM_UP + _LEAST:
        took.append(ask(connection, kind()))
    return sorted(took[_WARM_UP:])


def main() -> None:
    """Each kind for its part of the seconds: the slowest but one of a hundred, and the one in the middle."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--lines", type=int, required=True)
    options = parser.parse_args()
    asker = Asker(options.lines, options.stations, Random(1))
    kinds = (asker.history, asker.newest, asker.of_station, asker.of_run, asker.of_period, asker.all_filters)
    connection, found = HTTPConnection(HOST, options.port, timeout=60), {}
    for kind in (*kinds, asker.runs):
        took = ask_for(options.seconds / (len(kinds) + 1), connection, kind)
        name = kind.__name__
        found[f"{name}_ms"], found[f"{name}_p99_ms"] = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
        found[f"{name}_questions"] = len(took)
    slowest = max(value for name, value in found.items() if name.endswith("_p99_ms"))
    report(found | {"slowest_p99_ms": slowest})


if __name__ == "__main__":
    main()
