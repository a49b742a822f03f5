"""What a script sees and touches: the station, the time, the dice, its profile and the world's prices."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from evsim_locust.behaviour.environment import Environment
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.script import Script
from evsim_locust.behaviour.streams import Stream
from evsim_locust.station.commands import Command, CommandRefused
from evsim_locust.station.connector import Connector
from evsim_locust.station.station import Station
from evsim_locust.station.transaction import Phase


class Stage:
    """One station's; `wall_offset` added to `now` gives seconds since the epoch.

    `time_scale` shortens what people and cars take; `after` is the one place where that is done. `sample_s` is the
    interval that the profile's energy per sample is meant for. `cap_wh` is the profile's most energy of one session:
    meters count whole Wh, so a cap between two of them is the next one.
    """

    __slots__ = (
        "cap_wh",
        "draws",
        "environment",
        "profile",
        "sample_s",
        "station",
        "time_scale",
        "wall_offset",
    )

    def __init__(
        self,
        station: Station,
        profile: Profile,
        environment: Environment,
        draws: Stream,
        sample_s: float,
        time_scale: float,
        wall_offset: float,
    ) -> None:
        self.station, self.profile, self.environment, self.draws = station, profile, environment, draws
        self.sample_s, self.time_scale, self.wall_offset = sample_s, time_scale, wall_offset
        self.cap_wh = ceil(round(profile.max_energy_kwh * 1000.0, 6))

    @property
    def now(self) -> float:
        """The moment of the verb that is being carried out, in monotonic seconds."""
        return self.station.now

    def after(self, seconds: float) -> float:
        """The moment when `seconds` of station time have passed."""
        return self.now + seconds / self.time_scale

    def connector(self, connector_id: int) -> Connector:
        """One of the station's connectors, to look at."""
        return self.station.connectors[connector_id]

    def charging_tag(self, connector_id: int) -> str | None:
        """Whose transaction runs there and may have energy; None when there is none or it waits for a verdict."""
        transaction = self.station.connectors[connector_id].transaction
        return transaction.id_tag if transaction is not None and transaction.phase is Phase.RUNNING else None

    def delivered_wh(self, connector_id: int) -> int:
        """Energy of the running transaction up to now."""
        connector = self.station.connectors[connector_id]
        if connector.transaction is None:
            return 0
        return connector.meter.read_wh(self.now) - connector.transaction.meter_start_wh

    def act(self, command: Command) -> bool:
        """Do something to the station; False, and a line in its log, when that is impossible now."""
        try:
            self.station.command(command, self.now)
        except CommandRefused as refused:
            self.log(f"Driver: {refused}")
            return False
        return True

    def log(self, text: str) -> None:
        """Write a line to the station's log."""
        self.station.log(text)

    def price_text(self) -> str:
        """The price as people read it: `₹18.50`."""
        return f"{self.environment.currency}{self.environment.price:.2f}"

    def wall_s(self) -> float:
        """Seconds since the epoch."""
        return self.now + self.wall_offset


ScriptFactory = Callable[[Stage, int], Script]
