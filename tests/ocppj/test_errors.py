"""Error codes: spelled as OCPP spells them, bounded, and chosen by what is wrong."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.ocppj import explain
from evsim_locust.ocppj.errors import UNKNOWN_CODE, ErrorCode, FrameRefused, OcppjError, PayloadRefused, bounded_code
from evsim_locust.ocppj.v16 import V16
from tests.ocppj import payloads


def refusal(action: str, payload: str | bytes) -> PayloadRefused:
    raw = payload.encode() if isinstance(payload, str) else payload
    with pytest.raises(PayloadRefused) as refused:
        V16.read_request(action, msgspec.Raw(raw))
    return refused.value


def test_one_tree() -> None:
    assert issubclass(FrameRefused, OcppjError)
    assert issubclass(PayloadRefused, OcppjError)
    assert str(PayloadRefused(ErrorCode.GENERIC_ERROR, "why")) == "GenericError: why"


def test_the_codes_are_those_of_ocpp() -> None:
    """The words of OCPP-J 1.6, table 7, with its own spelling of "Occurence"."""
    assert sorted(ErrorCode) == [
        "FormationViolation",
        "GenericError",
        "InternalError",
        "NotImplemented",
        "NotSupported",
        "OccurenceConstraintViolation",
        "PropertyConstraintViolation",
        "ProtocolError",
        "SecurityError",
        "TypeConstraintViolation",
    ]


@pytest.mark.parametrize("code", [*ErrorCode, "OccurrenceConstraintViolation", "FormatViolation", "RpcFrameworkError"])
def test_known_codes_stay(code: str) -> None:
    assert bounded_code(code) == code


@given(st.text())
def test_other_codes_share_one_name(code: str) -> None:
    assert bounded_code(code + "!") == UNKNOWN_CODE


@pytest.mark.parametrize(
    ("keyword", "action", "payload", "code", "detail"),
    [
        ("required", "Authorize", "{}", "OccurenceConstraintViolation", "Authorize: 'idTag' is a required property"),
        (
            "minItems",
            "MeterValues",
            '{"connectorId":1,"meterValue":[]}',
            "OccurenceConstraintViolation",
            "MeterValues['meterValue']: [] should be non-empty",
        ),
        ("additionalProperties", "Heartbeat", '{"a":1}', "FormationViolation", "('a' was unexpected)"),
        ("type", "Authorize", '{"idTag":5}', "TypeConstraintViolation", "Authorize['idTag']: 5 is not of type"),
        ("type", "Authorize", '{"idTag":null}', "TypeConstraintViolation", "Authorize['idTag']: None is not of type"),
        ("type", "Heartbeat", "[]", "TypeConstraintViolation", "Heartbeat: [] is not of type 'object'"),
        ("maxLength", "Authorize", f'{{"idTag":"{"x" * 21}"}}', "TypeConstraintViolation", "is too long"),
        ("enum", "Reset", '{"type":"Gentle"}', "PropertyConstraintViolation", "'Gentle' is not one of"),
    ],
)
def test_each_keyword_has_its_code(keyword: str, action: str, payload: str, code: str, detail: str) -> None:
    assert f'"{keyword}"' in json.dumps(payloads.schema(action))
    refused = refusal(action, payload)
    assert refused.code == code
    assert detail in refused.detail


NO_JUDGEMENT = {"$ref", "$schema", "$id", "title", "definitions", "description", "javaType", "properties", "items"}
NOT_FOR_THE_SCHEMA = {
    "multipleOf": "judged by tenths",
    "format": "not judged by draft 4 validators",
    "additionalItems": "means nothing beside an `items` that is no list",
}


def test_every_keyword_of_the_schemas_has_a_code() -> None:
    used = set().union(*(_keywords(payloads.schema(name)) for name in payloads.names()))
    assert used - NO_JUDGEMENT - NOT_FOR_THE_SCHEMA.keys() == explain._CODES.keys()


def _keywords(node: dict[str, Any]) -> set[str]:
    named = [*node.get("properties", {}).values(), *node.get("definitions", {}).values()]
    inner = named + ([node["items"]] if "items" in node else [])
    return set(node).union(*(_keywords(below) for below in inner))


def test_the_place_of_a_fault_is_named() -> None:
    refused = refusal("MeterValues", '{"connectorId":1,"meterValue":[{"timestamp":"","sampledValue":[{"value":1}]}]}')
    assert refused.detail == "MeterValues['meterValue'][0]['sampledValue'][0]['value']: 1 is not of type 'string'"


def test_what_the_schema_cannot_see_has_a_code_too() -> None:
    """Of two equal keys the schema sees the last one only."""
    refused = refusal("Reset", '{"type":"Gentle","type":"Hard"}')
    assert (refused.code, refused.detail) == (
        "TypeConstraintViolation",
        "Invalid enum value 'Gentle' - at `$.type`",
    )


def test_unknown_actions_are_not_implemented() -> None:
    refused = refusal("x" * 1000, "{}")
    assert refused.code == "NotImplemented"
    assert len(refused.detail) < 100


@pytest.mark.parametrize(
    "payload",
    [
        b'{"idTag":"\xff"}',
        b'{"\xff":1}',
        b'{"idTag":"\\ud800"}',
        b'{"idTag":1e999}',
        b'{"idTag":' + b"9" * 5000 + b"}",
        b'{"idTag":',
        b"",
        b'{"idTag":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_payloads_that_are_no_json_break_the_formation(payload: bytes) -> None:
    refused = refusal("Authorize", payload)
    assert refused.code == "FormationViolation"
    assert 0 < len(refused.detail) <= 200


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("Authorize", '{"idTag":"' + "x" * 100_000 + '"}'),
        ("Authorize", '{"' + "x" * 100_000 + '":1}'),
        ("Authorize", '{"idTag":[' + "1," * 100_000 + "1]}"),
        ("Authorize", '{"idTag":' + "9" * 4300 + "}"),
        ("Reset", '{"type":"' + "x" * 100_000 + '","type":"Hard"}'),
    ],
)
def test_the_peer_is_quoted_in_few_words(action: str, payload: str) -> None:
    assert 0 < len(refusal(action, payload).detail) < 300


def test_every_depth_of_nesting_is_refused_and_nothing_else() -> None:
    """Where Python's recursion limit is reached depends on who is calling: decoder, schema or its message."""
    codes = {refusal("Authorize", '{"idTag":' + "[" * depth + "]" * depth + "}").code for depth in range(900, 1010)}
    assert codes == {"TypeConstraintViolation", "FormationViolation"}
