"""What a value must be for a rule to use it; every refusal is a ValueError that begins with the key.

A rule runs at every meter sample of every station, so it first checks in one expression of its own. Only a value that
fails there comes here, to be refused by name or, when it is of a subclass such as numpy.float64, to be let through.
"""

from __future__ import annotations

from sys import float_info
from typing import Final, NoReturn, TypeGuard

PLAIN: Final = frozenset({int, float})  # bool is a subclass of int, but not a number
INFINITY: Final = float("inf")
LARGEST: Final = float_info.max
HOURS: Final = frozenset(range(24))


def require_measure(key: str, value: object) -> None:
    """What is measured (energy, price, load) is a number from 0, and not infinite."""
    if not (_is_number(value) and 0 <= value <= LARGEST):
        _refuse(key, value, "a finite number of at least 0")


def require_limit(key: str, value: object) -> None:
    """What a measure is held against (cap, threshold) is a number from 0; infinity is no limit."""
    if not (_is_number(value) and value >= 0):
        _refuse(key, value, "a number of at least 0")


def require_count(key: str, value: object) -> None:
    """What may fall below 0 (the free slots of an overbooked site) is any number but NaN."""
    if not (_is_number(value) and value == value):
        _refuse(key, value, "a number")


def require_flag(key: str, value: object) -> None:
    """A switch is true or false, not a text that looks like it."""
    if value is not True and value is not False:
        _refuse(key, value, "true or false")


def require_hour(key: str, value: object) -> None:
    """An hour of the day is a whole number from 0 to 23."""
    if not (isinstance(value, int) and _is_number(value) and value in HOURS):
        _refuse(key, value, "a whole number from 0 to 23")


def require_hours(key: str, value: object) -> None:
    """Peak hours are a list, tuple, set, frozenset or range of hours, and may be none at all."""
    try:
        if isinstance(value, (frozenset, set, tuple, list, range)) and HOURS.issuperset(value):
            return
    except TypeError:  # an hour that cannot even be looked up, such as a list
        pass
    _refuse(key, value, "a list, tuple, set or range of whole numbers from 0 to 23")


def _is_number(value: object) -> TypeGuard[float]:
    return type(value) in PLAIN or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _refuse(key: str, value: object, wanted: str) -> NoReturn:
    raise ValueError(f"{key} must be {wanted}, not {_shown(value)}")


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write out an int of more than 4,300 digits
        text = f"a very long {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
