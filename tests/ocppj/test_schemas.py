"""The typed messages against the official schemas: both must accept and refuse the same payloads."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

import jsonschema
import msgspec
import pytest

from evsim_locust.ocppj.errors import PayloadRefused
from evsim_locust.ocppj.v16 import V16
from evsim_locust.ocppj.version import Version
from tests.ocppj import payloads

NAMES = payloads.names()
Read = Callable[[msgspec.Raw], msgspec.Struct]


def reader(name: str) -> Read:
    action = name.removesuffix("Response")
    read = V16.read_answer if name != action else V16.read_request
    return lambda payload: read(action, payload)


def accepts(read: Read, text: str) -> bool:
    try:
        read(msgspec.Raw(text.encode()))
    except PayloadRefused:
        return False
    return True


def tenths_by_decimal(_validator: Any, step: float, value: Any, _node: Any) -> Iterator[jsonschema.ValidationError]:
    """The schema's multipleOf as its authors meant it."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and Fraction(repr(value)) % Fraction(str(step)):
        yield jsonschema.ValidationError(f"{value} is not a multiple of {step}")


Oracle = jsonschema.validators.extend(jsonschema.Draft4Validator, {"multipleOf": tenths_by_decimal})


def compare(name: str, read: Read, cases: Iterator[tuple[str, Any]]) -> tuple[list[str], set[bool]]:
    """(where the two differ, the schema's verdicts that occurred)."""
    oracle = Oracle(payloads.schema(name))
    differ, verdicts = [], set()
    for what, payload in cases:
        verdict = oracle.is_valid(payload)
        verdicts.add(verdict)
        if accepts(read, json.dumps(payload)) != verdict:
            differ.append(f"{what}: the schema {'accepts' if verdict else 'refuses'}, the type does not agree")
    return differ, verdicts


def random_payloads(name: str, count: int) -> Iterator[tuple[str, Any]]:
    """Valid payloads, every other one spoiled by a value from a different place of it."""
    root = payloads.schema(name)
    for seed in range(count):
        rng = random.Random(f"{name} {seed}")
        payload = payloads.any_valid(root, root, rng)
        if seed % 2 and payload:
            here, there = rng.choice(list(payload)), rng.choice(list(payload))
            payload[here] = payload[there]
        yield f"seed {seed}", payload


def test_there_is_a_schema_for_each_request_and_answer() -> None:
    assert len(NAMES) == 78
    assert {name.removesuffix("Response") for name in NAMES} == {name for name in NAMES if V16.knows(name)}


@pytest.mark.parametrize("name", NAMES)
def test_every_single_change_of_a_payload_is_judged_alike(name: str) -> None:
    differ, verdicts = compare(name, reader(name), payloads.mutants(name))
    assert not differ
    assert verdicts == {True, False}


@pytest.mark.parametrize("name", NAMES)
def test_random_payloads_are_judged_alike(name: str) -> None:
    differ, verdicts = compare(name, reader(name), random_payloads(name, 16))
    assert not differ
    assert True in verdicts


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_or_renamed_between_reading_and_writing(name: str) -> None:
    root, read = payloads.schema(name), reader(name)
    for rng in (random.Random(seed) for seed in range(8)):
        payload = payloads.any_valid(root, root, rng)
        assert json.loads(msgspec.json.encode(read(msgspec.Raw(json.dumps(payload).encode())))) == payload


