"""What this room raises."""

from __future__ import annotations


class MetricsError(Exception):
    """The root of this room's errors."""


class PortTaken(MetricsError):
    """The exporter cannot listen there; the text is for the user, after the name of the option that said where."""
