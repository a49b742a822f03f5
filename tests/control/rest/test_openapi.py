"""The document says what there is, no less and no more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.identity import check_station_id
from evsim_locust.control.rest.endpoint import StationId

NEVER_SAID = {"HEAD", "OPTIONS"}  # Flask's own addition to each route


@pytest.fixture
def document(client) -> dict:
    return client.get("/api/v1/openapi.json").json


def test_every_route_is_in_the_document_and_the_other_way_round(app, document) -> None:
    routes = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - NEVER_SAID
        if rule.endpoint != "static"
    }
    said = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert said == routes
    assert len(said) == 23


def test_every_reference_leads_somewhere(document) -> None:
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references == set(document["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own(document) -> None:
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_limits_and_defaults_are_those_that_are_checked(document) -> None:
    scale = document["components"]["schemas"]["Scale"]
    assert scale["additionalProperties"] is False
    assert scale["required"] == ["count"]
    assert (scale["properties"]["count"]["minimum"], scale["properties"]["count"]["maximum"]) == (0, 100_000)
    limit = next(p for p in document["paths"]["/stations"]["get"]["parameters"] if p["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000}
    assert document["paths"]["/stations"]["get"]["responses"]["200"]["headers"].keys() == {"X-Total-Count"}


def test_a_change_of_the_environment_knows_every_condition_but_the_price(document) -> None:
    schemas = document["components"]["schemas"]
    names = {"demand_response", "grid_load", "carbon_intensity", "charging_slots_free"}
    assert schemas["WhatChanges"]["properties"].keys() == schemas["WhatHolds"]["properties"].keys() == names
    assert schemas["WhatChanges"]["required"] == []


@given(st.text(alphabet=st.sampled_from("Az09*+=:|@._-/ <é\n\0"), max_size=50))
def test_the_ids_of_the_document_are_those_of_the_behaviour(text: str) -> None:
    fits = re.search(StationId.__metadata__[0].pattern, text) is not None
    try:
        check_station_id(text)
    except SettingRefused:
        assert not fits
    else:
        assert fits
