"""One station looked at closely."""

from __future__ import annotations

import json
from typing import Any

from evsim_locust.control.actions import offered
from evsim_locust.control.details import look, readable
from evsim_locust.control.frame_log import FrameLog
from evsim_locust.station.commands import Configure, Disconnect, Meter, PlugIn, RaiseFault, Swipe
from evsim_locust.station.configuration import KEYS
from tests.station.bench import SILENT, Bench, booted

IDLE = {
    "status": "Available",
    "error_code": "NoError",
    "plugged": False,
    "power_w": 0.0,
    "meter_wh": 0,
    "limit_w": None,
    "transaction": None,
}


def seen(bench: Bench) -> dict[str, Any]:
    return look(bench.station, (), now=bench.now)


def test_an_idle_station() -> None:
    bench = booted(connectors=2)
    details = seen(bench)
    assert details["connectors"] == [{"id": 1, **IDLE}, {"id": 2, **IDLE}]
    assert details["connector_0"] == {"id": 0, "status": "Available", "error_code": "NoError"}
    assert details["connected"] is True
    assert details["queue_length"] == 0
    assert details["last_frames"] == []
    assert details["actions"] == offered()
    assert json.loads(json.dumps(details)) == details


def test_a_transaction_is_seen_at_this_moment_and_not_at_the_last_sample() -> None:
    bench = booted(connectors=2)
    bench.do(Meter(2, energy_wh=500), PlugIn(2), Swipe("TAG", 2), Meter(2, power_w=3600))
    bench.now += 7  # nobody woke the station since
    assert seen(bench)["connectors"][1] == {
        "id": 2,
        "status": "Charging",
        "error_code": "NoError",
        "plugged": True,
        "power_w": 3600.0,
        "meter_wh": 507,
        "limit_w": None,
        "transaction": {"transaction_id": 501, "id_tag": "TAG", "meter_start": 500, "energy_wh": 7},
    }


def test_faults_cover_the_status() -> None:
    bench = booted()
    bench.do(PlugIn(), RaiseFault("GroundFailure"), RaiseFault("OtherError", 0))
    details = seen(bench)
    (connector,) = details["connectors"]
    assert (connector["status"], connector["error_code"], connector["plugged"]) == ("Faulted", "GroundFailure", True)
    assert details["connector_0"] == {"id": 0, "status": "Faulted", "error_code": "OtherError"}


def test_what_waits_to_be_delivered_is_counted() -> None:
    bench = booted()
    bench.script["StartTransaction"] = SILENT
    bench.do(PlugIn(), Swipe("TAG"))
    details = seen(bench)
    assert details["queue_length"] == 1
    assert details["connectors"][0]["transaction"]["transaction_id"] is None
    bench.do(Disconnect())
    bench.advance(31)  # the CALL in flight ends first
    assert seen(bench)["connected"] is False


def test_configuration_is_what_get_configuration_lists() -> None:
    bench = booted()
    bench.do(Configure("ConnectionTimeOut", "5"))
    answer = bench.ask("GetConfiguration")["configurationKey"]
    configuration = seen(bench)["configuration"]
    assert configuration == {entry["key"]: entry["value"] for entry in answer}
    assert configuration["ConnectionTimeOut"] == "5"
    assert list(configuration) == list(KEYS)


def test_the_value_of_a_secret_key_is_never_shown() -> None:
    shown = readable([("AuthorizationKey", "s3cret"), ("authorizationKEY", "s3cret"), ("HeartbeatInterval", "60")])
    assert shown == {"AuthorizationKey": None, "authorizationKEY": None, "HeartbeatInterval": "60"}


def test_the_last_frames_are_shown_oldest_first() -> None:
    log = FrameLog()
    log.add("sent", b'[2,"1","Heartbeat",{}]')
    log.add("received", '[3,"1",{}]')
    details = look(booted().station, log, now=2000.0)
    assert details["last_frames"] == [
        {"direction": "sent", "frame": '[2,"1","Heartbeat",{}]'},
        {"direction": "received", "frame": '[3,"1",{}]'},
    ]
