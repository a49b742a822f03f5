"""Sessions of the central system: registration, replacement, calls of its own, what is counted and kept."""

from __future__ import annotations

import json

import pytest

from csms.central_system import CentralSystem
from csms.events import TransactionChanged
from csms.settings import Settings
from evsim_locust.ocppj.events import CallEnded, CallRefused, FrameIgnored
from evsim_locust.ocppj.v16.messages import ClearCache, ClearCacheResponse, Reset
from tests.csms.wire import BOOT, NOW, ask, booted, call, exchange, refused, start, stop


def _call_id(session):
    (text,) = session.take_outbox()
    return json.loads(text)[1]


# ---- registration (OCPP 1.6, section 4.2)


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_station_that_is_not_accepted_may_only_boot(status):
    session = CentralSystem(Settings(boot_status=status)).connected("CP1", NOW)
    for _ in range(2):
        assert refused(session, "Heartbeat", {}) == "SecurityError"
        assert refused(session, "StartTransaction", start()) == "SecurityError"
        assert ask(session, "BootNotification", BOOT)["status"] == status
    refusals = session.take_events()
    assert [(event.action, event.code) for event in refusals[:2]] == [
        ("Heartbeat", "SecurityError"),
        ("StartTransaction", "SecurityError"),
    ]
    assert len(refusals) == 4
    assert session.station.refused == 4
    assert session._system.book.rows() == []


def test_a_station_that_says_nothing_of_its_boot_is_let_through_and_counted():
    session = CentralSystem().connected("CP1", NOW)
    ask(session, "Heartbeat", {})
    assert session.station.findings == {"before_boot": 1}
    ask(session, "BootNotification", BOOT)
    ask(session, "Heartbeat", {})
    assert session.station.findings == {"before_boot": 1}


def test_registration_outlives_the_connection():
    system = CentralSystem()
    booted(system).disconnected(NOW)
    again = system.connected("CP1", NOW)
    ask(again, "Heartbeat", {})
    assert again.station.findings == {}
    assert again.station.connections == 2


# ---- who is connected


def test_connected_and_gone():
    system = CentralSystem()
    session = booted(system)
    assert system.session("CP1") is session
    assert [row["connected"] for row in system.station_rows()] == [True]
    session.disconnected(NOW)
    assert system.session("CP1") is None
    assert [row["connected"] for row in system.station_rows()] == [False]
    session.disconnected(NOW)
    assert system.connected_count == 0


@pytest.mark.parametrize("old_goes_first", [True, False])
def test_a_newer_connection_replaces_the_older_one(old_goes_first):
    system = CentralSystem()
    old = booted(system)
    if old_goes_first:
        old.disconnected(NOW)
    new = system.connected("CP1", NOW)
    if not old_goes_first:
        old.disconnected(NOW)
    assert system.session("CP1") is new
    assert system.connected_count == 1


# ---- what is told


def test_changes_of_transactions_are_events():
    session = booted(CentralSystem())
    ask(session, "StartTransaction", start())
    ask(session, "StopTransaction", stop(1))
    events = session.take_events()
    assert [type(event) for event in events] == [TransactionChanged, TransactionChanged]
    assert [event.transaction.status for event in events] == ["open", "stopped"]
    assert session.take_events() == ()


@pytest.mark.parametrize(
    ("text", "event", "answered"),
    [
        (call("Fly", {}), CallRefused, True),
        (call("Reset", {"type": "Hard"}), CallRefused, True),
        ("nonsense", FrameIgnored, True),
        ('[3,"nobody","{}"]', FrameIgnored, False),
        ('[7,"a",{}]', FrameIgnored, False),
    ],
)
def test_what_cannot_be_handled_is_counted_and_told(text, event, answered):
    session = booted(CentralSystem())
    session.receive(text, NOW)
    assert len(session.take_outbox()) == answered
    assert [type(found) for found in session.take_events()] == [event]
    assert (session.station.refused, session.station.received) == (1, 2)


