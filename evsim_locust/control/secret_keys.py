"""Configuration keys whose values are nobody's business but the station's and the central system's."""

from __future__ import annotations

from typing import Final

# The HTTP Basic password of the station (security white paper, section 4.1.3).
_SECRET: Final = frozenset({"authorizationkey"})


def is_secret(key: str) -> bool:
    """Whether the value of that key is never shown; keys are CiStrings: case does not count."""
    return key.casefold() in _SECRET


def mentions_secret(text: str) -> bool:
    """Whether a text names such a key, and so may hold its value."""
    folded = text.casefold()
    return any(key in folded for key in _SECRET)
