"""The options of one run, typed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from evsim_locust.behaviour.identity import Lease, Naming
from evsim_locust.behaviour.mix import Mix
from evsim_locust.behaviour.profile import Profile
from evsim_locust.station.settings import Settings
from evsim_locust.transport.backoff import BackoffPolicy
from evsim_locust.transport.target import BaseUrl


class WorldOptions(Struct, frozen=True):
    """The world around the stations; `peak_hours` None leaves them to the profiles, `timezone` None is local time."""

    price: float
    currency: str
    timezone: ZoneInfo | None
    peak_hours: frozenset[int] | None


class ConnectionOptions(Struct, frozen=True):
    """Where the stations connect to, as whom, and how they come back. Never shown whole: it holds the password."""

    url: BaseUrl
    password: str | None
    ca: str | None
    cert: str | None
    key: str | None
    source_addresses: tuple[str, ...]
    backoff: BackoffPolicy

    def __repr__(self) -> str:
        return f"ConnectionOptions({self.url})"


class RunOptions(Struct, frozen=True):
    """Everything one run was asked for."""

    settings: Settings
    profiles: Mapping[str, Profile]
    mix: Mix
    naming: Naming
    seed: int | None
    world: WorldOptions
    connection: ConnectionOptions
    drain_timeout_s: float

    def profile_name_of(self, lease: Lease) -> str:
        """What the lease says, or its row of the stations file, or the mix."""
        row = "" if lease.row is None else lease.row.profile
        return lease.profile or row or self.mix.profile_name_of(lease.index)
