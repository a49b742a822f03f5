"""Randomness: one stream per station and purpose, the same on any worker, machine and Python.

A `random.Random` weighs 2.5 KiB; a stream is splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", 2014), 64 bits of state. It passes BigCrush and is no good for secrets.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")
_GAMMA: Final = 0x9E3779B97F4A7C15
_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_UNIT: Final = 2.0**-53


def stream(seed: int, station_id: str, purpose: str) -> Stream:
    """The stream of one station for one purpose (`arrival`, `meter` ...), so that one more draw moves no other."""
    name = f"{seed}\0{station_id}\0{purpose}".encode()
    return Stream(int.from_bytes(blake2b(name, digest_size=8).digest(), "big"))


class Stream:
    """Draws, one after the other, from 64 bits of state."""

    __slots__ = ("_state",)

    def __init__(self, state: int) -> None:
        self._state = state & _MASK

    def bits(self) -> int:
        """64 random bits."""
        self._state = z = (self._state + _GAMMA) & _MASK
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & _MASK
        return z ^ z >> 31

    def random(self) -> float:
        """A number from 0 up to but not 1."""
        return (self.bits() >> 11) * _UNIT

    def uniform(self, a: float, b: float) -> float:
        """A number from `a` to `b`."""
        return a + (b - a) * self.random()

    def integer(self, a: int, b: int) -> int:
        """A whole number from `a` to `b`, both included; ValueError when there is none."""
        if a > b:
            raise ValueError(f"no whole number from {a} to {b}")
        # Multiply and shift is off by at most (b - a) / 2**64 for any number, and needs one draw always.
        return a + (self.bits() * (b - a + 1) >> 64)

    def choice(self, things: Sequence[T]) -> T:
        """One of the things; IndexError when there is none."""
        if not things:
            raise IndexError("nothing to choose from")
        return things[self.integer(0, len(things) - 1)]

    def chance(self, p: float) -> bool:
        """True with probability `p`; never at 0, always at 1. Takes one draw in any case."""
        return self.random() < p
