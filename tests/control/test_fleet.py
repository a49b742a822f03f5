"""The read model: rows, reports, pages, counts and totals."""

from __future__ import annotations

import random
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from evsim_locust.control.errors import Refused
from evsim_locust.control.fleet import ROW_KEYS, Change, Fleet, Row, Wanted


def lease(fleet: Fleet, station_id: str, worker: str = "w1", profile: str = "default", cap_kwh: float = 30.0) -> None:
    fleet.leased(station_id, profile, cap_kwh, 25.0, True, worker)


def row_of(fleet: Fleet, station_id: str) -> Row:
    row = fleet.get(station_id)
    assert row is not None
    return row


def ids(fleet: Fleet, offset: int = 0, limit: int = 100, sort: str = "", **wanted: Any) -> list[str]:
    rows, _total = fleet.page(offset, limit, Wanted(**wanted), sort)
    return [row.station_id for row in rows]


def fleet_of(*station_ids: str) -> Fleet:
    fleet = Fleet()
    for station_id in station_ids:
        lease(fleet, station_id)
    return fleet


# ---- rows


def test_a_row_appears_with_its_lease() -> None:
    fleet = Fleet()
    fleet.leased("CP1", "busy", 40.0, 30.0, False, "w1")
    shown = row_of(fleet, "CP1").as_json()
    assert shown == {
        "station_id": "CP1",
        "profile": "busy",
        "running": True,
        "status": "connecting",
        "usage_kw": 0.0,
        "energy_kwh": 0.0,
        "max_energy_kwh": 40.0,
        "charge_if_price_below": 30.0,
        "allow_peak": False,
        "energy_percent": 0.0,
        "worker": "w1",
    }
    assert tuple(shown) == ROW_KEYS
    assert fleet.get("CP2") is None


def test_a_change_of_its_own_worker_is_shown_rounded() -> None:
    fleet = fleet_of("CP1")
    fleet.apply("w1", [Change("CP1", "Charging", 7.35678, 12.34567)], 0.0, 0.0)
    shown = row_of(fleet, "CP1").as_json()
    assert (shown["status"], shown["usage_kw"], shown["energy_kwh"]) == ("Charging", 7.357, 12.346)
    assert shown["energy_percent"] == 41.2


@pytest.mark.parametrize(
    ("energy_kwh", "cap_kwh", "percent"),
    [
        (30.0, 30.0, 100.0),
        (30.4, 30.0, 100.0),
        (29.999, 30.0, 100.0),
        (5.0, 0.0, 0.0),
        (0.0, 30.0, 0.0),
        (10.0, 30.0, 33.3),
    ],
)
def test_the_percentage_has_one_decimal_and_ends_at_100(energy_kwh: float, cap_kwh: float, percent: float) -> None:
    fleet = Fleet()
    lease(fleet, "CP1", cap_kwh=cap_kwh)
    fleet.apply("w1", [Change("CP1", "Charging", 0.0, energy_kwh)], 0.0, 0.0)
    assert row_of(fleet, "CP1").energy_percent == percent


def test_a_change_of_another_worker_or_of_a_station_that_is_gone_is_late_news() -> None:
    fleet = fleet_of("CP1", "CP2")
    fleet.gone("CP2")
    late = [Change(station_id, "Charging", 7.0, 1.0) for station_id in ("CP1", "CP2", "CP3")]
    fleet.apply("w2", late, 100.0, 2.0)
    assert [row_of(fleet, station_id).status for station_id in ("CP1", "CP2")] == ["connecting", "stopped"]
    assert fleet.get("CP3") is None
    fleet.apply("w1", late, 11.0, 0.5)
    assert [row_of(fleet, station_id).status for station_id in ("CP1", "CP2")] == ["Charging", "stopped"]
    assert (fleet.totals.energy_wh, fleet.totals.earnings) == (111.0, 2.5)


