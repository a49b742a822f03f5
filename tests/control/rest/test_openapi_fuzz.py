"""Schemathesis draws requests from the document, good and bad: no 500, and every answer is as the document says."""

from __future__ import annotations

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from evsim_locust.control.archive_in_memory import InMemoryArchive
from evsim_locust.control.in_memory import InMemorySwarm
from evsim_locust.control.rest import register
from evsim_locust.history.records import Batch, LogRecord, SessionRecord, SnapshotRecord

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
KNOWN = {"station_id": "PY-SIM-0001", "action": "plug_in"}


class Capped(InMemorySwarm):
    """A swarm that does not really grow to 100,000 stations, again and again."""

    def scale(self, count: int, profile: str, spawn_rate: float | None) -> None:
        super().scale(min(count, 20), profile, spawn_rate)


def filled_archive() -> InMemoryArchive:
    made = InMemoryArchive()
    made.begin("one", 0.0)
    session = SessionRecord("s", "PY-SIM-0001", 1, "=T", "p", 0.0, 1.0, 0, 1, "Local", 20.0, 1.0)
    made.put(Batch([LogRecord(0.0, "PY-SIM-0001", "line")], [session], [SnapshotRecord(0.0, "PY-SIM-0001", 1)]))
    return made


def fuzzed_app() -> Flask:
    made = Flask("web")
    swarm = Capped()
    swarm.scale(3, "", None)
    register(
        made, swarm, archive=filled_archive(), metrics=lambda: (b"evsim_price 20.0\n", "text/plain; version=0.0.4")
    )
    return made


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", fuzzed_app())


@schema.parametrize()
@settings(
    max_examples=10, derandomize=True, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
def test_no_answer_differs_from_the_document(case) -> None:
    assert case.call_and_validate(checks=CHECKS).status_code < 500
    if case.path_parameters:  # drawn names are never known ones
        case.path_parameters.update({name: KNOWN[name] for name in case.path_parameters})
        assert case.call_and_validate(checks=CHECKS).status_code < 500


def test_the_checks_can_fail() -> None:
    app = fuzzed_app()
    app.view_functions["evsim_pricing.price"] = lambda: {"price": "free"}
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)["/pricing"]["GET"]
    with pytest.raises(FailureGroup, match="Response violates schema"):
        operation.Case().call_and_validate(checks=CHECKS)
