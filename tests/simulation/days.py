"""Days of life, simulated once and looked at by many tests."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import Any, TypeVar

import jsonschema
import msgspec

from evsim_locust.behaviour.profiles_file import shipped_profiles
from evsim_locust.simulation import Direction, Simulation, Transcript
from evsim_locust.station.events import LogLine
from evsim_locust.station.settings import Settings
from tests.ocppj import payloads

PROFILES = shipped_profiles()
SEED = 6  # its stations sample seldom, which makes their days cheap
DAY_S = 24 * 3600.0
STATIONS = ("S-1", "S-2")
T = TypeVar("T")
_OTHER: dict[str, Direction] = {"up": "down", "down": "up"}


@cache
def _validator(name: str) -> Any:
    return jsonschema.Draft4Validator(payloads.schema(name))


class Checked(Transcript):
    """Holds frames against the official schemas: the first of each kind, then every 20th (jsonschema takes 0.1 ms)."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds_seen: Counter[str] = Counter()
        self.sent_at: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        self.violations: list[str] = []
        self.call_errors: list[str] = []
        self._asked: dict[tuple[str, str, str], str] = {}

    def frame(self, now: float, station_id: str, direction: Direction, text: bytes) -> None:
        super().frame(now, station_id, direction, text)
        kind, unique_id, *rest = msgspec.json.decode(text)
        if kind == 2:
            name, payload = rest
            self._asked[station_id, direction, unique_id] = name
            self.sent_at[station_id, name].append(now)
        elif kind == 3:
            (payload,) = rest
            name = f"{self._asked.pop((station_id, _OTHER[direction], unique_id))}Response"
        else:
            self.call_errors.append(text.decode())
            return
        if self.kinds_seen[name] % 20 == 0:
            self.violations += [f"{name}: {error.message}" for error in _validator(name).iter_errors(payload)]
        self.kinds_seen[name] += 1


class Day:
    """A finished simulation, with what was told in it."""

    def __init__(self, simulation: Simulation, checked: Checked) -> None:
        self.simulation, self.checked = simulation, checked
        self.rows = simulation.central_system.book.rows()

    def told(self, kind: type[T], station_id: str | None = None) -> list[tuple[float, T]]:
        """Facts of one type, of one station or of all."""
        ids = self.checked.told if station_id is None else (station_id,)
        return [(at, fact) for name in ids for at, fact in self.checked.told[name] if isinstance(fact, kind)]

    def lines(self, text: str, station_id: str | None = None) -> list[float]:
        """When that line was written."""
        return [at for at, line in self.told(LogLine, station_id) if line.text == text]

    def findings(self) -> Counter[str]:
        """What the central system found odd, over all stations."""
        total: Counter[str] = Counter()
        for row in self.simulation.central_system.station_rows():
            total.update(row["findings"])
        return total


@cache
def day(profile_name: str, time_scale: float = 1.0, stations: tuple[str, ...] = STATIONS) -> Day:
    """24 hours of station time under a shipped profile, from midnight, at the price of 20."""
    checked = Checked()
    simulation = Simulation(seed=SEED, settings=Settings(time_scale=time_scale), transcript=checked)
    for name in stations:
        simulation.add(name, PROFILES[profile_name])
    simulation.run_for(DAY_S / time_scale)
    simulation.shut_down()
    return Day(simulation, checked)


def hour(at: float) -> int:
    """The hour of the day, for a simulation that began at midnight."""
    return int(at // 3600) % 24