def test_a_station_that_is_gone_keeps_its_energy_and_draws_nothing() -> None:
    fleet = fleet_of("CP1")
    fleet.apply("w1", [Change("CP1", "Charging", 7.0, 1.5)], 0.0, 0.0)
    fleet.gone("CP1")
    row = row_of(fleet, "CP1")
    assert (row.running, row.status, row.usage_kw, row.energy_kwh, row.worker) == (False, "stopped", 0.0, 1.5, "w1")
    assert fleet.running_count == 0
    fleet.gone("CP1")
    fleet.gone("never seen")
    assert fleet.by_status() == {"stopped": 1}


def test_a_station_that_comes_again_begins_with_zeros_elsewhere() -> None:
    fleet = fleet_of("CP1", "CP2")
    fleet.apply("w1", [Change("CP1", "Charging", 7.0, 1.5)], 0.0, 0.0)
    fleet.gone("CP1")
    lease(fleet, "CP1", worker="w2", profile="busy")
    row = row_of(fleet, "CP1")
    assert (row.running, row.status, row.usage_kw, row.energy_kwh) == (True, "connecting", 0.0, 0.0)
    assert (row.worker, row.profile) == ("w2", "busy")
    assert ids(fleet) == ["CP1", "CP2"]
    assert fleet.page(0, 1)[0] == [row]
    assert fleet.lost("w1") == ["CP2"]


def test_a_lease_that_moves_without_a_word_leaves_its_worker() -> None:
    fleet = fleet_of("CP1")
    lease(fleet, "CP1", worker="w2")
    assert fleet.lost("w1") == []
    assert row_of(fleet, "CP1").running
    assert fleet.running_count == 1


def test_a_lost_workers_stations_are_gone() -> None:
    fleet = fleet_of("CP1", "CP2")
    lease(fleet, "CP3", worker="w2")
    fleet.apply("w1", [Change("CP1", "Charging", 7.0, 1.5)], 0.0, 0.0)
    assert fleet.lost("w1") == ["CP1", "CP2"]
    assert fleet.lost("w1") == []
    assert fleet.running_count == 1
    assert fleet.by_status() == {"stopped": 2, "connecting": 1}
    row = row_of(fleet, "CP1")
    assert (row.running, row.usage_kw, row.energy_kwh) == (False, 0.0, 1.5)


def test_a_new_run_begins_with_nothing() -> None:
    fleet = fleet_of("CP1")
    fleet.apply("w1", [], 5.0, 1.0)
    fleet.forget()
    assert fleet.page(0, 10) == ([], 0)
    assert (fleet.get("CP1"), fleet.running_count, fleet.by_status()) == (None, 0, {})
    assert (fleet.totals.energy_wh, fleet.totals.earnings) == (0.0, 0.0)
    fleet.apply("w1", [Change("CP1", "Charging", 7.0, 1.5)], 0.0, 0.0)
    assert fleet.get("CP1") is None


# ---- what workers send


def test_a_change_travels_as_a_list() -> None:
    assert msgspec.to_builtins(Change("CP1", "Faulted", 7.5, 1.25)) == ["CP1", "Faulted", 7.5, 1.25]
    assert msgspec.convert([["CP1", "booting", 0, 1]], list[Change]) == [Change("CP1", "booting", 0.0, 1.0)]


