"""The master's side: a local runner carries its messages to a worker that only writes down what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from locust.env import Environment
from locust.event import Events

from evsim_locust.behaviour.identity import StationRow
from evsim_locust.control.errors import Refused
from evsim_locust.control.fleet import Change
from evsim_locust.control.messages import Answer, Ask, Grant, Hello, Keep, Report, Settings, Spoken, Want, encode
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.post import Post
from evsim_locust.plugin.ramp import Ramp
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.users import StationUser


class Station(StationUser):
    """Never started here."""


class Swarm:
    """A master and the worker `local`."""

    def __init__(self, secret: str = "") -> None:
        self.environment = Environment(user_classes=[Station], events=Events())
        self.environment.create_local_runner()
        self.post = Post(self.environment.runner)
        self.told: list[Any] = []
        for kind in (Settings, Grant, Keep):
            self.post.receive(kind, lambda message, _sender: self.told.append(message))
        self.post.receive(Ask, self._on_ask)
        self.answers: Callable[[Ask], Answer | None] = lambda ask: Answer(ask.number, 200)
        self.master = Master(
            self.environment, self.post, Ramp(self.environment), lambda: read_options({}, "ws://127.0.0.1:1/"), secret
        )
        self.master.begin()

    def _on_ask(self, ask: Ask, _sender: str) -> None:
        self.told.append(ask)
        answer = self.answers(ask)
        if answer is not None:
            self.post.send(answer)

    def hears(self, message: Any) -> list[Any]:
        """What the master says to a message of the worker's."""
        self.told.clear()
        self.post.send(message)
        return list(self.told)

    def granted(self, count: int, released: tuple[str, ...] = (), secret: str = "") -> list[str]:
        told = self.hears(Want(count, list(released), secret))
        return [lease.station_id for message in told for lease in message.leases]

    def row(self, station_id: str) -> Any:
        return self.master.fleet.get(station_id)


@pytest.fixture
def swarm() -> Swarm:
    return Swarm()


def test_ids_are_granted_in_order_and_rows_appear(swarm: Swarm) -> None:
    assert swarm.granted(3) == ["PY-SIM-0001", "PY-SIM-0002", "PY-SIM-0003"]
    assert (swarm.row("PY-SIM-0002").running, swarm.row("PY-SIM-0002").status) == (True, "connecting")
    assert swarm.granted(1, ("PY-SIM-0002",)) == ["PY-SIM-0002"]
    assert swarm.granted(0, ("PY-SIM-0003",)) == []
    assert (swarm.row("PY-SIM-0003").running, swarm.row("PY-SIM-0003").status) == (False, "stopped")


def test_an_id_that_belongs_to_another_worker_is_not_given_back(swarm: Swarm) -> None:
    lease = swarm.master.take("other")
    assert lease is not None
    swarm.granted(0, (lease.station_id,))
    assert swarm.master.leases.owner_of(lease.station_id) == "other"


def test_a_hello_and_an_old_report_are_answered_with_what_holds(swarm: Swarm) -> None:
    swarm.master.change(price=18.5)
    (settings,) = swarm.hears(Hello())
    assert settings.conditions.price == 18.5
    swarm.told.clear()
    swarm.master.report("local", encode(Report(settings.version - 1, [], 0.0, 0.0)))
    assert swarm.told == [settings]
    swarm.told.clear()
    swarm.master.report("local", encode(Report(settings.version, [], 0.0, 0.0)))
    assert swarm.told == []


def test_a_change_that_changes_nothing_is_not_told(swarm: Swarm) -> None:
    swarm.master.change(price=20.0)
    assert swarm.told == []


def test_reports_fill_the_table_and_the_totals(swarm: Swarm) -> None:
    swarm.granted(1)
    swarm.master.report("local", encode(Report(1, [Change("PY-SIM-0001", "Charging", 7.4, 1.5)], 1500.0, 30.0)))
    assert (swarm.row("PY-SIM-0001").status, swarm.row("PY-SIM-0001").energy_kwh) == ("Charging", 1.5)
    assert (swarm.master.fleet.totals.energy_wh, swarm.master.fleet.totals.earnings) == (1500.0, 30.0)


