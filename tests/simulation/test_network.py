"""Latency and faults of the network: frames cross, links break, and the book of the central system stays true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from evsim_locust.behaviour.streams import stream
from evsim_locust.ocppj.events import CallEnded
from evsim_locust.ocppj.v16.messages import RemoteStartTransaction, RemoteStopTransaction, Reset, TriggerMessage
from evsim_locust.simulation import (
    CutLink,
    Direction,
    Fault,
    Latency,
    LoseAnswers,
    RefuseLinks,
    Simulation,
    StationNotConnected,
)
from evsim_locust.station.commands import Command, CommandRefused, Connect, Disconnect, PlugIn, StopCharging, Swipe
from evsim_locust.station.events import CallHandled, LogLine, MessageDropped, TransactionStopped
from evsim_locust.station.settings import Settings
from evsim_locust.transport.backoff import BackoffPolicy
from tests.simulation.days import DAY_S, PROFILES, STATIONS, Checked, Day

MANUAL = PROFILES["manual"]


class Talker:
    """A core that says what it is told to and keeps what it hears; each verb with its time."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, str]] = []
        self.deadlines: list[float] = []
        self.outbox: list[bytes] = []
        self.wants_link, self.finished = True, False

    def connected(self, now: float) -> None:
        self.heard.append((now, "connected"))

    def disconnected(self, now: float, code: str) -> None:
        self.heard.append((now, code))

    def receive(self, text: str, now: float) -> None:
        self.heard.append((now, text[:3]))

    def command(self, command: Command, now: float) -> None:
        self.outbox += [b'[2,"%d","Heartbeat",{}]' % number for number in range(5)]

    def wake(self, now: float) -> None:
        self.deadlines = [at for at in self.deadlines if at > now]
        self.heard.append((now, "woken"))

    def next_deadline(self) -> float:
        return min(self.deadlines, default=float("inf"))

    def take_outbox(self) -> Sequence[bytes]:
        outbox, self.outbox = self.outbox, []
        return outbox

    def take_events(self) -> Sequence[object]:
        return ()


def test_a_core_of_ones_own_is_connected_woken_and_answered_in_order() -> None:
    talker = Talker()
    talker.deadlines = [3.0, 5.0]
    simulation = Simulation(seed=1, latency=Latency((0.5, 1.0), (0.0, 0.5)))
    simulation.join("S-1", talker)
    simulation.run_for(2)
    assert [what for _, what in talker.heard] == ["connected"]
    assert 0.5 <= talker.heard[0][0] <= 1.5
    simulation.command("S-1", Connect())
    simulation.run_for(8)
    assert [what for _, what in talker.heard if what != "connected"].count("[3,") == 5
    assert [at for at, what in talker.heard if what == "woken"] == [3.0, 5.0]


def test_texts_never_overtake_each_other_in_one_direction() -> None:
    checked = Checked()
    simulation = Simulation(seed=2, latency=Latency((0.0, 10.0), (0.0, 10.0)), transcript=checked)
    talker = Talker()
    simulation.join("S-1", talker)
    simulation.run_for(30)
    simulation.command("S-1", Connect())
    simulation.run_for(60)
    arrivals = [at for at, what in talker.heard if what == "[3,"]
    assert arrivals == sorted(arrivals)
    assert len(arrivals) == 5
    log = simulation.central_system.messages.rows()
    assert [row["frame"][4] for row in log if row["direction"] == "in"] == ["0", "1", "2", "3", "4"]


def charging(seed: int) -> tuple[Simulation, int]:
    """A simulation in which S-1 charges by hand, and the transaction's id."""
    simulation = Simulation(seed=seed)
    simulation.add("S-1", MANUAL)
    simulation.run_for(5)
    simulation.command("S-1", PlugIn())
    simulation.command("S-1", Swipe("ABC123"))
    simulation.run_for(5)
    (row,) = simulation.central_system.book.rows()
    assert row.status == "open"
    return simulation, row.transaction_id


