"""CPU per wss opening on the station's side: TCP, TLS and the HTTP upgrade, certificate checked."""

from __future__ import annotations

import os

import gevent
from gevent.pool import Pool

from benchmarks.programs.usage import Window, arguments, report
from benchmarks.programs.wire import HOST
from evsim_locust.transport.connection import Connection
from evsim_locust.transport.opening import Opening
from evsim_locust.transport.target import target_of
from evsim_locust.transport.tls import client_context

_AT_ONCE = 20
_WARM_UP = 10


def open_all(base_url: str, ca: str, numbers: range) -> list[Connection]:
    """Open connections, a few at a time; raises what the first failing one raised."""
    context = client_context(ca)

    def open_one(number: int) -> Connection:
        return Opening(target_of(base_url, f"TLS-{number:06d}", context=context), timeout_s=30.0).open()

    pool = Pool(_AT_ONCE)
    opening = [pool.spawn(open_one, number) for number in numbers]
    gevent.joinall(opening, raise_error=True)
    return [greenlet.value for greenlet in opening]


def main() -> None:
    """Open all, report, leave."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--ca", required=True)
    options = parser.parse_args()
    base_url = f"wss://{HOST}:{options.port}/ocpp"
    kept = open_all(base_url, options.ca, range(_WARM_UP))  # loads the authority once, as a worker does
    window = Window(options.other_pid)
    kept += open_all(base_url, options.ca, range(_WARM_UP, _WARM_UP + options.stations))
    report(window.figures(options.stations) | {"open": len(kept)})
    os._exit(0)  # closing is not what is measured


if __name__ == "__main__":
    main()
