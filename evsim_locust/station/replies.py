"""What a handler of the central system's CALL gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct


class Reply(NamedTuple):
    """The answer, and what to do once it is on its way."""

    answer: Struct
    then: Callable[[], None] | None = None
