"""The API over an in-memory swarm, asked by Flask's test client."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evsim_locust.behaviour.profile import Profile
from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register


@pytest.fixture
def swarm() -> InMemorySwarm:
    """Three stations of two profiles."""
    made = InMemorySwarm({"default": Profile(), "busy": Profile(max_energy_kwh=40, charge_if_price_below=30)})
    made.scale(2, "", None)
    made.scale(3, "busy", None)
    return made


@pytest.fixture
def app(swarm: InMemorySwarm) -> Flask:
    """In debug mode, as Locust's is: even then no trace may reach a client."""
    made = Flask("web")
    made.debug = True
    register(made, swarm)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