def test_a_remote_stop_and_a_local_stop_meet_in_both_orders() -> None:
    reasons = Counter[str | None]()
    for seed in range(30):
        simulation, transaction_id = charging(seed)
        here: list[str] = []

        def stop_here(simulation: Simulation = simulation, here: list[str] = here) -> None:
            try:
                simulation.command("S-1", StopCharging())
            except CommandRefused as refused:
                here.append(str(refused))

        simulation.call("S-1", RemoteStopTransaction(transaction_id=transaction_id))
        simulation.at(simulation.now + 0.05, stop_here)
        simulation.run_for(5)
        (ended,) = [fact for _, fact in simulation.transcript.noted["S-1"] if isinstance(fact, CallEnded)]
        (row,) = simulation.central_system.book.rows()
        assert row.status == "stopped"
        came_late = ["no transaction runs on connector 1"]
        assert (row.reason, ended.answer.status, here) in [("Remote", "Accepted", came_late), ("Other", "Rejected", [])]
        reasons[row.reason] += 1
    assert min(reasons["Remote"], reasons["Other"]) >= 5


# ---- links that break


@pytest.mark.parametrize(("cut_after_s", "reached"), [(0.5, 0), (1.5, 5)])
def test_what_is_on_its_way_when_the_link_is_cut_is_lost_either_way(cut_after_s: float, reached: int) -> None:
    simulation, talker = Simulation(seed=1, latency=Latency((1.0, 1.0), (1.0, 1.0))), Talker()
    simulation.join("S-1", talker)
    simulation.run(10.0)
    simulation.command("S-1", Connect())
    simulation.strike(CutLink(10.0 + cut_after_s))
    simulation.run(60.0)
    (row,) = simulation.central_system.station_rows()
    assert row["received"] == reached
    assert [what for _, what in talker.heard] == ["connected", "1006", "connected"]


@pytest.mark.parametrize(("lived_s", "waits_s"), [(3.0, [1.0, 2.0, 4.0, 8.0]), (11.0, [1.0, 1.0, 1.0, 1.0])])
def test_only_a_link_that_lived_for_a_while_ends_the_growth_of_the_back_off(
    lived_s: float, waits_s: list[float]
) -> None:
    simulation, talker = (
        Simulation(1, latency=Latency((0, 0), (0, 0)), backoff=BackoffPolicy("ocpp201", range_s=0)),
        Talker(),
    )
    simulation.join("S-1", talker)
    simulation.run(0.0)
    for _ in waits_s:
        simulation.run_for(lived_s)
        simulation.strike(CutLink(simulation.now))
        simulation.run_for(0.0)
        while not simulation.central_system.connected_count:
            simulation.run_for(0.5)
    times = [at for at, _ in talker.heard][1:]
    assert [back - lost for lost, back in zip(times[::2], times[1::2], strict=True)] == waits_s


def test_a_cut_link_is_noticed_by_both_ends_and_comes_back() -> None:
    simulation = Simulation(seed=1, backoff=BackoffPolicy("fixed", min_s=5.0))
    simulation.add("S-1", MANUAL)
    simulation.strike(CutLink(at_s=100.0))
    simulation.run(100.5)
    assert simulation.central_system.connected_count == 0
    with pytest.raises(StationNotConnected, match="S-1"):
        simulation.call("S-1", Reset(type="Soft"))
    simulation.run(104.9)
    assert simulation.central_system.connected_count == 0
    simulation.run(105.5)
    assert simulation.central_system.connected_count == 1
    (row,) = simulation.central_system.station_rows()
    assert row["connections"] == 2
    boots = [fact for _, fact in simulation.transcript.told["S-1"] if fact == LogLine("BootNotification sent")]
    assert len(boots) == 1  # a reconnection is no boot