@pytest.mark.parametrize("data", [None, {}, {"version": 1, "changes": 5}, [1, 2]])
def test_a_broken_report_is_ignored_with_a_word(swarm: Swarm, data: object, caplog: pytest.LogCaptureFixture) -> None:
    swarm.granted(1)
    swarm.master.report("local", data)
    assert "a report of local was ignored" in caplog.text
    assert swarm.row("PY-SIM-0001").status == "connecting"


def test_without_the_secret_there_are_no_stations(caplog: pytest.LogCaptureFixture) -> None:
    swarm = Swarm(secret="s3cret")
    assert swarm.granted(2, secret="wrong") == []
    assert swarm.hears(Hello("")) == []
    assert caplog.text.count("EVSIM_CLUSTER_SECRET") == 1  # said once, though such a worker asks for ever
    assert "s3cret" not in caplog.text
    assert swarm.granted(2, secret="s3cret") == ["PY-SIM-0001", "PY-SIM-0002"]


def test_a_lost_worker_s_ids_are_free_and_it_is_told_so_when_it_returns(swarm: Swarm) -> None:
    swarm.granted(2)
    swarm.master.lost("local")
    assert not swarm.row("PY-SIM-0001").running
    lease = swarm.master.take("other")
    assert lease is not None
    assert lease.station_id == "PY-SIM-0001"
    swarm.told.clear()
    swarm.master.returned("local")
    assert swarm.told[0] == Keep([])
    assert isinstance(swarm.told[1], Settings)


def test_a_worker_s_refusal_is_the_api_s(swarm: Swarm) -> None:
    swarm.granted(1)
    swarm.answers = lambda ask: Answer(ask.number, 409, "no cable is in connector 1")
    with pytest.raises(Refused) as refused:
        swarm.master.act("PY-SIM-0001", "plug_out", {})
    assert (refused.value.status, refused.value.detail) == (409, "no cable is in connector 1")


def test_a_worker_that_says_nothing_is_a_504(swarm: Swarm) -> None:
    swarm.granted(1)
    swarm.answers = lambda _ask: None
    with pytest.raises(Refused) as refused:
        swarm.master.look("PY-SIM-0001")
    assert refused.value.status == 504


def test_unknown_and_stopped_stations_are_not_asked_for(swarm: Swarm) -> None:
    swarm.granted(1)
    swarm.granted(0, ("PY-SIM-0001",))
    swarm.told.clear()
    for station_id, status in (("PY-SIM-0001", 409), ("PY-SIM-0002", 404)):
        for act in (swarm.master.stop, lambda one: swarm.master.act(one, "plug_in", {})):
            with pytest.raises(Refused) as refused:
                act(station_id)
            assert refused.value.status == status
    assert swarm.told == []


def test_listeners_hear_what_the_worker_sends_on(swarm: Swarm) -> None:
    swarm.granted(1)
    lines = swarm.master.follow("PY-SIM-0001")
    swarm.post.send(Spoken([("PY-SIM-0001", "one"), ("PY-SIM-0002", "not mine")]))
    assert (lines.get(0), lines.get(0)) == ("one", None)
    lines.close()
    asked = [message.what for message in swarm.told if isinstance(message, Ask)]
    assert asked == ["follow", "unfollow"]


def test_profiles_for_what_is_added_and_for_a_first_station(swarm: Swarm) -> None:
    for profile in ("no-such", "Default"):
        with pytest.raises(Refused, match="profile"):
            swarm.master.scale(3, profile, None)


def test_a_stations_file_bounds_the_swarm(swarm: Swarm, caplog: pytest.LogCaptureFixture) -> None:
    swarm.master.rows = (StationRow("A", profile="idle"), StationRow("B"))
    swarm.master.begin()
    with pytest.raises(Refused) as refused:
        swarm.master.scale(3, "", None)
    assert refused.value.status == 422
    assert swarm.granted(3) == ["A", "B"]
    assert "--stations-file has 2 rows" in caplog.text
    assert swarm.row("A").profile == "idle"


def test_the_end_of_a_run_leaves_no_row_running(swarm: Swarm) -> None:
    swarm.granted(2)
    swarm.master.end()
    assert swarm.master.fleet.running_count == 0
    assert len(swarm.master.leases) == 0
