"""What Locust runs: charging stations. Edit the class, or give options (`python -m evsim_locust.plugin`)."""

from __future__ import annotations

from evsim_locust import StationUser


class Station(StationUser):
    """One charging station per Locust user; `--station-profile` says how it behaves.

    Methods to override: `on_start` and `on_stop`, as for any Locust user, and `publish(event)`, which sees everything
    the station and its connection tell.
    """
