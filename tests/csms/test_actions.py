"""The central system's answers, each held to the official schema."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.actions import ANSWERS
from csms.central_system import CentralSystem
from csms.settings import Settings
from csms.tags import Tag
from evsim_locust.ocppj.v16.messages import REQUESTS
from tests.csms.wire import AT, BOOT, NOW, ask, booted, call, exchange, refused, schema, start, stop
from tests.ocppj import payloads

_EMPTY_ANSWERS = [
    ("DiagnosticsStatusNotification", {"status": "Uploading"}, "diagnostics_status"),
    ("FirmwareStatusNotification", {"status": "Installing"}, "firmware_status"),
    ("SignedFirmwareStatusNotification", {"status": "SignatureVerified", "requestId": 3}, "firmware_status"),
    ("LogStatusNotification", {"status": "Uploaded", "requestId": 3}, "log_status"),
]


@pytest.fixture
def session():
    return booted(CentralSystem())


def test_boot_notification_is_answered_with_the_time_and_the_interval():
    session = CentralSystem(Settings(heartbeat_interval_s=17)).connected("CP1", NOW)
    answer = ask(session, "BootNotification", BOOT | {"chargePointSerialNumber": "S1", "firmwareVersion": "1.2"})
    assert answer == {"status": "Accepted", "currentTime": "2026-11-22T13:00:00.000Z", "interval": 17}
    station = session.station
    assert (station.vendor, station.model, station.serial_number, station.firmware_version) == (
        "EVSim",
        "PY-SIM",
        "S1",
        "1.2",
    )
    assert station.boot_status == "Accepted"


def test_a_second_boot_without_optional_fields_forgets_them(session):
    ask(session, "BootNotification", BOOT | {"firmwareVersion": "1.2"})
    ask(session, "BootNotification", BOOT)
    assert session.station.firmware_version is None


def test_heartbeat_gives_the_time_of_its_arrival(session):
    assert ask(session, "Heartbeat", {}, NOW + 0.25) == {"currentTime": "2026-11-22T13:00:00.250Z"}
    assert ask(session, "Heartbeat", {}, NOW + 1) == {"currentTime": "2026-11-22T13:00:01.000Z"}


def test_status_notification_is_kept_by_connector(session):
    for connector, status in ((2, "Charging"), (0, "Available"), (2, "Faulted")):
        payload = {"connectorId": connector, "status": status, "errorCode": "NoError", "timestamp": "2026-11-22T13:00"}
        assert ask(session, "StatusNotification", payload) == {}
    connectors = session.station.row(connected=True)["connectors"]
    assert [(c.connector_id, c.status, c.timestamp) for c in connectors] == [
        (0, "Available", "2026-11-22T13:00:00.000Z"),
        (2, "Faulted", "2026-11-22T13:00:00.000Z"),
    ]


def test_status_notification_may_have_no_timestamp(session):
    ask(session, "StatusNotification", {"connectorId": 1, "status": "Available", "errorCode": "NoError"})
    assert session.station.connectors[1].timestamp is None


@pytest.mark.parametrize(("action", "payload", "kept_as"), _EMPTY_ANSWERS)
def test_reports_of_progress_are_kept(session, action, payload, kept_as):
    assert ask(session, action, payload) == {}
    assert getattr(session.station, kept_as) == payload["status"]


def test_data_of_any_vendor_is_unknown(session):
    assert ask(session, "DataTransfer", {"vendorId": "v", "data": "x"}) == {"status": "UnknownVendorId"}


def test_certificates_are_not_signed(session):
    assert ask(session, "SignCertificate", {"csr": "-----BEGIN"}) == {"status": "Rejected"}


def test_security_event(session):
    assert ask(session, "SecurityEventNotification", {"type": "StartupOfTheDevice", "timestamp": AT}) == {}


def test_meter_values(session):
    value = {"timestamp": AT, "sampledValue": [{"value": "12"}]}
    assert ask(session, "MeterValues", {"connectorId": 0, "meterValue": [value]}) == {}


def test_authorize_judges_the_tag():
    session = booted(CentralSystem(tags=[Tag(id_tag="B", status="Blocked", parent_id_tag="P")]))
    assert ask(session, "Authorize", {"idTag": "b"}) == {"idTagInfo": {"status": "Blocked", "parentIdTag": "P"}}
    assert ask(session, "Authorize", {"idTag": "other"}) == {"idTagInfo": {"status": "Accepted"}}


def test_a_refused_tag_gets_a_transaction_all_the_same():
    system = CentralSystem(tags=[Tag(id_tag="B", status="Blocked")])
    answer = ask(booted(system), "StartTransaction", start(tag="B"))
    assert answer == {"idTagInfo": {"status": "Blocked"}, "transactionId": 1}
    assert [t.id_tag for t in system.book.rows()] == ["B"]


def test_stop_transaction_judges_a_tag_only_when_there_is_one():
    session = booted(CentralSystem(tags=[Tag(id_tag="B", status="Blocked")]))
    assert ask(session, "StopTransaction", stop(9)) == {}
    assert ask(session, "StopTransaction", stop(9, idTag="B")) == {"idTagInfo": {"status": "Blocked"}}
    assert session.station.findings == {"unknown_stops": 2}


def test_a_transaction_from_start_to_stop(session):
    number = ask(session, "StartTransaction", start(2, meter=10, at="2026-11-22T14:00:00+01:00"))["transactionId"]
    data = [{"timestamp": AT, "sampledValue": [{"value": "1"}]}]
    ask(session, "StopTransaction", stop(number, 250, AT, reason="Remote", transactionData=data))
    (row,) = session._system.book.rows("CP1")
    assert (row.connector_id, row.start_time, row.stop_time) == (2, *["2026-11-22T13:00:00.000Z"] * 2)
    assert (row.meter_start, row.meter_stop, row.reason, row.status) == (10, 250, "Remote", "stopped")
    assert session.station.findings == {}


@pytest.mark.parametrize("action", sorted(set(REQUESTS) - set(ANSWERS)))
def test_the_central_systems_own_actions_are_not_for_stations(session, action):
    root = payloads.schema(action)
    assert refused(session, action, payloads.smallest(root, root)) == "NotSupported"


@given(st.sampled_from(sorted(ANSWERS)), st.randoms(use_true_random=False))
def test_every_payload_that_the_schema_allows_is_answered_as_the_schema_asks(action, rng):
    root = payloads.schema(action)
    payload = payloads.any_valid(root, root, rng)
    frame = exchange(booted(CentralSystem()), call(action, payload))
    if frame[0] == 4:  # what the schemas cannot say
        assert frame[2] in ("TypeConstraintViolation", "PropertyConstraintViolation"), frame
        assert any(word in frame[3] for word in ("timestamp", "connectorId", "meterSt")), frame
    else:
        schema(action + "Response").validate(frame[2])


def test_an_unknown_action_is_not_implemented(session):
    assert refused(session, "Fly", {}) == "NotImplemented"
    assert session.station.refused == 1


@pytest.mark.parametrize(
    "time",
    ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22TZ", "2026-W47-7T13:00:00Z", "0001-01-01T00:00:00+14:00"],
)
def test_a_time_that_is_none_is_refused(session, time):
    value = {"timestamp": time, "sampledValue": [{"value": "12"}]}
    status = {"connectorId": 1, "status": "Available", "errorCode": "NoError", "timestamp": time}
    for action, payload in (
        ("MeterValues", {"connectorId": 1, "meterValue": [value]}),
        ("StatusNotification", status),
        ("StartTransaction", start(at=time)),
        ("StopTransaction", stop(1, at=time)),
        ("StopTransaction", stop(1, transactionData=[value])),
        ("SecurityEventNotification", {"type": "x", "timestamp": time}),
    ):
        assert refused(session, action, payload) == "TypeConstraintViolation", action
    assert session._system.book.rows() == []


@pytest.mark.parametrize("time", ["2026-11-22T13:00Z", "2026-11-22 13:00:60+0100", "2026-11-22T13:00:00,5"])
def test_times_that_stations_in_the_field_write_are_taken(session, time):
    value = {"timestamp": time, "sampledValue": [{"value": "12"}]}
    assert ask(session, "MeterValues", {"connectorId": 1, "meterValue": [value]}) == {}


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("StartTransaction", start(connector=0)),
        ("StartTransaction", start(connector=-1)),
        ("StartTransaction", start(connector=2**31)),
        ("StartTransaction", start(meter=2**53 + 1)),
        ("StopTransaction", stop(1, meter=-(2**53) - 1)),
        ("StatusNotification", {"connectorId": -1, "status": "Available", "errorCode": "NoError"}),
        ("MeterValues", {"connectorId": -1, "meterValue": [{"timestamp": AT, "sampledValue": [{"value": "1"}]}]}),
    ],
)
def test_a_number_out_of_its_range_is_refused(session, action, payload):
    assert refused(session, action, payload) == "PropertyConstraintViolation"
    assert session._system.book.rows() == []


def test_a_payload_against_the_schema_is_refused_with_the_code_of_its_fault(session):
    assert refused(session, "Authorize", {}) == "OccurenceConstraintViolation"
    assert refused(session, "Authorize", {"idTag": 5}) == "TypeConstraintViolation"
    assert refused(session, "Authorize", {"idTag": "a", "x": 1}) == "FormationViolation"
    assert ask(session, "Authorize", {"idTag": "a"})["idTagInfo"]["status"] == "Accepted"


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", b"\xff", "[2]"])
def test_a_text_that_is_no_frame_is_answered_to_minus_one(session, text):
    frame = exchange(session, text)
    assert frame[:3] == [4, "-1", "FormationViolation"]
    assert exchange(session, call("Heartbeat", {}))[0] == 3


def test_every_action_of_a_station_has_an_answer():
    notifications = {name for name in REQUESTS if name.endswith("Notification")}
    transactions = {"Authorize", "MeterValues", "StartTransaction", "StopTransaction"}
    assert set(ANSWERS) == notifications | transactions | {"DataTransfer", "Heartbeat", "SignCertificate"}
