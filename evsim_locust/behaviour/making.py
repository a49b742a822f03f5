"""Puts a simulated station together: the same under Locust, in a simulation and in tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from evsim_locust.behaviour.environment import Environment
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory, Stage
from evsim_locust.behaviour.streams import stream
from evsim_locust.station.configuration import Value
from evsim_locust.station.settings import Identity, Settings


class World(NamedTuple):
    """What the stations of a run share; `wall_offset` added to monotonic seconds gives seconds since the epoch.

    `message_prefix` must be new for each life of the process, since message ids must not come twice.
    """

    environment: Environment
    settings: Settings
    configuration: Mapping[str, Value]
    seed: int
    wall_offset: float
    message_prefix: str = ""


def make_station(
    world: World, station_id: str, profile: Profile, script: ScriptFactory, now: float
) -> SimulatedStation:
    """A station and, if its profile has sessions, its drivers; same seed and id, same draws wherever it runs."""
    seed, settings, wall_offset = world.seed, world.settings, world.wall_offset
    sample_s = stream(seed, station_id, "sample interval").integer(*profile.sample_interval_s)
    identity = Identity(station_id, world.message_prefix, profile.heartbeat_s, sample_s)
    draws = stream(seed, station_id, "station")
    station = SimulatedStation(identity, settings, world.configuration, draws, now, wall_offset)
    if profile.transactions is True:
        drivers = stream(seed, station_id, "drivers")
        scale = settings.time_scale
        station.inhabit(Stage(station, profile, world.environment, drivers, sample_s, scale, wall_offset), script)
    return station
