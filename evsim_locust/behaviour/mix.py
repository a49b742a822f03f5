"""Which station behaves by which profile: `default:6,busy:3,flaky:1`."""

from __future__ import annotations

from collections.abc import Collection
from math import gcd
from typing import Final

from msgspec import Struct

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.suggestion import suggestion

_LARGEST_TOTAL: Final = 10_000  # of the weights, after common factors are taken out: the length of the cycle


class Mix(Struct, frozen=True):
    """Profiles dealt to stations by their index, in a cycle that repeats: the same on every worker."""

    weights: tuple[tuple[str, int], ...]
    cycle: tuple[str, ...]

    def profile_name_of(self, index: int) -> str:
        """The profile of the station with this index, counted from 0."""
        return self.cycle[index % len(self.cycle)]


def parse_mix(text: str, known: Collection[str]) -> Mix:
    """The mix that `NAME[:WEIGHT],...` names; `known` are the profiles there are.

    Raises SettingRefused.
    """
    weights: dict[str, int] = {}
    for part in text.split(","):
        name, colon, weight = part.strip().partition(":")
        name = name.strip()
        if not name:
            raise SettingRefused(f"{text!r} is not NAME[:WEIGHT],... such as default:6,busy:3")
        if name not in known:
            raise SettingRefused(f"no profile {name!r}; {suggestion(name, known, 'profiles')}")
        if name in weights:
            raise SettingRefused(f"profile {name!r} is named twice; add its weights up")
        weights[name] = _weight(name, weight.strip()) if colon else 1
    return mix_of(weights)


def mix_of(weights: dict[str, int]) -> Mix:
    """The mix with these weights, whole numbers from 1; raises SettingRefused when their ratio is too fine."""
    divisor = gcd(*weights.values())
    reduced = {name: weight // divisor for name, weight in weights.items()}
    if sum(reduced.values()) > _LARGEST_TOTAL:
        raise SettingRefused(f"the weights add up to more than {_LARGEST_TOTAL}; round their ratio")
    return Mix(tuple(weights.items()), _cycle(reduced))


def _weight(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
        raise SettingRefused(f"the weight of {name!r} must be a whole number from 1 to 999999999, not {text[:20]!r}")
    return int(text)


def _cycle(weights: dict[str, int]) -> tuple[str, ...]:
    """Each name as often as its weight, spread evenly.

    The k-th of a profile with weight w falls in places k/w to (k+1)/w of the whole; of those that may come, the one
    whose window ends first comes. So no beginning of the cycle is off by a whole station for any profile (Baruah,
    Cohen, Plaxton and Varvel, "Proportionate progress", 1996; earliest deadline first is optimal for one processor).
    """
    total = sum(weights.values())
    dealt = dict.fromkeys(weights, 0)
    cycle = []
    for place in range(total):
        due = [name for name, weight in weights.items() if dealt[name] * total // weight <= place]
        name = min(due, key=lambda name: -(-(dealt[name] + 1) * total // weights[name]))
        dealt[name] += 1
        cycle.append(name)
    return tuple(cycle)
