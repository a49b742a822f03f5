"""Texts as stations send them, and a reader of the answers that does not use our types."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema

from csms.central_system import CentralSystem, Session

NOW = 1_795_352_400.0  # 2026-11-22T13:00:00Z
AT = "2026-11-22T13:00:00Z"
BOOT = {"chargePointVendor": "EVSim", "chargePointModel": "PY-SIM"}


def call(action: str, payload: Any, unique_id: str = "1") -> str:
    return json.dumps([2, unique_id, action, payload])


def start(connector: int = 1, tag: str = "ABC123", meter: int = 0, at: str = AT) -> dict[str, Any]:
    return {"connectorId": connector, "idTag": tag, "meterStart": meter, "timestamp": at}


def stop(transaction_id: int, meter: int = 100, at: str = AT, **more: Any) -> dict[str, Any]:
    return {"transactionId": transaction_id, "meterStop": meter, "timestamp": at, **more}


def exchange(session: Session, text: str | bytes, now: float = NOW) -> list[Any]:
    """The one answer to a text."""
    session.receive(text, now)
    (answer,) = session.take_outbox()
    return json.loads(answer)


def ask(session: Session, action: str, payload: Any, now: float = NOW) -> dict[str, Any]:
    """The payload of the CALLRESULT, held to the official schema."""
    frame = exchange(session, call(action, payload), now)
    assert frame[:2] == [3, "1"], frame
    schema(action + "Response").validate(frame[2])
    return frame[2]


def refused(session: Session, action: str, payload: Any) -> str:
    """The code of the CALLERROR."""
    frame = exchange(session, call(action, payload))
    assert frame[:2] == [4, "1"], frame
    return frame[2]


def booted(system: CentralSystem, station_id: str = "CP1") -> Session:
    session = system.connected(station_id, NOW)
    ask(session, "BootNotification", BOOT)
    return session


@cache
def schema(name: str) -> Any:
    text = files("ocpp").joinpath("v16", "schemas", f"{name}.json").read_text("utf-8-sig")
    return jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.FormatChecker())
