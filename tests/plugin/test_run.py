"""What the stations of a run share: draws that repeat, profiles, and what a lease says of a station."""

from __future__ import annotations

from csms.central_system import CentralSystem
from evsim_locust.behaviour.environment import Conditions
from evsim_locust.behaviour.identity import Lease, StationRow
from evsim_locust.behaviour.session import sessions
from evsim_locust.behaviour.simulated_station import SimulatedStation
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.run import Run, clock

HOUR_S = 3600.0


def run_of(**given: str) -> Run:
    return Run(read_options({"peak_hours": "none", **given}, "ws://127.0.0.1:9000/ocpp"))


def lease(number: int, run: Run | None = None, profile: str = "", row: StationRow | None = None) -> Lease:
    naming = (run or run_of()).options.naming
    return Lease(naming.id_of(number), number - naming.start, profile, row)


def hour_of(station: SimulatedStation) -> list[tuple[float, str]]:
    """What a station tells in an hour of its life with a central system, in virtual time."""
    began = now = clock()
    session = CentralSystem().connected("S", now)
    station.connected(now)
    told: list[tuple[float, str]] = []
    while now < began + HOUR_S:
        for text in station.take_outbox():
            session.receive(text, now)
        answers = session.take_outbox()
        for answer in answers:
            station.receive(answer, now)
        told += [(round(now - began, 1), type(event).__name__) for event in station.take_events()]
        if not answers:
            now = max(now, station.next_deadline())
            station.wake(now)
    return told


def test_the_same_seed_and_id_live_the_same_hour_in_any_process() -> None:
    lives = [hour_of(run_of(seed="7").station(lease(number), sessions)) for number in (3, 3, 4)]
    assert lives[0] == lives[1]
    assert lives[0] != lives[2]
    assert "TransactionStarted" in {name for _at, name in lives[0]}
    assert len(lives[0]) > 100


def test_another_seed_lives_another_hour() -> None:
    assert hour_of(run_of(seed="7").station(lease(3), sessions)) != hour_of(
        run_of(seed="8").station(lease(3), sessions)
    )


def test_sample_intervals_are_drawn_per_station_within_the_profile() -> None:
    run = run_of(seed="7")
    stations = [run.station(lease(number), sessions) for number in range(1, 60)]
    drawn = [station.configuration.integer("MeterValueSampleInterval") for station in stations]
    assert set(drawn) <= set(range(10, 21))
    assert len(set(drawn)) > 5


def test_a_station_is_called_as_its_lease_says() -> None:
    run = run_of(station_prefix="DE*", station_digits="6")
    assert run.station(lease(42, run), sessions).station_id == "DE*000042"
    assert run.station(Lease("ANY-ID", 0), sessions).station_id == "ANY-ID"


def test_profiles_are_dealt_by_place_unless_the_lease_says_otherwise() -> None:
    run = run_of(station_profile="default:2,busy:1", station_start="5")
    profiles = run.options.profiles
    dealt = [run.profile_of(lease(number, run)) for number in range(5, 11)]
    assert (dealt.count(profiles["default"]), dealt.count(profiles["busy"])) == (4, 2)
    assert run.profile_of(lease(5, run, profile="idle")) == profiles["idle"]


def test_a_row_of_the_stations_file_makes_a_station_of_its_own() -> None:
    run = run_of(basic_auth_key="everybody's")
    row = StationRow("S", password="its own", id_tags=("MINE",), vendor="ACME", connectors=3)
    own, other = Lease("S", 0, "", row), lease(1)
    station = run.station(own, sessions)
    assert (station.settings.vendor, station.settings.model, len(station.own_connectors)) == ("ACME", "PY-SIM", 3)
    assert run.profile_of(own).id_tags == ("MINE",)
    assert len(run.station(other, sessions).own_connectors) == 1
    assert run.profile_of(other).id_tags == ("ABC123", "TAG001", "USER42")
    assert [run.target(one).password for one in (own, other)] == [("S", "its own"), ("PY-SIM-0001", "everybody's")]


def test_what_the_master_says_holds_comes_before_the_options() -> None:
    options = read_options({"price": "20"}, "ws://127.0.0.1:9000/ocpp")
    assert Run(options).environment.price == 20.0
    assert Run(options, Conditions(price=33.0)).environment.price == 33.0


def test_stations_without_transactions_have_no_drivers() -> None:
    told = hour_of(run_of(station_profile="no-transactions").station(lease(1), sessions))
    assert "TransactionStarted" not in {name for _at, name in told}
    assert len(told) > 50  # heartbeats
