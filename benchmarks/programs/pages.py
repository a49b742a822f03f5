"""A browser's questions to the REST API, one after the other on one connection: a page of a hundred stations."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from statistics import median
from time import monotonic

from benchmarks.programs.usage import Window, arguments, report
from benchmarks.programs.wire import HOST

_LIMIT = 100
_PLAIN = f"/stations?limit={_LIMIT}"
_SEARCHED = f"{_PLAIN}&q=sim&status=Available&profile=default&sort=-usage_kw"  # fits every row, and sorts all
_WARM_UP = 5


def take_page(connection: HTTPConnection, path: str, stations: int) -> float:
    """Seconds until the page is read; raises RuntimeError when it is not the whole one."""
    began = monotonic()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    took = monotonic() - began
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    if len(json.loads(body)) != _LIMIT or answer.headers["X-Total-Count"] != str(stations):
        raise RuntimeError(f"{path}: not {_LIMIT} of {stations} stations")
    return took


def main() -> None:
    """For half of the seconds plain pages, then searched ones."""
    options = arguments(__doc__ or "").parse_args()
    connection = HTTPConnection(HOST, options.port, timeout=10)
    found: dict[str, object] = {}
    for name, path in (("plain", _PLAIN), ("searched", _SEARCHED)):
        for _ in range(_WARM_UP):
            take_page(connection, path, options.stations)
        window, took, until = Window(options.other_pid), [], monotonic() + options.seconds / 2
        while monotonic() < until:
            took.append(take_page(connection, path, options.stations))
        figures = window.figures(len(took))
        found |= {f"{name}_cpu_ms": figures["other_us_per_call"] / 1000, f"{name}_ms": median(took) * 1000}
        found |= {f"{name}_pages": len(took), f"{name}_busy": figures["other_busy"]}
    report(found)


if __name__ == "__main__":
    main()
