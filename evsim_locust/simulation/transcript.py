"""What a simulation leaves behind: a digest of every frame, and what the stations and the central system told."""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from typing import Literal

Direction = Literal["up", "down"]  # to the central system, to the station


class Transcript:
    """Extend `frame`, `tell` and `note` to see everything as it happens.

    `told` holds (seconds, fact) of each station by its id, `noted` those of the central system about it; `kinds`
    limits both to some types of facts, for long runs of a fleet.
    """

    def __init__(self, kinds: tuple[type, ...] = (object,)) -> None:
        self.frames = 0
        self.told: defaultdict[str, list[tuple[float, object]]] = defaultdict(list)
        self.noted: defaultdict[str, list[tuple[float, object]]] = defaultdict(list)
        self._kinds = kinds
        self._hash = blake2b(digest_size=16)

    def frame(self, now: float, station_id: str, direction: Direction, text: bytes) -> None:
        """A text was sent, whether it arrives or not."""
        self.frames += 1
        self._hash.update(f"\n{now:.6f} {station_id} {direction} ".encode() + text)

    def tell(self, now: float, station_id: str, event: object) -> None:
        """A station told a fact of itself."""
        if isinstance(event, self._kinds):
            self.told[station_id].append((now, event))

    def note(self, now: float, station_id: str, event: object) -> None:
        """The central system told a fact about a station."""
        if isinstance(event, self._kinds):
            self.noted[station_id].append((now, event))

    @property
    def digest(self) -> str:
        """Equal for two runs in which the same frames were sent at the same microseconds, and only for these."""
        return self._hash.hexdigest()
