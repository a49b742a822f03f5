"""OCPP 1.6 edition 2 with the security white paper's messages."""

from evsim_locust.ocppj.v16 import messages
from evsim_locust.ocppj.version import Version

V16 = Version("ocpp1.6", "v16", messages.REQUESTS, messages.ANSWERS)

__all__ = ["V16", "messages"]
