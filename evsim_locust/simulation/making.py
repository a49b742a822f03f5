"""Puts a simulated station together, as a Locust run does."""

from __future__ import annotations

from collections.abc import Mapping

from evsim_locust.behaviour.environment import Environment
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory, Stage
from evsim_locust.behaviour.streams import stream
from evsim_locust.station.configuration import Value
from evsim_locust.station.settings import Identity, Settings
from evsim_locust.station.station import Station


def make_station(
    station_id: str,
    profile: Profile,
    environment: Environment,
    settings: Settings,
    shared: Mapping[str, Value],
    script: ScriptFactory,
    seed: int,
    now: float,
    wall_offset: float,
) -> SimulatedStation:
    """A station and its drivers; the same seed and id give the same draws as under Locust."""
    sample_s = stream(seed, station_id, "sample interval").integer(*profile.sample_interval_s)
    identity = Identity(station_id, "", profile.heartbeat_s, sample_s)
    station = Station(identity, settings, shared, stream(seed, station_id, "station"), now, wall_offset)
    drivers = stream(seed, station_id, "drivers")
    stage = Stage(station, profile, environment, drivers, sample_s, settings.time_scale, wall_offset)
    return SimulatedStation(station, stage, script if profile.transactions is True else None, now)