@pytest.mark.parametrize(
    "data",
    [
        ["CP1", "On fire", 0.0, 0.0],
        ["CP1", "Charging", float("nan"), 0.0],
        ["CP1", "Charging", 0.0, float("inf")],
        ["CP1", "Charging", -1.0, 0.0],
        ["CP1", "Charging", "7", 0.0],
        ["x" * 49, "Charging", 0.0, 0.0],
        ["CP1", "Charging", 0.0],
    ],
)
def test_a_change_that_cannot_be_is_refused(data: list[object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, Change)


# ---- pages


def test_ids_are_in_the_order_of_their_numbers() -> None:
    expected = [
        "CP",
        "CP9",
        "CP10",
        "CP10-2",
        "CP10-10",
        "PY-SIM-0001",
        "PY-SIM-9999",
        "PY-SIM-10000",
        "X007",
        "X07",
        "X7",
        "X70",
    ]
    shuffled = random.Random(1).sample(expected, len(expected))
    assert ids(fleet_of(*shuffled)) == expected


def test_a_page_is_a_part_of_those_that_fit_and_says_how_many_there_are() -> None:
    fleet = fleet_of(*(f"CP{number}" for number in range(25)))
    assert ids(fleet, 10, 3) == ["CP10", "CP11", "CP12"]
    assert fleet.page(10, 3)[1] == 25
    assert ids(fleet, 24, 10) == ["CP24"]
    assert fleet.page(25, 10) == ([], 25)
    assert fleet.page(0, 0) == ([], 25)


def test_rows_are_found_by_part_of_the_id_status_and_profile() -> None:
    fleet = fleet_of("DE-berlin-1", "DE-Berlin-2", "FR-1")
    lease(fleet, "FR-berlin", profile="busy")
    fleet.apply("w1", [Change("DE-Berlin-2", "Charging", 1.0, 1.0), Change("FR-1", "Charging", 1.0, 1.0)], 0.0, 0.0)
    assert ids(fleet, q="BERLIN") == ["DE-Berlin-2", "DE-berlin-1", "FR-berlin"]
    assert ids(fleet, status="Charging") == ["DE-Berlin-2", "FR-1"]
    assert ids(fleet, profile="busy") == ["FR-berlin"]
    assert ids(fleet, q="berlin", status="Charging", profile="default") == ["DE-Berlin-2"]
    assert fleet.page(0, 1, Wanted(q="berlin"))[1] == 3
    assert ids(fleet, q="rome") == ids(fleet, status="charging") == ids(fleet, profile="bus") == []


def test_rows_are_found_by_worker_and_by_whether_they_run() -> None:
    fleet = fleet_of("CP1", "CP2")
    lease(fleet, "CP3", worker="w2")
    lease(fleet, "CP10", worker="w2")
    fleet.gone("CP2")
    fleet.gone("CP10")
    assert ids(fleet, worker="w2") == ["CP3", "CP10"]
    assert ids(fleet, running=True) == ["CP1", "CP3"]
    assert ids(fleet, running=False) == ["CP2", "CP10"]
    assert ids(fleet, running=False, worker="w2", q="1", status="stopped", sort="-energy_kwh") == ["CP10"]
    assert ids(fleet, worker="w") == ids(fleet, running=True, status="stopped") == []
    assert len(fleet) == 4


def test_the_power_is_that_of_all_who_run() -> None:
    fleet = fleet_of("CP1", "CP2")
    assert fleet.power_kw == 0
    fleet.apply("w1", [Change("CP1", "Charging", 7.5, 1.0), Change("CP2", "Charging", 11.0, 1.0)], 0.0, 0.0)
    assert fleet.power_kw == 18.5
    fleet.gone("CP1")
    assert fleet.power_kw == 11.0


def test_rows_are_sorted_by_any_key_and_equal_ones_by_id() -> None:
    fleet = fleet_of("CP10", "CP9", "CP1")
    fleet.apply("w1", [Change("CP9", "Charging", 7.0, 3.0), Change("CP1", "Available", 0.0, 3.0)], 0.0, 0.0)
    assert ids(fleet, sort="energy_kwh") == ["CP10", "CP1", "CP9"]
    assert ids(fleet, sort="-energy_percent") == ["CP1", "CP9", "CP10"]
    assert ids(fleet, sort="status") == ["CP1", "CP9", "CP10"]
    assert ids(fleet, sort="-station_id") == ["CP10", "CP9", "CP1"]
    assert ids(fleet, sort="station_id") == ids(fleet) == ["CP1", "CP9", "CP10"]
    for key in ROW_KEYS:
        assert sorted(ids(fleet, sort=key)) == sorted(ids(fleet, sort=f"-{key}")) == ["CP1", "CP10", "CP9"]


@pytest.mark.parametrize("sort", ["energy", "-", "--status", "order", "__class__", "x" * 10_000])
def test_an_unknown_key_to_sort_by_is_refused(sort: str) -> None:
    with pytest.raises(Refused) as refused:
        fleet_of("CP1").page(0, 10, sort=sort)
    assert refused.value.status == 422
    assert refused.value.detail.startswith("sort: no key ")
    assert "energy_kwh" in refused.value.detail
    assert len(refused.value.detail) < 300


def test_asking_changes_nothing() -> None:
    fleet = fleet_of("CP1", "CP2", "CP3")
    fleet.page(0, 10)[0].clear()
    fleet.page(0, 10, sort="-station_id")[0].clear()
    fleet.by_status().clear()
    assert ids(fleet) == ["CP1", "CP2", "CP3"]


def natural(station_id: str) -> tuple[list[tuple[int, int, str]], str]:
    """The plainest natural order: numbers as numbers, before other characters."""
    parts = re.findall(r"[0-9]+|[^0-9]", station_id)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], station_id


