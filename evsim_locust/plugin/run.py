"""What the stations of one run share in one process, and how each of them gets its connection."""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from functools import lru_cache

from msgspec import structs

from evsim_locust.behaviour.environment import Conditions, Environment
from evsim_locust.behaviour.identity import Lease
from evsim_locust.behaviour.making import World, make_station
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory
from evsim_locust.behaviour.stations_file import StationRow
from evsim_locust.behaviour.streams import stream
from evsim_locust.plugin.run_options import RunOptions
from evsim_locust.station.configuration import Value, shared_values
from evsim_locust.station.settings import Settings
from evsim_locust.transport.backoff import Backoff
from evsim_locust.transport.life import Life
from evsim_locust.transport.opening import Opening
from evsim_locust.transport.target import Target, target_of
from evsim_locust.transport.tls import client_context

_STATIONS_PER_SOURCE = 10_000
clock = time.monotonic


class Run:
    """Made when a run starts, in each process that has stations; `conditions` are what holds by then, if known."""

    def __init__(self, options: RunOptions, conditions: Conditions | None = None) -> None:
        self.options = options
        world = options.world
        if conditions is None:
            conditions = Conditions(price=world.price)
        self.environment = Environment(conditions, world.currency, world.timezone, world.peak_hours)
        self._seed = secrets.randbits(63) if options.seed is None else options.seed
        self._wall_offset = time.time() - clock()
        self._message_prefix = f"{secrets.token_hex(4)}-"
        # Stations of one kind share what they have in common: at 10,000 rows of a stations file it is the same few.
        self._world = lru_cache(maxsize=1024)(self._make_world)
        self._context = lru_cache(maxsize=1024)(client_context)
        self._with_tags = lru_cache(maxsize=1024)(_with_tags)

    def profile_of(self, lease: Lease) -> Profile:
        """The behaviour of the station with that lease."""
        profile = self.options.profiles[self.options.profile_name_of(lease)]
        return self._with_tags(profile, lease.row.id_tags) if lease.row is not None and lease.row.id_tags else profile

    def station(self, lease: Lease, script: ScriptFactory) -> SimulatedStation:
        """A station and its drivers, who follow `script`; same seed and id, same draws in any process."""
        row = lease.row or _NO_ROW
        world = self._world(row.connectors, row.vendor, row.model)
        return make_station(world, lease.station_id, self.profile_of(lease), script, clock())

    def life(self, lease: Lease, station: SimulatedStation, publish: Callable[[object], None]) -> Life:
        """The station's connection, to be run in a greenlet."""
        connection = self.options.connection
        target = self.target(lease)
        source = self._source(lease.index)
        timeout_s = min(10.0, self.options.settings.call_timeout_s)
        backoff = Backoff(connection.backoff, stream(self._seed, lease.station_id, "reconnect"))
        life = Life(station, lambda: Opening(target, source, timeout_s), backoff, clock, publish)
        life.ping_every(station.configuration.integer("WebSocketPingInterval"))
        return life

    def _make_world(self, connectors: int, vendor: str, model: str) -> World:
        """With what a row of the stations file says of its own; 0 and empty texts leave the run's."""
        settings = self.options.settings
        changes = {"connectors": connectors, "vendor": vendor, "model": model}
        settings = structs.replace(settings, **{key: value for key, value in changes.items() if value})
        return World(
            self.environment,
            settings,
            _configuration(settings),
            self._seed,
            wall_offset=self._wall_offset,
            message_prefix=self._message_prefix,
        )

    def target(self, lease: Lease) -> Target:
        """Where the station connects to, and with which credentials."""
        connection, row = self.options.connection, lease.row or _NO_ROW
        secret = row.password or connection.password
        password = None if not secret else (lease.station_id, secret)
        return target_of(connection.url, lease.station_id, context=self._context_of(row), password=password)

    def _context_of(self, row: StationRow) -> ssl.SSLContext | None:
        connection = self.options.connection
        if not connection.url.secure:
            return None
        own = bool(row.tls_cert)
        return self._context(
            connection.ca, *((row.tls_cert, row.tls_key) if own else (connection.cert, connection.key))
        )

    def _source(self, index: int) -> str:
        """The local address to connect from; 10,000 stations share one, then comes the next."""
        addresses = self.options.connection.source_addresses
        return addresses[(index // _STATIONS_PER_SOURCE) % len(addresses)] if addresses else ""


_NO_ROW = StationRow(station_id="")


def _configuration(settings: Settings) -> Mapping[str, Value]:
    return shared_values(settings.configuration, settings.connectors)


def _with_tags(profile: Profile, id_tags: tuple[str, ...]) -> Profile:
    return structs.replace(profile, id_tags=id_tags)