def test_rows_have_a_number_for_every_finding_and_null_for_what_is_unknown():
    system = CentralSystem()
    system.connected("CP1", NOW)
    (row,) = system.station_rows()
    assert row["findings"] == {
        "retransmitted": 0,
        "abandoned": 0,
        "meter_gaps": 0,
        "negative_energy": 0,
        "unknown_stops": 0,
        "repeated_stops": 0,
        "conflicting_stops": 0,
        "before_boot": 0,
    }
    assert (row["last_seen"], row["vendor"], row["boot_status"], row["connectors"]) == (None, None, None, [])


def test_findings_of_a_life_with_a_broken_line_are_counted():
    session = booted(CentralSystem())
    for _ in range(3):
        assert ask(session, "StartTransaction", start())["transactionId"] == 1
    ask(session, "StopTransaction", stop(1))
    ask(session, "StopTransaction", stop(1))
    ask(session, "StartTransaction", start(meter=99))
    row = session.station.row(connected=True)
    assert {name: n for name, n in row["findings"].items() if n} == {
        "retransmitted": 2,
        "repeated_stops": 1,
        "meter_gaps": 1,
    }
    assert row["last_seen"] == "2026-11-22T13:00:00.000Z"


def test_a_restarted_central_system_knows_open_transactions():
    before = CentralSystem()
    ask(booted(before), "StartTransaction", start())
    after = CentralSystem(transactions=before.book.rows(), first_id=50)
    session = after.connected("CP1", NOW)
    ask(session, "StopTransaction", stop(1))
    assert [row.status for row in after.book.rows()] == ["stopped"]
    assert ask(session, "StartTransaction", start(meter=100))["transactionId"] == 50


# ---- calls of our own


def test_calls_go_out_one_at_a_time_and_their_answers_come_back():
    session = booted(CentralSystem())
    session.call(ClearCache(), NOW, token="first")
    session.call(Reset(type="Soft"), NOW, token="second")
    session.receive(json.dumps([3, _call_id(session), {"status": "Accepted"}]), NOW + 2)
    (ended,) = session.take_events()
    assert (ended.token, ended.answer, ended.latency_s) == ("first", ClearCacheResponse(status="Accepted"), 2)
    assert json.loads(session.take_outbox()[0])[2] == "Reset"


def test_a_call_without_an_answer_ends_at_its_deadline():
    session = booted(CentralSystem(Settings(call_timeout_s=10)))
    assert session.next_deadline() == float("inf")
    session.call(ClearCache(), NOW)
    assert session.next_deadline() == NOW + 10
    session.wake(NOW + 9.9)
    assert session.take_events() == ()
    session.wake(NOW + 10)
    (ended,) = session.take_events()
    assert ended.error == "Timeout"
    assert session.next_deadline() == float("inf")


def test_calls_end_with_the_connection():
    session = booted(CentralSystem())
    session.call(ClearCache(), NOW)
    session.disconnected(NOW + 1, "1001")
    (ended,) = session.take_events()
    assert isinstance(ended, CallEnded)
    assert ended.error == "1001"
    assert session.station.refused == 0


def test_message_ids_differ_between_connections_stations_and_restarts():
    ids = set()
    for now in (NOW, NOW + 1):
        system = CentralSystem()
        for station in ("CP1", "CP1", "CP2"):
            session = system.connected(station, now)
            session.call(ClearCache(), now)
            ids.add(_call_id(session))
    assert len(ids) == 6
    assert max(map(len, ids)) <= 36


# ---- the frames that are kept


def test_both_directions_are_kept_as_they_were():
    system = CentralSystem()
    session = system.connected("CP1", NOW)
    exchange(session, "  nonsense ")
    session.call(ClearCache(), NOW + 1)
    session.take_outbox()
    rows = system.messages.rows()
    assert [(row["n"], row["direction"], row["time"][17:19]) for row in rows] == [
        (1, "in", "00"),
        (2, "out", "00"),
        (3, "out", "01"),
    ]
    assert rows[0]["frame"] == "  nonsense "
    assert json.loads(rows[2]["frame"])[2] == "ClearCache"
