"""How this central system answers, as its options say."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Registration = Literal["Accepted", "Pending", "Rejected"]


class Settings(Struct, frozen=True, kw_only=True):
    """`heartbeat_interval_s` is also the retry interval of a station that is not accepted (OCPP 1.6, section 4.2)."""

    boot_status: Registration = "Accepted"
    heartbeat_interval_s: int = 60
    strict_tags: bool = False
    call_timeout_s: float = 30.0
