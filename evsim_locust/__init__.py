"""EV charging stations as Locust users.

Nothing is imported before it is asked for: the mock CSMS uses the protocol room and must not get gevent with it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evsim_locust.plugin.users import StationUser

__version__ = "0.1.0"
__all__ = ["StationUser", "__version__"]


def __getattr__(name: str) -> object:
    """`from evsim_locust import StationUser` loads the plugin, and registers it with Locust."""
    if name == "StationUser":
        return import_module("evsim_locust.plugin").StationUser
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
