"""Sessions are counted one by one, in any order, and none is kept."""

from __future__ import annotations

from collections import Counter
from typing import Final

from evsim_locust.analysis.axis import Axis
from evsim_locust.analysis.flow import Flow
from evsim_locust.analysis.hours import Hours
from evsim_locust.analysis.rows import SessionRow

_TENTHS: Final = 10


class ProfileTally:
    """Sessions of one profile: energy by Wh, duration by tenths of a second, starts by the hour of the day."""

    __slots__ = ("cost", "durations_ds", "energies_wh", "hours", "hours_wh", "sessions")

    def __init__(self) -> None:
        self.sessions = 0
        self.cost = 0.0
        self.energies_wh: Counter[int] = Counter()
        self.durations_ds: Counter[int] = Counter()
        self.hours = [0] * 24
        self.hours_wh = [0] * 24

    def add(self, session: SessionRow, hour: int) -> None:
        """One session that began in this hour of the day."""
        self.sessions += 1
        self.cost += session.cost
        self.energies_wh[session.energy_wh] += 1
        self.hours[hour] += 1
        self.hours_wh[hour] += session.energy_wh
        if session.stop_s is not None:
            self.durations_ds[round((session.stop_s - session.start_s) * _TENTHS)] += 1

    def take(self, other: ProfileTally) -> None:
        """Add what another one has counted."""
        self.sessions += other.sessions
        self.cost += other.cost
        self.energies_wh.update(other.energies_wh)
        self.durations_ds.update(other.durations_ds)
        self.hours = [ours + theirs for ours, theirs in zip(self.hours, other.hours, strict=True)]
        self.hours_wh = [ours + theirs for ours, theirs in zip(self.hours_wh, other.hours_wh, strict=True)]

    @property
    def energy_wh(self) -> int:
        """Of all sessions."""
        return sum(self.hours_wh)


class SessionTally:
    """All sessions of a run: by profile, over time, by the price they began at, by the reason they ended for."""

    def __init__(self, axis: Axis, hours: Hours) -> None:
        self.axis = axis
        self.sessions = 0
        self.profiles: dict[str, ProfileTally] = {}
        self.starts = [0] * axis.bins
        self.stops = [0] * axis.bins
        self.power_w = Flow(axis)
        self.running = Flow(axis)
        self.prices: dict[float, tuple[int, int]] = {}
        self.reasons: Counter[str] = Counter()
        self._hours = hours

    def add(self, session: SessionRow) -> None:
        """Count a session."""
        profile = self.profiles.get(session.profile)
        if profile is None:
            profile = self.profiles[session.profile] = ProfileTally()
        profile.add(session, self._hours.hour(session.start_s))
        self.sessions += 1
        self.reasons[session.reason] += 1
        start = self.axis.place(session.start_s)
        self.starts[start[0]] += 1
        if session.price is not None:
            count, energy_wh = self.prices.get(session.price, (0, 0))
            self.prices[session.price] = count + 1, energy_wh + session.energy_wh
        if session.stop_s is not None:
            stop = self.axis.place(session.stop_s)
            self.stops[stop[0]] += 1
            self.running.add(start, stop, 1.0)
            length_s = session.stop_s - session.start_s
            if length_s > 0:
                self.power_w.add(start, stop, session.energy_wh * 3600.0 / length_s)


def leading(profiles: dict[str, ProfileTally], most: int) -> dict[str, ProfileTally]:
    """The profiles with most sessions first; those beyond `most` in one, named `(N others)`."""
    ranked = sorted(profiles.items(), key=lambda item: (-item[1].sessions, item[0]))
    if len(ranked) <= most:
        return dict(ranked)
    rest = ProfileTally()
    for _, tally in ranked[most - 1 :]:
        rest.take(tally)
    return {**dict(ranked[: most - 1]), f"({len(ranked) - most + 1} others)": rest}
