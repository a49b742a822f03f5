"""The facts of a row: one word for the station, its power, and the energy of its session."""

from __future__ import annotations

from typing import get_args

from evsim_locust.control.tracked import status_of
from evsim_locust.control.tracking import Tracker
from evsim_locust.station import commands
from evsim_locust.station.commands import Swipe
from evsim_locust.station.connector import Connector
from evsim_locust.station.words import Status
from evsim_locust.transport.events import OpenEnded
from tests.control.following import Followed, charge, followed, rows
from tests.station.bench import SILENT, Bench, boot_answer, booted


def test_the_way_of_a_station_to_its_central_system_and_back() -> None:
    bench = Bench()
    station = Followed(Tracker(), bench)
    assert status_of(station.tracked) == "connecting"
    station.tracker.note(station.tracked, OpenEnded("refused", 0.1))
    assert [row.status for row in rows(station)] == ["connecting"]
    bench.script["BootNotification"] = [SILENT]
    bench.connect()
    assert [row.status for row in rows(station)] == ["booting"]
    bench.answer(boot_answer(bench, "Pending", 20))
    assert rows(station) == []
    bench.advance(20)
    assert [row.status for row in rows(station)] == ["Available"]
    bench.drop()
    assert [row.status for row in rows(station)] == ["offline"]
    bench.connect()
    assert [row.status for row in rows(station)] == ["Available"]
    bench.do(commands.ShutDown())
    station.tell()
    station.tracker.forget(station.tracked)
    assert [row.status for row in rows(station)] == ["stopped"]
    assert rows(station) == []


def test_a_station_that_wants_to_be_offline_is_even_before_its_link_is_closed() -> None:
    bench = booted()
    bench.script["Heartbeat"] = SILENT
    bench.ask("TriggerMessage", requestedMessage="Heartbeat")
    station = followed(bench)
    bench.do(commands.Disconnect())
    assert bench.station.linked
    assert status_of(station.tracked) == "offline"
    bench.advance(31)
    assert [row.status for row in rows(station)] == ["offline"]
    bench.do(commands.Connect())
    assert [row.status for row in rows(station)] == ["Available"]


BUSIEST_FIRST: list[Status] = [
    *("Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Preparing"),
    *("Reserved", "Faulted", "Unavailable", "Available"),
]


def test_the_busiest_connector_speaks_for_the_station() -> None:
    assert sorted(BUSIEST_FIRST) == sorted(get_args(Status))
    bench = booted(connectors=2)
    station = followed(bench)
    for number, busier in enumerate(BUSIEST_FIRST):
        for other in BUSIEST_FIRST[number:]:
            for one, two in ((busier, other), (other, busier)):
                show(bench.connector(1), one)
                show(bench.connector(2), two)
                assert status_of(station.tracked) == busier


def show(connector: Connector, status: Status) -> None:
    connector.shown = (status, "NoError")


def test_connector_0_counts_when_nobody_is_charging() -> None:
    bench = booted(connectors=2)
    station = followed(bench)
    bench.do(commands.RaiseFault("OtherError", 0))
    assert [row.status for row in rows(station)] == ["Faulted"]
    charge(bench)
    assert [row.status for row in rows(station)] == ["Charging"]


def test_usage_is_the_power_of_all_connectors() -> None:
    bench = booted(connectors=2)
    station = followed(bench)
    charge(bench, 7200.0)
    charge(bench, 3500.4, connector_id=2)
    assert [row.usage_kw for row in rows(station)] == [10.7]
    bench.do(commands.SuspendEV())
    assert [row.usage_kw for row in rows(station)] == [3.5]


def test_energy_is_this_sessions_then_the_last_ones() -> None:
    bench = booted(connectors=2)
    station = followed(bench)
    charge(bench)
    bench.advance(15)
    assert [row.energy_kwh for row in rows(station)] == [0.015]
    charge(bench, connector_id=2)
    bench.advance(15)
    assert [row.energy_kwh for row in rows(station)] == [0.045]  # 30 Wh and 15 Wh
    bench.do(Swipe("TAG", 1))
    assert [row.energy_kwh for row in rows(station)] == [0.015]  # the one that runs
    bench.do(Swipe("TAG", 2), commands.PlugOut(2))
    assert [row.energy_kwh for row in rows(station)] == [0.015]  # the last one's
    charge(bench, connector_id=2)
    assert [row.energy_kwh for row in rows(station)] == [0.0]  # a new one