def test_the_central_system_may_believe_in_the_old_link_when_the_station_is_back() -> None:
    simulation = Simulation(seed=1, backoff=BackoffPolicy("fixed", min_s=5.0))
    simulation.add("S-1", MANUAL)
    simulation.strike(CutLink(at_s=100.0, unnoticed_s=60.0))
    simulation.run(104.0)
    simulation.call("S-1", TriggerMessage(requested_message="Heartbeat"))  # into the void
    assert simulation.central_system.connected_count == 1
    simulation.run(200.0)
    assert simulation.central_system.connected_count == 1
    ((at, ended),) = simulation.transcript.noted["S-1"]
    assert isinstance(ended, CallEnded)
    assert (ended.error, at) == ("Timeout", 134.0)


def test_refused_stations_back_off_until_they_are_let_in() -> None:
    simulation = Simulation(seed=1, backoff=BackoffPolicy("exponential", min_s=1.0, max_s=20.0))
    simulation.add("S-1", MANUAL)
    simulation.add("S-2", MANUAL)
    simulation.strike(RefuseLinks(at_s=0.0, for_s=300.0, station_id="S-1"))
    simulation.run(300.0)
    assert [row["station_id"] for row in simulation.central_system.station_rows()] == ["S-2"]
    simulation.run(321.0)
    assert simulation.central_system.connected_count == 2


def test_a_refused_station_that_wants_no_link_any_more_stays_away_until_it_does() -> None:
    simulation = Simulation(seed=1, backoff=BackoffPolicy("fixed", min_s=50.0))
    simulation.add("S-1", MANUAL)
    simulation.strike(RefuseLinks(at_s=0.0, for_s=10.0))
    simulation.run(20.0)
    simulation.command("S-1", Disconnect())
    simulation.run(100.0)
    assert simulation.central_system.station_rows() == []
    simulation.command("S-1", Connect())
    simulation.run(101.0)
    assert simulation.central_system.connected_count == 1
    simulation.command("S-1", Disconnect())
    simulation.run(102.0)
    simulation.command("S-1", Connect())
    simulation.run(102.001)
    simulation.command("S-1", Disconnect())  # while the attempt is under way
    simulation.run(110.0)
    assert simulation.central_system.connected_count == 0


def test_a_cut_while_the_station_closes_is_no_second_end() -> None:
    simulation = Simulation(seed=1)
    simulation.add("S-1", MANUAL)
    simulation.run(10.0)
    simulation.strike(CutLink(at_s=10.0))
    simulation.run(10.0)
    simulation.command("S-1", Disconnect())
    simulation.strike(CutLink(at_s=10.0), LoseAnswers(at_s=10.0))  # there is no link to strike
    simulation.run(20.0)
    assert simulation.central_system.connected_count == 0


class LosesTheStart(Checked):
    """The answer to the first StartTransaction is lost."""

    simulation: Simulation

    def frame(self, now: float, station_id: str, direction: Direction, text: bytes) -> None:
        super().frame(now, station_id, direction, text)
        if b'"StartTransaction"' in text and self.kinds_seen["StartTransaction"] == 1:
            self.simulation.strike(LoseAnswers(now, 1, station_id))


def test_a_lost_answer_is_a_timeout_and_the_start_is_recognised_when_it_comes_again() -> None:
    transcript = LosesTheStart()
    transcript.simulation = simulation = Simulation(seed=1, transcript=transcript)
    simulation.add("S-1", MANUAL)
    simulation.run(5.0)
    simulation.command("S-1", PlugIn())
    simulation.command("S-1", Swipe("ABC123"))
    simulation.run(60.0)
    assert [row.status for row in simulation.central_system.book.rows()] == ["open"]
    ended = [fact for _, fact in transcript.told["S-1"] if isinstance(fact, CallEnded)]
    failed = [(fact.action, fact.error) for fact in ended if fact.error is not None]
    assert failed == [("StartTransaction", "Timeout")]
    (station,) = simulation.central_system.station_rows()
    assert station["findings"]["retransmitted"] == 1


