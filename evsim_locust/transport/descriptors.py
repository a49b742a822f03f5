"""File descriptors: each station takes one, and the usual soft limit of 1,024 is no fleet."""

from __future__ import annotations

import resource
from typing import NamedTuple

_UNLIMITED = 1 << 30
RESERVED = 200  # for the web UI, the history, workers, logs and libraries


class DescriptorLimit(NamedTuple):
    """The soft limit as it was found and as it is now."""

    before: int
    now: int


def raise_limit() -> DescriptorLimit:
    """Raise the soft limit of open files to the hard limit, as far as the system lets us."""
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # macOS: the kernel's own limit is below an unlimited hard limit
            return DescriptorLimit(_number(before), _number(before))
    return DescriptorLimit(_number(before), _number(hard))


def stations_fit(stations: int, limit: int, reserved: int = RESERVED) -> bool:
    """Whether `stations` descriptors and the `reserved` ones for everything else are within `limit`."""
    return stations + reserved <= limit


def _number(limit: int) -> int:
    return _UNLIMITED if limit == resource.RLIM_INFINITY else limit
