"""The stations that were ever seen: who they are, how they are, what was odd about them."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct, field

from csms.settings import Registration
from csms.transactions import Finding
from evsim_locust.ocppj import timestamps

_STATION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9*+=:|@._-]{0,47}")


def is_station_id(text: str) -> bool:
    """Whether `text` may name a station, percent-decoded."""
    return _STATION_ID.fullmatch(text) is not None


class Connector(Struct):
    """The last StatusNotification of a connector; 0 is the station itself (OCPP 1.6, section 4.9)."""

    connector_id: int
    status: str
    error_code: str
    timestamp: str | None


class Station(Struct, kw_only=True):
    """One station; `last_seen` is seconds since the epoch, None where it has said nothing yet."""

    station_id: str
    connections: int = 0  # how often it connected
    received: int = 0  # texts
    refused: int = 0  # texts that got a CALLERROR, were no frame or answered nothing of ours
    last_seen: float | None = None
    boot_status: Registration | None = None
    vendor: str | None = None
    model: str | None = None
    serial_number: str | None = None
    firmware_version: str | None = None
    firmware_status: str | None = None
    diagnostics_status: str | None = None
    log_status: str | None = None
    connectors: dict[int, Connector] = field(default_factory=dict)
    findings: dict[Finding, int] = field(default_factory=dict)

    def count(self, finding: Finding) -> None:
        """One more of it."""
        self.findings[finding] = self.findings.get(finding, 0) + 1

    def row(self, connected: bool) -> dict[str, Any]:
        """The station for the API: every finding has a number, connectors are in order."""
        return {
            "station_id": self.station_id,
            "connected": connected,
            "connections": self.connections,
            "received": self.received,
            "refused": self.refused,
            "last_seen": None if self.last_seen is None else timestamps.write(self.last_seen),
            "boot_status": self.boot_status,
            "vendor": self.vendor,
            "model": self.model,
            "serial_number": self.serial_number,
            "firmware_version": self.firmware_version,
            "firmware_status": self.firmware_status,
            "diagnostics_status": self.diagnostics_status,
            "log_status": self.log_status,
            "connectors": [self.connectors[number] for number in sorted(self.connectors)],
            "findings": {finding.value: self.findings.get(finding, 0) for finding in Finding},
        }
