"""Stations that have been spawned are kept out of the garbage collector's way until the run is over."""

from __future__ import annotations

import gc

from locust import events
from locust.env import Environment
from locust.event import Events

import evsim_locust.plugin  # noqa: F401  # registers the listeners


def test_the_collector_leaves_spawned_stations_alone_until_the_run_is_over() -> None:
    gc.unfreeze()
    events.spawning_complete.fire(user_count=1)
    frozen = gc.get_freeze_count()
    environment = Environment(user_classes=[], events=Events())
    environment.create_local_runner()
    events.test_stop.fire(environment=environment)
    assert frozen > 1000
    assert gc.get_freeze_count() == 0
