"""Stations, a network and the central system in one process: a day takes seconds, and a seed repeats it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from csms.central_system import CentralSystem
from evsim_locust.behaviour.environment import Environment
from evsim_locust.behaviour.making import World, make_station
from evsim_locust.behaviour.profile import Profile
from evsim_locust.behaviour.session import sessions
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.behaviour.stage import ScriptFactory
from evsim_locust.behaviour.streams import stream
from evsim_locust.simulation.agenda import Agenda
from evsim_locust.simulation.errors import StationKnown, StationNotConnected, StationUnknown
from evsim_locust.simulation.faults import STRIKES, Fault
from evsim_locust.simulation.line import Core, Line
from evsim_locust.simulation.link import Latency, Surroundings
from evsim_locust.simulation.transcript import Transcript
from evsim_locust.station.commands import Command, ShutDown
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.settings import Settings
from evsim_locust.transport.backoff import Backoff, BackoffPolicy

_MIDNIGHT: Final = 1_767_571_200.0  # Monday 2026-01-05 00:00 UTC
_SETTINGS: Final = Settings()
_LATENCY: Final = Latency()
_BACKOFF: Final = BackoffPolicy()


class Simulation:
    """Begins at 0 s of virtual time, at `starts_at` seconds since the epoch; all times are in seconds.

    The same arguments and calls give the same frames at the same times. Without an `environment` it is the shipped
    one, on UTC.
    """

    def __init__(
        self,
        seed: int,
        settings: Settings = _SETTINGS,
        environment: Environment | None = None,
        central_system: CentralSystem | None = None,
        latency: Latency = _LATENCY,
        backoff: BackoffPolicy = _BACKOFF,
        transcript: Transcript | None = None,
        starts_at: float = _MIDNIGHT,
    ) -> None:
        self.settings: Final = settings
        self.environment: Final = Environment(timezone=ZoneInfo("UTC")) if environment is None else environment
        self.central_system: Final = CentralSystem() if central_system is None else central_system
        self.transcript: Final = Transcript() if transcript is None else transcript
        self._seed, self._backoff = seed, backoff
        self._agenda = Agenda()
        self._around = Surroundings(self._agenda, self.central_system, latency, self.transcript, starts_at)
        shared = shared_values(settings.configuration, settings.connectors)
        self._world = World(self.environment, settings, shared, seed, self._around.wall_offset)
        self._lines: dict[str, Line] = {}

    @property
    def now(self) -> float:
        """The virtual time."""
        return self._agenda.now

    # ---- who takes part

    def add(self, station_id: str, profile: Profile, script: ScriptFactory = sessions) -> SimulatedStation:
        """A new station with that profile, which connects at once; raises StationKnown."""
        station = make_station(self._world, station_id, profile, script, self.now)
        self.join(station_id, station)
        return station

    def join(self, station_id: str, core: Core) -> None:
        """Connect any core that has a station's verbs; raises StationKnown."""
        if station_id in self._lines:
            raise StationKnown(f"there is a station {station_id!r} already")
        backoff = Backoff(self._backoff, stream(self._seed, station_id, "reconnect"))
        self._lines[station_id] = Line(self._around, station_id, core, self._seed, backoff)

    # ---- what happens

    def at(self, when_s: float, act: Callable[[], None]) -> None:
        """Do something at that time, such as changing the price."""
        self._agenda.at(when_s, act)

    def strike(self, *faults: Fault) -> None:
        """Enter faults of the network, each at its own time."""
        for fault in faults:
            self._agenda.at(fault.at_s, partial(self._strike, fault))

    def command(self, station_id: str, command: Command) -> None:
        """Act on a station now; raises StationUnknown and `CommandRefused`."""
        self._line(station_id).command(command)

    def call(self, station_id: str, request: Struct) -> None:
        """Have the central system send a CALL now; its answer is told as `CallEnded`.

        Raises StationUnknown and StationNotConnected.
        """
        if not self._line(station_id).call(request):
            raise StationNotConnected(f"{station_id!r} is not connected")

    # ---- time

    def run(self, until_s: float) -> None:
        """Let time pass until then."""
        self._agenda.run(until_s)

    def run_for(self, seconds: float) -> None:
        """Let that much time pass."""
        self._agenda.run(self.now + seconds)

    def shut_down(self, within_s: float = 10.0) -> None:
        """End all stations, each as at the end of a run, and let the time pass that this may take."""
        for line in self._lines.values():
            line.command(ShutDown(within_s))
        self.run_for(within_s + self._around.latency.up_s[1])

    # ---- inside

    def _line(self, station_id: str) -> Line:
        line = self._lines.get(station_id)
        if line is None:
            raise StationUnknown(f"there is no station {station_id!r}")
        return line

    def _strike(self, fault: Fault) -> None:
        struck = self._lines.values() if fault.station_id is None else (self._line(fault.station_id),)
        for line in struck:
            STRIKES[type(fault)](line, fault)
