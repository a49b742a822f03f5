"""What master and workers tell each other: what is encoded is decoded, what is wrong is refused with its place."""

from __future__ import annotations

import math

import pytest
from msgspec import Struct

from evsim_locust.behaviour.environment import Conditions
from evsim_locust.behaviour.identity import Lease, StationRow
from evsim_locust.control.fleet import Change
from evsim_locust.control.messages import (
    NAMES,
    Answer,
    Ask,
    Drain,
    Drained,
    Grant,
    Hello,
    Keep,
    MessageRefused,
    Report,
    Settings,
    Spoken,
    Want,
    Written,
    decode,
    encode,
)
from evsim_locust.history.records import Batch, LogRecord, SessionRecord
from evsim_locust.metrics.counts import Counts

LEASE = Lease("S1", 0, "busy", StationRow("S1", password="secret words 1234", id_tags=("A", "B"), connectors=2))
COUNTS = Counts()
COUNTS.sample("OCPP", "Heartbeat", 12.5, None)
SESSION = SessionRecord("S1/1/1", "S1", 1, "TAG", "busy", 1.0, 2.0, 0, 500, "Local", 20.0, 10.0)
MESSAGES: list[Struct] = [
    Settings(3, Conditions(price=18.5, demand_response=True)),
    Grant([LEASE, Lease("S2", 1)]),
    Keep(["S1"]),
    Ask(number=7, what="act", station_id="S1", action="swipe", parameters={"id_tag": "TAG", "connector_id": 1}),
    Ask(number=8, what="start", station_id="S1", lease=LEASE),
    Drain(10.0),
    Hello("secret"),
    Want(3, ["S9"], "secret"),
    Answer(7, 404, "no such station"),
    Spoken([("S1", "[12:00:00] Heartbeat sent")]),
    Drained(0),
    Written(Batch(sessions=[SESSION], logs=[LogRecord(1.5, "S1", "hello")], dropped_logs=2)),
    Report(3, [Change("S1", "Charging", 7.4, 1.25)], 1250.0, 25.0, 2, COUNTS.take_delta()),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_what_is_encoded_is_plain_and_comes_back_as_it_was(message: Struct) -> None:
    data = encode(message)
    assert isinstance(data, dict)
    assert decode(data, type(message)) == message


def test_every_kind_but_the_report_has_a_name_of_its_own() -> None:
    assert set(NAMES) == {type(message) for message in MESSAGES} - {Report}
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("kind", "data", "place"),
    [
        (Want, {"wanted": "3", "released": []}, "$.wanted"),
        (Want, {"wanted": 3}, "released"),
        (Want, None, "Want"),
        (Settings, {"version": 2, "conditions": {"price": -1.0}}, "$.conditions.price"),
        (Report, {"version": 1, "changes": [], "energy_wh": math.nan, "earnings": 0.0}, "$.energy_wh"),
        (Report, {"version": 1, "changes": [["S1", "Flying", 0.0, 0.0]], "energy_wh": 0, "earnings": 0}, "$.changes"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(kind: type[Struct], data: object, place: str) -> None:
    with pytest.raises(MessageRefused) as refused:
        decode(data, kind)
    assert place in str(refused.value)


def test_a_password_shows_in_no_representation() -> None:
    assert "secret words" not in repr(Grant([LEASE]))
    assert "secret words" not in repr(Ask(number=8, what="start", station_id="S1", lease=LEASE))