@given(st.lists(st.from_regex(r"[AB0-9][AB0-9_]{0,8}", fullmatch=True), unique=True, max_size=20))
def test_the_order_is_the_natural_one(station_ids: list[str]) -> None:
    assert ids(fleet_of(*station_ids)) == sorted(station_ids, key=natural)


# ---- against a model

IDS = st.sampled_from(["CP1", "CP2", "CP10", "CP11"])
WORKERS = st.sampled_from(["w1", "w2"])
STATUSES = st.sampled_from(["booting", "Available", "Charging", "Faulted"])


class Following(RuleBasedStateMachine):
    """The plainest model: a dict of what is said last, and by whom it may be said."""

    @initialize()
    def begin(self) -> None:
        self.fleet = Fleet()
        self.shown: dict[str, tuple[bool, str, float, float]] = {}
        self.worker: dict[str, str] = {}
        self.energy_wh = 0.0

    @rule(station_id=IDS, worker=WORKERS)
    def leased(self, station_id: str, worker: str) -> None:
        lease(self.fleet, station_id, worker)
        self.shown[station_id], self.worker[station_id] = (True, "connecting", 0.0, 0.0), worker

    @rule(worker=WORKERS, station_ids=st.lists(IDS), status=STATUSES, usage_kw=st.integers(0, 9))
    def report(self, worker: str, station_ids: list[str], status: str, usage_kw: int) -> None:
        data = [[station_id, status, usage_kw, usage_kw * 2] for station_id in station_ids]
        self.fleet.apply(worker, msgspec.convert(data, list[Change]), 1.0, 0.5)
        self.energy_wh += 1.0
        for station_id in station_ids:
            if self.worker.get(station_id) == worker and self.shown[station_id][0]:
                self.shown[station_id] = (True, status, usage_kw, usage_kw * 2)

    @rule(station_id=IDS)
    def gone(self, station_id: str) -> None:
        self.fleet.gone(station_id)
        if station_id in self.shown:
            self.shown[station_id] = (False, "stopped", 0.0, self.shown[station_id][3])

    @rule(worker=WORKERS)
    def lost(self, worker: str) -> None:
        expected = {key for key, row in self.shown.items() if row[0] and self.worker[key] == worker}
        assert set(self.fleet.lost(worker)) == expected
        for station_id in expected:
            self.shown[station_id] = (False, "stopped", 0.0, self.shown[station_id][3])

    @rule()
    def forget(self) -> None:
        self.fleet.forget()
        self.begin_model()

    def begin_model(self) -> None:
        self.shown, self.worker, self.energy_wh = {}, {}, 0.0

    @invariant()
    def rows_agree(self) -> None:
        rows, total = self.fleet.page(0, 10)
        found = {row.station_id: (row.running, row.status, row.usage_kw, row.energy_kwh) for row in rows}
        assert found == self.shown
        assert [row.station_id for row in rows] == sorted(self.shown, key=natural)
        assert total == len(self.shown)
        assert {row.station_id: row.worker for row in rows} == self.worker
        assert all(self.fleet.get(row.station_id) is row for row in rows)

    @invariant()
    def counts_agree(self) -> None:
        statuses = [row[1] for row in self.shown.values()]
        assert self.fleet.by_status() == {status: statuses.count(status) for status in statuses}
        assert self.fleet.running_count == sum(row[0] for row in self.shown.values())
        assert self.fleet.totals.energy_wh == self.energy_wh
        assert self.fleet.totals.earnings == self.energy_wh * 0.5


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=50, stateful_step_count=40)