def test_what_crosses_a_close_is_not_heard_and_the_call_ends_with_its_code() -> None:
    simulation = Simulation(seed=1, latency=Latency((1.0, 1.0), (1.0, 1.0)))
    simulation.add("S-1", MANUAL)
    simulation.run(30.0)
    simulation.call("S-1", TriggerMessage(requested_message="BootNotification"))
    simulation.command("S-1", Disconnect())
    simulation.run(90.0)
    assert simulation.transcript.frames == simulation.central_system.messages.rows()[-1]["n"]
    ((at, ended),) = simulation.transcript.noted["S-1"]
    assert isinstance(ended, CallEnded)
    assert (at, ended.error) == (31.0, "1000")
    handled = [fact for _, fact in simulation.transcript.told["S-1"] if isinstance(fact, CallHandled)]
    assert handled == []


# ---- a day of it


class Unlucky(Checked):
    """Breaks the link, or loses the answer, just when every third transaction begins or ends."""

    def __init__(self) -> None:
        super().__init__()
        self.simulation: Simulation | None = None
        self.struck = 0
        self._moments = stream(5, "unlucky", "faults")

    def frame(self, now: float, station_id: str, direction: Direction, text: bytes) -> None:
        super().frame(now, station_id, direction, text)
        critical = b'"StartTransaction"' in text or b'"StopTransaction"' in text
        if critical and self.simulation is not None and self._moments.chance(1 / 3):
            at_s = now + self._moments.uniform(0.0, 0.2)  # before it arrives, or while the answer is on its way
            faults: tuple[Fault, ...] = (CutLink(at_s, station_id), LoseAnswers(now, 1, station_id))
            self.simulation.strike(self._moments.choice(faults))
            self.struck += 1


def test_a_day_of_broken_links_loses_and_duplicates_no_transaction() -> None:
    checked = Unlucky()
    settings = Settings(configuration={"MeterValueSampleInterval": "60"})
    checked.simulation = simulation = Simulation(seed=5, settings=settings, transcript=checked)
    moments = stream(5, "fleet", "faults")
    for name in STATIONS:
        simulation.add(name, PROFILES["busy"])
        for _ in range(150):
            simulation.strike(CutLink(moments.uniform(60, DAY_S), name, moments.choice((0.0, 0.0, 45.0))))
        for _ in range(12):
            at_s = moments.uniform(60, DAY_S)
            simulation.strike(CutLink(at_s, name), RefuseLinks(at_s, 600.0, name))
    simulation.run(DAY_S)
    simulation.shut_down(within_s=900.0)
    told = Day(simulation, checked)
    assert checked.struck > 50
    assert {row.status for row in told.rows} == {"stopped"}
    for name in STATIONS:
        said = sorted((fact.id_tag, fact.energy_wh, fact.reason) for _, fact in told.told(TransactionStopped, name))
        rows = [row for row in told.rows if row.station_id == name]
        assert sorted((row.id_tag, (row.meter_stop or 0) - row.meter_start, row.reason) for row in rows) == said
        assert len(said) > 80
    findings = told.findings()
    assert min(findings.pop("retransmitted"), findings.pop("repeated_stops")) > 10
    assert +findings == {}
    assert told.told(MessageDropped) == []
    assert (checked.violations, checked.call_errors) == ([], [])
    assert min(row["connections"] for row in simulation.central_system.station_rows()) > 150


def test_remote_starts_over_a_slow_network_are_served_by_a_driver() -> None:
    simulation = Simulation(seed=3, latency=Latency((0.5, 3.0), (0.5, 3.0)))
    simulation.environment.change(price=99.0)  # nobody comes by themselves
    simulation.add("S-1", PROFILES["default"])
    simulation.run(100.0)
    simulation.environment.change(price=20.0)
    simulation.call("S-1", RemoteStartTransaction(id_tag="APP", connector_id=1))
    simulation.run(130.0)
    assert [row.id_tag for row in simulation.central_system.book.rows()] == ["APP"]
