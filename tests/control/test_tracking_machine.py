"""Stations under whatever happens, in any order: every Wh is accounted once, at the price that held, and rows are true.

The truth is read from the stations' meters at every price change; the tracker sees facts only, some of them late.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from evsim_locust.control.fleet import Change
from evsim_locust.control.tracked import row_of
from evsim_locust.control.tracking import Tracker
from evsim_locust.station import commands
from evsim_locust.station.commands import CommandRefused
from tests.control.following import Followed
from tests.station.bench import Bench, Refuse

STATIONS = st.sampled_from(["A", "B"])
CONNECTORS = st.sampled_from([1, 2])
SIMPLE = [commands.PlugIn, commands.PlugOut, commands.SuspendEV, commands.ResumeEV, commands.StopCharging]


class TrackingMachine(RuleBasedStateMachine):
    """Two ids, each with one station after another."""

    def __init__(self) -> None:
        super().__init__()
        self.tracker, self.price = Tracker(), 20.0
        self.now = 1000.0
        self.benches: dict[str, Followed] = {}
        self.lost_wh = 0  # by stations that are gone
        self.priced_wh, self.owed = 0, 0.0  # up to the last price change
        self.energy_wh, self.earnings = 0, 0.0
        self.table: dict[str, Change] = {}
        for name in ("A", "B"):
            self.begin(name)

    def begin(self, name: str) -> None:
        bench = Bench(connectors=2, config={"MeterValueSampleInterval": "15"})
        bench.now = self.now
        bench.tags = {"BLOCKED": {"status": "Blocked"}}
        self.benches[name] = Followed(self.tracker, bench, name)

    def delivered_wh(self) -> int:
        return self.lost_wh + sum(station.delivered_wh() for station in self.benches.values())

    def tell(self) -> None:
        for station in self.benches.values():
            station.tell()

    def do(self, name: str, *wanted: commands.Command) -> None:
        with suppress(CommandRefused):
            self.benches[name].bench.do(*wanted)

    # ---- rules

    @rule(name=STATIONS, kind=st.sampled_from(SIMPLE), connector_id=CONNECTORS)
    def act(self, name: str, kind: Any, connector_id: int) -> None:
        self.do(name, kind(connector_id=connector_id))

    @rule(name=STATIONS, connector_id=CONNECTORS, power_w=st.sampled_from([3600.0, 11_000.0, 50_000.0]))
    def begin_a_session(self, name: str, connector_id: int, power_w: float) -> None:
        self.do(name, commands.PlugIn(connector_id))
        self.do(name, commands.Swipe("TAG", connector_id), commands.Meter(connector_id, power_w=power_w))
        self.tracker.touch(self.benches[name].tracked)

    @rule(name=STATIONS, connector_id=CONNECTORS, id_tag=st.sampled_from(["TAG", "BLOCKED"]))
    def swipe(self, name: str, connector_id: int, id_tag: str) -> None:
        self.do(name, commands.Swipe(id_tag, connector_id))

    @rule(name=STATIONS, connector_id=CONNECTORS)
    def the_register_jumps(self, name: str, connector_id: int) -> None:
        bench = self.benches[name].bench
        register_wh = bench.connector(connector_id).meter.read_wh(bench.now)
        self.do(name, commands.Meter(connector_id, energy_wh=register_wh + 10.0))

    @rule(name=STATIONS, connector_id=CONNECTORS)
    def sample(self, name: str, connector_id: int) -> None:
        self.do(name, commands.SampleMeter(connector_id))

    @rule(name=STATIONS, broken=st.booleans(), connector_id=st.sampled_from([0, 1, 2]))
    def fault(self, name: str, broken: bool, connector_id: int) -> None:
        self.do(
            name, commands.RaiseFault("GroundFailure", connector_id) if broken else commands.ClearFault(connector_id)
        )

    @rule(name=STATIONS, up=st.booleans())
    def network(self, name: str, up: bool) -> None:
        bench = self.benches[name].bench
        if up:
            bench.connect()
        else:
            bench.drop()

    @rule(name=STATIONS, wish=st.sampled_from([commands.Disconnect(), commands.Connect()]))
    def wish(self, name: str, wish: commands.Command) -> None:
        self.do(name, wish)
        self.tracker.touch(self.benches[name].tracked)

    @rule(name=STATIONS, script=st.sampled_from([Refuse(), {"transactionId": 7, "idTagInfo": {"status": "Invalid"}}]))
    def the_next_start_is_refused(self, name: str, script: Any) -> None:
        self.benches[name].bench.script["StartTransaction"] = [script]

    @rule(name=STATIONS, interval_s=st.sampled_from(["0", "5", "900"]))
    def sample_interval(self, name: str, interval_s: str) -> None:
        self.do(name, commands.Configure("MeterValueSampleInterval", interval_s))

    @rule(seconds=st.sampled_from([0.5, 3.0, 16.0, 31.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        for station in self.benches.values():
            station.bench.advance(seconds)

    @rule(price=st.sampled_from([1.0, 20.0, 33.3]))
    def the_price_changes(self, price: float) -> None:
        self.tell()
        delivered_wh = self.delivered_wh()
        self.owed += (delivered_wh - self.priced_wh) / 1000.0 * self.price
        self.priced_wh = delivered_wh
        self.tracker.settle(self.now, self.price)
        self.price = price

    @rule()
    def facts_are_told(self) -> None:
        self.tell()

    @rule()
    def settle_before_facts_are_told(self) -> None:
        """Facts may be late: nothing may be accounted twice or lost for that, at whatever price."""
        self.tracker.settle(self.now, self.price)

    @rule()
    def report(self) -> None:
        report = self.tracker.report(self.now, self.price)
        assert report.energy_wh >= 0
        assert report.earnings >= 0.0
        self.energy_wh += report.energy_wh
        self.earnings += report.earnings
        for change in report.changes:
            self.table[change.station_id] = change

    @rule()
    def rows_are_true(self) -> None:
        """Facts keep the table true, but for what is done by hand and no fact tells: that is touched."""
        self.tell()
        self.report()
        assert self.table == {name: row_of(station.tracked) for name, station in self.benches.items()}
        self.tracker.settle(self.now, self.price)
        self.report()
        assert self.energy_wh == self.delivered_wh()

    @rule(name=STATIONS, killed=st.booleans())
    def a_station_ends(self, name: str, killed: bool) -> None:
        station = self.benches[name]
        if not killed:
            self.do(name, commands.ShutDown(10.0))
        station.tell()
        self.lost_wh += station.delivered_wh()
        station.bench.station.wake(self.now)
        self.tracker.forget(station.tracked)
        self.begin(name)

    # ---- invariants

    @invariant()
    def nothing_is_accounted_that_was_not_delivered(self) -> None:
        assert self.energy_wh <= self.delivered_wh()

    def teardown(self) -> None:
        """In the end all is accounted, at the prices that held."""
        self.the_price_changes(1.0)
        self.report()
        assert self.energy_wh == self.delivered_wh()
        assert self.earnings == pytest.approx(self.owed, abs=1e-6)


TrackingMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestTrackingMachine = TrackingMachine.TestCase
