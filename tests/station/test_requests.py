"""What else the central system may send: unsupported requests, malformed ones, texts that are none (OCPP-J, 4.2)."""

from __future__ import annotations

import pytest

from evsim_locust.station.events import CallHandled, FrameIgnored
from evsim_locust.station.requests import REQUESTS
from tests.ocppj import payloads
from tests.station.bench import Bench, booted

OTHERS = sorted({name.removesuffix("Response") for name in payloads.names()} - set(REQUESTS))


def still_works(bench: Bench) -> bool:
    return bench.station.linked and "configurationKey" in bench.ask("GetConfiguration")


def test_data_transfer_of_an_unknown_vendor() -> None:
    """TC_064; section 5.6."""
    assert booted().ask("DataTransfer", vendorId="Acme", data="x") == {"status": "UnknownVendorId"}


def test_clear_cache_of_an_empty_one() -> None:
    assert booted().ask("ClearCache") == {"status": "Accepted"}


@pytest.mark.parametrize("action", OTHERS)
def test_an_action_of_ocpp_that_this_station_does_not_have_is_not_supported(action: str) -> None:
    bench = booted()
    schema = payloads.schema(action)
    assert bench.ask_raw(action, payloads.fullest(schema, schema)) == "NotSupported"
    assert bench.seen(CallHandled)[-1] == CallHandled(action, "NotSupported", "NotSupported")
    assert still_works(bench)


@pytest.mark.parametrize("action", ["Coffee", "", "getConfiguration", "x" * 100])
def test_an_action_that_is_not_ocpp_is_not_implemented(action: str) -> None:
    bench = booted()
    assert bench.ask_raw(action, {}) == "NotImplemented"
    assert bench.seen(CallHandled)[-1].action == "UnknownAction"
    assert still_works(bench)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Reset", {}, "OccurenceConstraintViolation"),
        ("Reset", {"type": "Warm"}, "PropertyConstraintViolation"),
        ("Reset", {"type": 1}, "TypeConstraintViolation"),
        ("Reset", {"type": "Hard", "more": 1}, "FormationViolation"),
        ("RemoteStartTransaction", {"idTag": "x" * 21}, "TypeConstraintViolation"),
        ("RemoteStartTransaction", {"idTag": None}, "TypeConstraintViolation"),
        ("RemoteStopTransaction", {"transactionId": "1"}, "TypeConstraintViolation"),
        ("UnlockConnector", {"connectorId": 1.5}, "TypeConstraintViolation"),
        ("ChangeConfiguration", {"key": "x" * 51, "value": "1"}, "TypeConstraintViolation"),
        ("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": 5}, "TypeConstraintViolation"),
        ("ChangeAvailability", [], "TypeConstraintViolation"),
        ("GetConfiguration", {"key": "ConnectionTimeOut"}, "TypeConstraintViolation"),
    ],
)
def test_a_malformed_payload_is_refused_with_the_right_code(action: str, payload: object, code: str) -> None:
    bench = booted()
    assert bench.ask_raw(action, payload) == code
    assert bench.told() == []
    assert still_works(bench)


TEXTS = [
    "",
    "x",
    "null",
    "{}",
    "[]",
    "[2]",
    "[9,9,9]",
    '[3,"nobody",{}]',
    '[4,"nobody","GenericError","",{}]',
    "[" * 3000,
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_is_no_frame_for_us_changes_nothing(text: str) -> None:
    bench = booted()
    bench.receive(text)
    assert len(bench.seen(FrameIgnored)) == 1
    assert bench.told() == []
    assert still_works(bench)


@pytest.mark.parametrize("text", ['[2,"a"]', '[2,"a","Reset"]', '[2,"a",1,{}]', '[2,"a","Reset",{},1]'])
def test_a_call_of_the_wrong_shape_is_answered_with_a_formation_violation(text: str) -> None:
    bench = booted()
    assert bench.ask_broken("a", text) == "FormationViolation"
    assert still_works(bench)


def test_every_action_the_station_knows_is_one_of_ocpp() -> None:
    assert set(REQUESTS) <= set(payloads.names())
