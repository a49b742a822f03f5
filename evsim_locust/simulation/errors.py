"""What a simulation refuses."""

from __future__ import annotations


class SimulationError(Exception):
    """The root of this room's errors."""


class StationKnown(SimulationError):
    """Another station has that id already."""


class StationUnknown(SimulationError):
    """No station has that id."""


class StationNotConnected(SimulationError):
    """The central system has no connection to send a CALL on."""


class TimeStandsStill(SimulationError):
    """Something happens again and again at one moment: a core or a script asks to be woken at once, for ever."""
