"""A worker's rows, energy and earnings: each fact by itself, then a day of drivers held against the central system."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from evsim_locust.control.fleet import Change
from evsim_locust.control.tracking import Tracked, Tracker
from evsim_locust.simulation import CutLink, Simulation, Transcript
from evsim_locust.station import commands
from evsim_locust.station.commands import Meter, PlugIn, SampleMeter, Swipe
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.events import LogLine, MeterSampled, TransactionStarted, TransactionStopped
from evsim_locust.station.settings import Identity, Settings
from evsim_locust.station.station import Station
from evsim_locust.transport.events import OpenEnded
from tests.behaviour.driving import profile
from tests.control.following import PRICE, Followed, charge, followed, rows
from tests.station.bench import SILENT, booted

NOTHING = ([], 0, 0.0)


# ---- what changed


def test_a_station_is_reported_once_when_it_comes_and_then_when_it_changes() -> None:
    bench = booted()
    station = Followed(Tracker(), bench)
    assert rows(station) == [Change("CS-1", "Available", 0.0, 0.0)]
    assert rows(station) == []
    bench.do(PlugIn())
    assert rows(station) == [Change("CS-1", "Preparing", 0.0, 0.0)]


def test_an_idle_station_is_never_in_a_report() -> None:
    bench = booted(interval=60)
    station = followed(bench)
    bench.advance(3600)
    assert len(bench.sent("Heartbeat")) == 60
    station.tell()
    assert station.tracker.report(bench.now, PRICE) == NOTHING


def test_what_was_there_and_gone_between_two_reports_is_no_change() -> None:
    bench = booted()
    station = followed(bench)
    bench.do(PlugIn(), commands.PlugOut())
    assert rows(station) == []


def test_a_touched_station_is_reported_though_nothing_told_of_a_change() -> None:
    bench = booted()
    charge(bench)
    station = followed(bench)
    bench.do(Meter(power_w=7200.0))
    assert rows(station) == []
    station.tracker.touch(station.tracked)
    assert [row.usage_kw for row in rows(station)] == [7.2]
    station.tracker.touch(station.tracked)
    assert len(rows(station)) == 1


def test_facts_that_change_no_row_are_passed_over() -> None:
    station = followed(booted())
    station.tracker.note(station.tracked, LogLine("Heartbeat sent"))
    station.tracker.note(station.tracked, object())
    assert rows(station) == []


# ---- energy and earnings


def test_energy_and_earnings_are_those_since_the_last_report() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    bench.advance(15)
    station.tell()
    assert station.tracker.report(bench.now, 20.0)[1:] == (15, pytest.approx(0.3))
    assert station.tracker.report(bench.now, 20.0) == NOTHING
    bench.advance(10)
    bench.do(Swipe("TAG"))
    station.tell()
    assert station.tracker.report(bench.now, 10.0)[1:] == (10, pytest.approx(0.1))


def test_a_new_price_holds_for_what_is_delivered_from_then_on() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    bench.advance(20)
    station.tell()
    station.tracker.settle(bench.now, 20.0)  # 15 Wh were sampled, 5 are read
    bench.advance(20)
    station.tell()  # sampled 10 s after the price changed; the other 10 s are not sampled yet
    assert station.tracker.report(bench.now, 100.0)[1:] == (30, pytest.approx(0.4 + 1.0))
    bench.do(Swipe("TAG"))
    station.tell()
    assert station.tracker.report(bench.now, 100.0)[1:] == (10, pytest.approx(1.0))


def test_a_session_that_nobody_samples_is_read_every_30_seconds() -> None:
    bench = booted(config={"MeterValueSampleInterval": "0"})
    station = followed(bench)
    charge(bench)
    reports = []
    for _ in range(30):
        bench.advance(3)
        station.tell()
        reports.append(station.tracker.report(bench.now, PRICE))
    assert [report.energy_wh for report in reports if report.energy_wh] == [30, 30, 30]
    assert [row.energy_kwh for report in reports for row in report.changes] == [0.0, 0.03, 0.06, 0.09]


def test_a_sample_that_is_older_than_the_last_reading_adds_nothing() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    station.tell()
    bench.advance(10)
    station.tracker.settle(bench.now, PRICE)
    station.tracker.note(station.tracked, MeterSampled(1, 4, 3600.0))  # it was on its way
    assert station.tracker.report(bench.now, PRICE).energy_wh == 10


def test_a_session_that_began_unheard_of_is_not_taken_for_the_one_before() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    bench.advance(40)
    station.tell()  # 30 Wh are sampled
    bench.do(Swipe("TAG"), Swipe("TAG"), Meter(power_w=3600.0))
    bench.advance(50)
    station.tracker.settle(bench.now, PRICE)
    assert station.tracker.report(bench.now, PRICE).energy_wh == 30
    station.tell()
    station.tracker.settle(bench.now, PRICE)
    assert station.tracker.report(bench.now, PRICE).energy_wh == 10 + 50


def test_a_sample_before_the_central_systems_word_is_accounted() -> None:
    bench = booted()
    bench.script["StartTransaction"] = SILENT
    station = followed(bench)
    bench.do(PlugIn(), Swipe("TAG"), Meter(energy_wh=7), SampleMeter(), Meter(energy_wh=9))
    assert [(row.status, row.energy_kwh) for row in rows(station)] == [("Preparing", 0.007)]
    bench.answer()
    assert bench.seen(TransactionStarted)[0].meter_start_wh == 0
    station.tell()
    station.tracker.settle(bench.now, PRICE)
    assert [(row.status, row.energy_kwh) for row in rows(station)] == [("Charging", 0.009)]


# ---- the end


def test_a_killed_station_leaves_its_energy_behind() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    bench.advance(15)
    station.tell()
    bench.now += 5
    bench.station.wake(bench.now)
    station.tracker.forget(station.tracked)
    assert station.tracker.report(bench.now, PRICE) == ([Change("CS-1", "stopped", 0.0, 0.02)], 20, pytest.approx(0.4))


def test_facts_that_nobody_published_are_taken_from_the_station_when_it_goes() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    station.tell()
    bench.now += 5
    bench.station.command(Swipe("TAG"), bench.now)
    station.tracker.forget(station.tracked)
    assert station.tracker.report(bench.now, PRICE)[:2] == ([Change("CS-1", "stopped", 0.0, 0.005)], 5)


def test_late_facts_of_a_station_that_is_gone_change_nothing() -> None:
    bench = booted()
    station = followed(bench)
    station.tracker.forget(station.tracked)
    assert [row.status for row in rows(station)] == ["stopped"]
    station.tracker.note(station.tracked, TransactionStopped(1, "TAG", 1, "Local", 100))
    station.tracker.touch(station.tracked)
    assert station.tracker.report(bench.now, PRICE) == NOTHING


def test_an_id_that_is_used_again_is_reported_in_order() -> None:
    tracker = Tracker()
    first, second = Followed(tracker, booted()), booted()
    tracker.report(0.0, PRICE)
    first.bench.do(PlugIn())
    first.tell()
    tracker.forget(first.tracked)
    Followed(tracker, second)
    assert [row.status for row in tracker.report(0.0, PRICE).changes] == ["stopped", "Available"]


def test_a_station_of_an_earlier_run_may_end_in_the_next() -> None:
    bench = booted()
    station = followed(bench)
    charge(bench)
    station.tell()
    fresh = Tracker()
    fresh.forget(station.tracked)
    fresh.settle(bench.now, PRICE)
    assert [row.status for row in fresh.report(bench.now, PRICE).changes] == ["stopped"]


# ---- what it costs


def test_an_idle_station_costs_a_quarter_of_a_kibibyte() -> None:
    settings = Settings()
    shared = shared_values({}, 1)
    stations = [Station(Identity(f"S-{n}"), settings, shared, _NoDraws(), 0.0) for n in range(1000)]
    tracker, tracked = Tracker(), []
    gc.collect()
    tracemalloc.start()
    try:
        for station in stations:
            tracked.append(tracker.watch(station.station_id, station))
            tracker.note(tracked[-1], OpenEnded(None, 0.1))
        assert len(tracker.report(0.0, PRICE).changes) == 1000
        gc.collect()
        cost, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 50 < cost / 1000 < 256


class _NoDraws:
    def uniform(self, a: float, b: float, /) -> float:
        raise AssertionError("nothing is drawn before the first connection")


# ---- a day of drivers, held against the central system's books


class Told(Transcript):
    """Tells a tracker what stations tell, and reports every 3 s."""

    def __init__(self) -> None:
        super().__init__(kinds=())
        self.tracker = Tracker()
        self.tracked: dict[str, Tracked] = {}
        self.table: dict[str, Change] = {}
        self.energy_wh, self.earnings = 0, 0.0

    def tell(self, now: float, station_id: str, event: object) -> None:
        if station_id in self.tracked:
            self.tracker.note(self.tracked[station_id], event)

    def take(self, now: float, price: float) -> None:
        report = self.tracker.report(now, price)
        assert report.energy_wh >= 0
        self.energy_wh += report.energy_wh
        self.earnings += report.earnings
        self.table |= {change.station_id: change for change in report.changes}


def test_a_working_day_adds_up_to_the_central_systems_books() -> None:
    told = Told()
    simulation = Simulation(seed=3, settings=Settings(connectors=2), transcript=told)
    busy = profile(idle_s=(10, 60), dwell_min=(2, 20), sample_energy_wh=(50, 200))
    for name in ("S-1", "S-2", "S-3"):
        told.tracked[name] = told.tracker.watch(name, simulation.add(name, busy))
    simulation.strike(CutLink(at_s=2000.0), CutLink(at_s=5000.0, station_id="S-2"))
    prices = [simulation.environment.price]

    def reprice(price: float) -> None:
        told.tracker.settle(simulation.now, simulation.environment.price)
        simulation.environment.change(price=price)
        prices.append(price)

    for number in range(1, 20):
        simulation.at(number * 371.0, lambda price=5.0 + number: reprice(price))
    for number in range(2400):
        simulation.at(number * 3.0, lambda: told.take(simulation.now, simulation.environment.price))
    simulation.run(7200.0)
    simulation.shut_down()
    for tracked in told.tracked.values():
        told.tracker.forget(tracked)
    told.take(simulation.now, simulation.environment.price)
    books = simulation.central_system.book.rows()
    assert len(books) > 20
    assert {transaction.status for transaction in books} == {"stopped"}
    assert told.energy_wh == sum((entry.meter_stop or 0) - entry.meter_start for entry in books)
    assert min(prices) < told.earnings / (told.energy_wh / 1000) < max(prices)
    assert {name: change.status for name, change in told.table.items()} == dict.fromkeys(told.tracked, "stopped")


def test_a_session_that_ends_costs_what_its_energy_earned() -> None:
    ended: list[tuple[str, int, float, float]] = []
    tracker = Tracker(
        20.0,
        lambda tracked, session, event: ended.append(
            (tracked.station_id, event.energy_wh, session.cost, session.price)
        ),
    )
    bench = booted()
    station = Followed(tracker, bench)
    charge(bench)
    bench.advance(10)
    station.tell()
    tracker.settle(bench.now, 20.0)  # 10 Wh
    tracker.price = 50.0
    bench.advance(20)
    bench.do(Swipe("TAG"))
    station.tell()
    assert ended == [("CS-1", 30, pytest.approx(0.2 + 1.0), 20.0)]
    assert tracker.report(bench.now, 50.0).earnings == pytest.approx(1.2)
