"""What the history refuses or cannot do. All texts are for the user and hold no password."""

from __future__ import annotations


class HistoryError(Exception):
    """The root of this room's errors."""


class HistoryRefused(HistoryError):
    """A location that cannot be used as a history: what is wrong, what would be right. Nothing in it was changed."""


class NoHistory(HistoryRefused):
    """There is no such file, or nothing in it yet."""


class HistoryBusy(HistoryError):
    """Another run writes to this history."""


class UnknownRun(HistoryError):
    """The history has no run of this id."""


class Unreadable(HistoryError):
    """The database cannot be read now."""
