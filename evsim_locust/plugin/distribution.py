"""Makes a runner fit for stations: which of them stop first, who keeps the books, what a spawn message costs."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import gevent
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from evsim_locust.control.price_schedule import PriceSchedule
from evsim_locust.plugin import state
from evsim_locust.plugin.dispatcher import StationDispatcher, live_counts
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.newest_first import NewestFirstGroup
from evsim_locust.plugin.refill import Refill
from evsim_locust.plugin.sampler import Sampler
from evsim_locust.plugin.spawn_cost import cache_default_args

_LONGEST_S = 3600.0  # between two looks at the wall clock, which may be set
_log = logging.getLogger("evsim_locust")


def prepare(environment: Any) -> None:
    """Called once, when the runner is there and before any user is."""
    runner, mine = environment.runner, state.of(environment)
    if isinstance(runner, LocalRunner | WorkerRunner):
        runner.user_greenlets = NewestFirstGroup()
    if isinstance(runner, WorkerRunner):
        cache_default_args()
        assert mine.worker is not None  # made now: it says hello to the master
        return
    environment.dispatcher_class = partial(StationDispatcher, live=live_counts(runner))
    assert mine.master is not None
    options = mine.read_master()
    mine.master.rows = options.stations
    if isinstance(runner, MasterRunner):
        _spawn(runner, Refill(environment, mine.master.lost, mine.master.returned).run)
    _spawn(runner, Sampler(mine.master).run)
    if options.schedule is not None:
        _spawn(runner, partial(_follow_schedule, mine.master, options.schedule, mine.read().world.timezone))


def _follow_schedule(master: Master, schedule: PriceSchedule, timezone: ZoneInfo | None) -> None:
    """Set the price of each hour or moment when it comes; a price set by hand holds until then."""
    while True:
        now = time.time()
        price, change_at = schedule.price_at(now, timezone), schedule.next_change(now, timezone)
        if price is not None:
            master.change(price=price)
        if change_at is None:
            return
        while (left := change_at - time.time()) > 0:
            gevent.sleep(min(left, _LONGEST_S))


def _spawn(runner: Any, run: Any) -> None:
    """Lives as long as the runner; an error in it is logged, not silent."""
    greenlet = runner.greenlet.spawn(run)
    greenlet.link_exception(lambda dead: _log.error("%s failed: %r", run, dead.exception))
