"""The glue to Locust, the only room that imports it. Importing it registers the plugin's options and listeners."""

from evsim_locust.plugin.listeners import register
from evsim_locust.plugin.users import StationUser

__all__ = ["StationUser"]

register()
