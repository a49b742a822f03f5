"""The API over an in-memory swarm, asked by Flask's test client."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evsim_locust.behaviour.profile import Profile
from evsim_locust.control.archive_in_memory import InMemoryArchive
from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register
from evsim_locust.history.records import Batch, LogRecord, SessionRecord, SnapshotRecord

NOON_S = 1_795_348_800.0  # 2026-11-22T12:00:00Z
DAY_S = 86_400.0


@pytest.fixture
def swarm() -> InMemorySwarm:
    """Three stations of two profiles."""
    made = InMemorySwarm({"default": Profile(), "busy": Profile(max_energy_kwh=40, charge_if_price_below=30)})
    made.scale(2, "", None)
    made.scale(3, "busy", None)
    return made


@pytest.fixture
def archive() -> InMemoryArchive:
    """Two runs; the first one of four stations that are not there any more, the second one still on."""
    made = InMemoryArchive()
    made.begin("one", NOON_S)
    made.put(Batch([LogRecord(NOON_S, "LINE-1", "line")], [], [SnapshotRecord(NOON_S, "SAMPLE-1", 1)]))
    made.put(
        Batch(
            [LogRecord(NOON_S + second, "OLD-1", f"line {second}") for second in range(3)],
            [_session("OLD-1", NOON_S), _session("OLD-2", NOON_S + 60)],
            [SnapshotRecord(NOON_S + second, "OLD-1", 100 * second) for second in range(3)],
        )
    )
    made.end(NOON_S + 3600)
    made.begin("two", NOON_S + DAY_S)
    made.put(
        Batch([LogRecord(NOON_S + DAY_S, "PY-SIM-0001", "Station initialized")], [_session("A|1", NOON_S + DAY_S)])
    )
    return made


def _session(station_id: str, start_s: float) -> SessionRecord:
    name = f"s-{station_id}-{start_s - NOON_S:g}"
    return SessionRecord(
        name, station_id, 1, "=TAG", "default", start_s, start_s + 60, 1000, 2500, "Local", 20.0, 30.125
    )


@pytest.fixture
def app(swarm: InMemorySwarm, archive: InMemoryArchive) -> Flask:
    """In debug mode, as Locust's is: even then no trace may reach a client."""
    made = Flask("web")
    made.debug = True
    register(made, swarm, archive=archive, metrics=lambda: (b"evsim_price 20.0\n", "text/plain; version=0.0.4"))
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