class TooLong(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Authorize with a limit that is one too high."""

    id_tag: Annotated[str, msgspec.Meta(max_length=21)]


class Forgiving(msgspec.Struct, rename="camel"):
    """Authorize that lets unknown fields pass."""

    id_tag: Annotated[str, msgspec.Meta(max_length=20)]


@pytest.mark.parametrize("kind", [TooLong, Forgiving])
def test_the_comparison_sees_a_type_that_is_slightly_wrong(kind: type[msgspec.Struct]) -> None:
    wrong = Version("", "v16", {"Authorize": kind}, {})
    differ, _ = compare(
        "Authorize", lambda payload: wrong.read_request("Authorize", payload), payloads.mutants("Authorize")
    )
    assert len(differ) >= 1


@pytest.mark.parametrize("number", ["11.0", "7.4", "0.3", "0.1", "16", "0", "-0.3", "1e1", "1e30", "70000000000000.1"])
def test_multiples_of_a_tenth_are_accepted(number: str) -> None:
    assert accepts(reader("SetChargingProfile"), charging_profile(number))


@pytest.mark.parametrize("number", ["0.15", "7.41", "-7.41", "0.30000000000000004", "1e-300", "0.1e-1"])
def test_finer_numbers_are_refused(number: str) -> None:
    with pytest.raises(PayloadRefused, match=r"`limit` must be a multiple of 0\.1") as refused:
        reader("SetChargingProfile")(msgspec.Raw(charging_profile(number).encode()))
    assert refused.value.code == "PropertyConstraintViolation"


def charging_profile(limit: str) -> str:
    return f"""{{"connectorId": 1, "csChargingProfiles": {{"chargingProfileId": 1, "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute", "chargingSchedule": {{
        "chargingRateUnit": "A", "chargingSchedulePeriod": [{{"startPeriod": 0, "limit": {limit}}}]}}}}}}"""


class Difference(NamedTuple):
    """A payload on which the types and the plain library (draft as the schema names it) do not agree, and why."""

    why: str
    name: str
    text: str
    ours: bool


DIFFERENCES = [
    Difference(
        why="0.3 / 0.1 is 2.9999999999999996 in floats: we judge decimals, as the authors meant",
        name="SetChargingProfile",
        text=charging_profile("0.3"),
        ours=True,
    ),
    Difference(
        why="the security messages' schemas are draft 6, where 2.0 is an integer: one rule for all, that of draft 4",
        name="SignedUpdateFirmware",
        text="""{"requestId": 2.0, "firmware": {"location": "", "retrieveDateTime": "", "signingCertificate": "",
            "signature": ""}}""",
        ours=False,
    ),
    Difference(
        why="half a surrogate pair is no text: it could not be written again as UTF-8",
        name="Authorize",
        text='{"idTag": "\\ud800"}',
        ours=False,
    ),
    Difference(
        why="of two equal keys Python's reader keeps the last one unseen: both must be good",
        name="Reset",
        text='{"type": 5, "type": "Hard"}',
        ours=False,
    ),
]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.why.split(":")[0])
def test_known_difference(difference: Difference) -> None:
    schema = payloads.schema(difference.name)
    theirs = jsonschema.validators.validator_for(schema)(schema).is_valid(json.loads(difference.text))
    assert accepts(reader(difference.name), difference.text) is difference.ours
    assert theirs is not difference.ours


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 309, "9" * 5000, "1e309"])
def test_a_number_beyond_floats_is_refused_where_the_library_fails(number: str) -> None:
    text, schema = charging_profile(number), payloads.schema("SetChargingProfile")
    assert not accepts(reader("SetChargingProfile"), text)
    with pytest.raises((OverflowError, ValueError)):
        jsonschema.Draft4Validator(schema).is_valid(json.loads(text))


def test_an_integer_may_be_of_any_size_that_json_readers_take() -> None:
    assert accepts(reader("UnlockConnector"), f'{{"connectorId": {"9" * 4300}}}')
    assert not accepts(reader("UnlockConnector"), f'{{"connectorId": {"9" * 4301}}}')


@pytest.mark.parametrize("moment", ["2026-11-22T13:00", "yesterday", ""])
def test_date_times_are_not_judged_here(moment: str) -> None:
    """`timestamps.read` judges them where they are used: an odd one must not cost a Boot."""
    answer = V16.read_answer("Heartbeat", msgspec.Raw(json.dumps({"currentTime": moment}).encode()))
    assert answer == V16.read_answer("Heartbeat", msgspec.Raw(msgspec.json.encode(answer)))
    assert not accepts(reader("HeartbeatResponse"), '{"currentTime": null}')
