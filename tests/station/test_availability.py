"""ChangeAvailability (OCPP 1.6, section 5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from evsim_locust.station.commands import CommandRefused, PlugIn, PlugOut, RaiseFault, ShutDown, Swipe
from tests.station.bench import SILENT, Bench, booted

ACCEPTED, SCHEDULED = {"status": "Accepted"}, {"status": "Scheduled"}


def change(bench: Bench, kind: str, connector_id: int = 1) -> Any:
    return bench.ask("ChangeAvailability", connectorId=connector_id, type=kind)


def test_a_connector_out_of_service_and_back() -> None:
    bench = booted(connectors=2)
    assert change(bench, "Inoperative") == ACCEPTED
    assert bench.told() == ["1 Unavailable"]
    with pytest.raises(CommandRefused, match="Unavailable"):
        bench.do(Swipe("A"))
    bench.do(Swipe("A", 2))
    assert change(bench, "Operative") == ACCEPTED
    assert bench.told()[-1] == "1 Available"
    bench.do(PlugIn(), Swipe("A"))
    assert bench.connector().state == "Charging"


@pytest.mark.parametrize("kind", ["Inoperative", "Operative"])
@pytest.mark.parametrize("connector_id", [0, 1])
def test_no_status_is_repeated(kind: str, connector_id: int) -> None:
    """Section 5.2: when it is in that state already, it answers Accepted."""
    bench = booted()
    change(bench, kind, connector_id)
    bench.told()
    assert change(bench, kind, connector_id) == ACCEPTED
    assert bench.told() == []


def test_connector_0_is_the_station_and_all_connectors() -> None:
    bench = booted(connectors=2)
    assert change(bench, "Inoperative", 0) == ACCEPTED
    assert bench.told() == ["0 Unavailable", "1 Unavailable", "2 Unavailable"]
    assert change(bench, "Operative", 0) == ACCEPTED
    assert bench.told() == ["0 Available", "1 Available", "2 Available"]


@pytest.mark.parametrize("connector_id", [-1, 3])
def test_an_unknown_connector_is_rejected(connector_id: int) -> None:
    assert change(booted(connectors=2), "Inoperative", connector_id) == {"status": "Rejected"}


def test_during_a_transaction_it_is_scheduled_for_its_end() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    bench.told()
    assert change(bench, "Inoperative") == SCHEDULED
    assert change(bench, "Inoperative") == SCHEDULED
    assert bench.told() == []
    bench.do(Swipe("A"))
    assert bench.told() == ["StopTransaction Local", "1 Finishing", "1 Unavailable"]
    bench.do(PlugOut())
    assert bench.told() == []


def test_a_scheduled_change_is_taken_back_by_operative() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    change(bench, "Inoperative")
    assert change(bench, "Operative") == ACCEPTED
    bench.do(Swipe("A"), PlugOut())
    assert bench.told()[-1] == "1 Available"


def test_with_one_of_two_busy_connector_0_answers_scheduled() -> None:
    bench = booted(connectors=2)
    bench.do(PlugIn(1), Swipe("A", 1))
    bench.told()
    assert change(bench, "Inoperative", 0) == SCHEDULED
    assert "2 Unavailable" in bench.told()
    bench.do(Swipe("A", 1))
    assert bench.told()[-1] == "1 Unavailable"


def test_a_transaction_that_ends_by_the_cable_applies_it() -> None:
    bench = booted()
    bench.do(PlugIn(), Swipe("A"))
    change(bench, "Inoperative")
    bench.told()
    bench.do(PlugOut())
    assert bench.told() == ["StopTransaction EVDisconnected", "1 Finishing", "1 Unavailable"]


def test_preparing_with_a_cable_is_scheduled_and_nobody_starts_any_more() -> None:
    bench = booted()
    bench.do(PlugIn())
    assert change(bench, "Inoperative") == SCHEDULED
    with pytest.raises(CommandRefused, match="Preparing"):
        bench.do(Swipe("A"))
    bench.told()
    bench.do(PlugOut())
    assert bench.told() == ["1 Available", "1 Unavailable"]


@pytest.mark.parametrize("comes", [True, False])
def test_preparing_with_a_tag_is_scheduled_for_what_the_tag_does(comes: bool) -> None:
    bench = booted()
    bench.do(Swipe("A"))
    assert change(bench, "Inoperative") == SCHEDULED
    if comes:
        bench.do(PlugIn())
        assert bench.connector().state == "Charging"
        bench.do(Swipe("A"))
    else:
        bench.advance(61)
    assert bench.told()[-1] == "1 Unavailable"


@pytest.mark.parametrize("status", ["Accepted", "Invalid"])
def test_while_a_tag_is_asked_for_it_is_scheduled(status: str) -> None:
    bench = booted()
    bench.tags["A"] = {"status": status}
    bench.script["Authorize"] = [SILENT]
    bench.do(Swipe("A"))
    assert change(bench, "Inoperative") == SCHEDULED
    bench.answer()
    assert bench.told()[-1] == "1 Unavailable"
    assert bench.connector().authorization is None


def test_finishing_goes_out_of_service_at_once() -> None:
    """Section 4.9, F8."""
    bench = booted()
    bench.do(PlugIn(), Swipe("A"), Swipe("A"))
    assert change(bench, "Inoperative") == ACCEPTED
    assert bench.told()[-1] == "1 Unavailable"


def test_back_in_service_with_a_cable_in_is_preparing() -> None:
    """Section 4.9, H2."""
    bench = booted()
    change(bench, "Inoperative")
    bench.do(PlugIn())
    assert bench.told() == ["1 Unavailable"]
    change(bench, "Operative")
    assert bench.told() == ["1 Preparing"]


@pytest.mark.parametrize("connector_id", [0, 1])
def test_it_survives_a_reset(connector_id: int) -> None:
    """Section 5.2: persistent across reboot; TC_014, TC_034."""
    bench = booted()
    change(bench, "Inoperative", connector_id)
    bench.ask("Reset", type="Hard")
    bench.told()
    bench.advance(5)
    station = "0 Unavailable" if connector_id == 0 else "0 Available"
    assert bench.told() == ["BootNotification", station, "1 Unavailable"]


def test_a_scheduled_change_survives_a_reset_too() -> None:
    bench = booted()
    bench.do(PlugIn())
    change(bench, "Inoperative")
    bench.ask("Reset", type="Soft")
    bench.advance(5)
    assert bench.told()[-1] == "1 Unavailable"


def test_a_fault_covers_it() -> None:
    bench = booted()
    bench.do(RaiseFault("GroundFailure"))
    assert change(bench, "Inoperative") == ACCEPTED
    assert bench.told() == ["1 Faulted"]
    assert bench.connector().state == "Unavailable"


def test_the_change_is_done_while_shutting_down_too() -> None:
    bench = booted()
    bench.script["StatusNotification"] = [SILENT]
    bench.do(PlugIn(), PlugOut(), ShutDown(5.0))
    assert change(bench, "Inoperative") == ACCEPTED
    bench.answer()
    assert bench.told()[-1] == "1 Unavailable"
    assert bench.station.finished
