"""What the stations of one run share in one process, and how each of them gets its connection."""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Callable
from functools import cached_property

from evsim_locust.behaviour.environment import Conditions, Environment
from evsim_locust.behaviour.identity import Allocator, station_id
from evsim_locust.behaviour.making import World, make_station
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory
from evsim_locust.behaviour.streams import stream
from evsim_locust.plugin.run_options import RunOptions
from evsim_locust.station.configuration import shared_values
from evsim_locust.transport.backoff import Backoff
from evsim_locust.transport.life import Life
from evsim_locust.transport.opening import Opening
from evsim_locust.transport.target import Target, target_of
from evsim_locust.transport.tls import client_context

_STATIONS_PER_SOURCE = 10_000
clock = time.monotonic


class Run:
    """Made when a run starts, in each process that has stations; `first` is the number this process begins at."""

    def __init__(self, options: RunOptions, first: int) -> None:
        self.options = options
        self.numbers = Allocator(first)
        world = options.world
        self.environment = Environment(Conditions(price=world.price), world.currency, world.timezone, world.peak_hours)
        self._seed = secrets.randbits(63) if options.seed is None else options.seed
        self._world = World(
            self.environment,
            options.settings,
            shared_values(options.settings.configuration, options.settings.connectors),
            self._seed,
            wall_offset=time.time() - clock(),
            message_prefix=f"{secrets.token_hex(4)}-",
        )

    @cached_property
    def _context(self) -> ssl.SSLContext | None:
        connection = self.options.connection
        return client_context(connection.ca, connection.cert, connection.key) if connection.url.secure else None

    def profile_of(self, number: int) -> Profile:
        """The behaviour of the station with that number."""
        return self.options.profiles[self.options.mix.profile_name_of(number - self.options.start)]

    def station_id(self, number: int) -> str:
        """The name of the station with that number."""
        return station_id(self.options.prefix, number, self.options.digits)

    def station(self, number: int, script: ScriptFactory) -> SimulatedStation:
        """A station and its drivers, who follow `script`; same seed and number, same draws in any process."""
        return make_station(self._world, self.station_id(number), self.profile_of(number), script, clock())

    def life(self, number: int, station: SimulatedStation, publish: Callable[[object], None]) -> Life:
        """The station's connection, to be run in a greenlet."""
        name = self.station_id(number)
        connection = self.options.connection
        target = self._target(name)
        source = self._source(number)
        timeout_s = min(10.0, self.options.settings.call_timeout_s)
        backoff = Backoff(connection.backoff, stream(self._seed, name, "reconnect"))
        life = Life(station, lambda: Opening(target, source, timeout_s), backoff, clock, publish)
        life.ping_every(station.configuration.integer("WebSocketPingInterval"))
        return life

    def _target(self, name: str) -> Target:
        connection = self.options.connection
        password = None if connection.password is None else (name, connection.password)
        return target_of(connection.url, name, context=self._context, password=password)

    def _source(self, number: int) -> str:
        """The local address to connect from; 10,000 stations share one, then comes the next."""
        addresses = self.options.connection.source_addresses
        return addresses[(number // _STATIONS_PER_SOURCE) % len(addresses)] if addresses else ""
