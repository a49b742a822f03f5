"""How many stations were there, by what they logged and by what they sampled."""

from __future__ import annotations

from evsim_locust.analysis.axis import Axis
from evsim_locust.analysis.rows import PresenceRow, SampledRow


class Presence:
    """Accepted by the central system and not shut down since; rows of one station come in their order."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._changes = [0] * axis.bins
        self._here: set[str] = set()
        self.rows = 0

    def add(self, row: PresenceRow) -> None:
        """A station came or went; who comes again, as after a reboot, is not counted twice."""
        self.rows += 1
        if row.came == (row.station_id in self._here):
            return
        if row.came:
            self._here.add(row.station_id)
        else:
            self._here.discard(row.station_id)
        self._changes[self._axis.index(row.at_s)] += 1 if row.came else -1

    def counts(self) -> list[int]:
        """How many were there at the end of each bin; a station that went before it came here counts as none."""
        counts, here = [], 0
        for change in self._changes:
            here += change
            counts.append(max(here, 0))
        return counts


class Sampled:
    """How many stations gave a meter sample in each slot of `slot_s` seconds."""

    def __init__(self, slot_s: int) -> None:
        self._slot_s = slot_s
        self._numbers: dict[str, int] = {}
        self._slots: dict[int, bytearray] = {}  # a byte per station: 100 slots of 100,000 stations are 10 MB

    def add(self, row: SampledRow) -> None:
        """A station in a slot; the same again changes nothing."""
        number = self._numbers.setdefault(row.station_id, len(self._numbers))
        flags = self._slots.setdefault(int(row.at_s // self._slot_s), bytearray())
        if number >= len(flags):
            flags.extend(bytes(number + 1 - len(flags)))
        flags[number] = 1

    @property
    def samples(self) -> int:
        """Samples counted: one for each station in each slot."""
        return sum(sum(flags) for flags in self._slots.values())

    def counts(self) -> list[tuple[float, int]]:
        """The middle of each slot from the first to the last one, and its stations."""
        if not self._slots:
            return []
        slots = range(min(self._slots), max(self._slots) + 1)
        return [((slot + 0.5) * self._slot_s, sum(self._slots.get(slot, b""))) for slot in slots]
