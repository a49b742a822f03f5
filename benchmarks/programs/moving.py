"""The master of `master.py`, whose stations charge: a thousand of them have another power and energy each second."""

from __future__ import annotations

from itertools import count

import gevent

from benchmarks.programs.master import WORKERS, filled, hear, master_of, report_of, serve
from evsim_locust.plugin.master import Master

_MOVING = 500  # of each worker


def move(master: Master) -> None:
    """For ever."""
    for turn in count():
        for worker in WORKERS:
            hear(master, worker, report_of(master, worker, _MOVING, "Charging", 7.0 + turn % 50 / 10))
        gevent.sleep(1.0)


def main() -> None:
    """As `master.py`, and moving."""
    environment = filled(__doc__)
    gevent.spawn(move, master_of(environment))
    serve(environment)


if __name__ == "__main__":
    main()
