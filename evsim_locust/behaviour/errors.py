"""What this room refuses: everything a user can get wrong, said so that it can be put right."""

from __future__ import annotations

import re
from typing import Final

from msgspec import ValidationError

_PLACE: Final = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)


def place_and_detail(error: ValidationError) -> tuple[str, str]:
    """Where msgspec found what: (`idle_s[0]`, "Expected `float`, got `str`"); no place for the whole."""
    found = _PLACE.fullmatch(str(error))
    return (found[2], found[1]) if found else ("", str(error))


class BehaviourError(ValueError):
    """The root of this room's errors."""


class SettingRefused(BehaviourError):
    """The value of an option or of the environment: a mix, hours, a time zone, a station id, a price."""


class ProfileRefused(BehaviourError):
    """A profile with a wrong value; `place` is the key and index (`idle_s[0]`), empty for the profile as a whole."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"{place}: {detail}" if place else detail)
        self.place, self.detail = place, detail


class ProfilesFileRefused(BehaviourError):
    """A file of profiles that cannot be used; the text begins with the file and the place in it."""
