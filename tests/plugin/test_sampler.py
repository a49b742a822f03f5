"""The master's view of the moment: points of the series, the summary, who is trusted to tell."""

from __future__ import annotations

from typing import Any

import pytest
from locust.env import Environment
from locust.event import Events

from evsim_locust.control.fleet import Change
from evsim_locust.control.messages import Report, encode
from evsim_locust.control.rest.summary import Summary
from evsim_locust.control.swarm import PriceTerms
from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.delta import Delta
from evsim_locust.plugin.master import Master
from evsim_locust.plugin.post import Post
from evsim_locust.plugin.ramp import LOCAL, Ramp
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.sampler import Sampler
from evsim_locust.plugin.trust import Trusted
from evsim_locust.plugin.users import StationUser


class Station(StationUser):
    """Never started here."""


class Swarm:
    """A master before its first run; `given` are options."""

    def __init__(self, **given: Any) -> None:
        self.environment = Environment(user_classes=[Station], events=Events())
        self.runner: Any = self.environment.create_local_runner()
        self.given = given
        self.master = Master(
            self.environment,
            Post(self.runner),
            Ramp(self.environment),
            lambda: read_options(self.given, "ws://127.0.0.1:1/"),
        )
        self.sampler = Sampler(self.master)

    def hears(self, counted: Delta | None, *changes: Change) -> None:
        self.master.report(LOCAL, encode(Report(1, list(changes), 0.0, 0.0, 0, counted)))

    def points(self, after: int) -> list[tuple[float, float | None, int]]:
        points = self.master.series.after(after).points
        return [(point.power_kw, point.p95_ms, point.connected) for point in points]


@pytest.fixture
def swarm() -> Swarm:
    return Swarm()


def counted(milliseconds: float, lag_s: float) -> Delta:
    counts = Counts()
    counts.sample("OCPP", "Heartbeat", milliseconds, None)
    counts.schedule_lag(lag_s)
    delta = counts.take_delta()
    assert delta is not None
    return delta


def test_there_are_points_while_a_run_is_on(swarm: Swarm) -> None:
    swarm.sampler.step()
    assert swarm.points(0) == []
    swarm.master.begin()
    for _ in range(3):
        swarm.master.take(LOCAL)
    swarm.hears(
        counted(8.0, 0.25), Change("PY-SIM-0001", "Charging", 7.4, 0.0), Change("PY-SIM-0002", "booting", 1.1, 0.0)
    )
    swarm.sampler.step()
    assert swarm.points(1) == [(8.5, 8.0, 2)]
    swarm.master.end()
    swarm.sampler.step()
    assert swarm.master.series.last == 2
    swarm.master.begin()
    assert swarm.points(2) == [(0.0, None, 0)]


def test_the_summary_has_the_moment_too(swarm: Swarm) -> None:
    swarm.master.begin()
    summary = swarm.master.summary()
    assert summary.keys() == set(Summary.__struct_fields__)
    assert (summary["p95_last_minute_ms"], summary["workers"][0]["schedule_lag_s"]) == (None, None)
    swarm.hears(counted(8.0, 0.25))
    summary = swarm.master.summary()
    assert (summary["p95_last_minute_ms"], summary["workers"][0]["schedule_lag_s"]) == (8.0, 0.25)
    swarm.master.lost(LOCAL)
    assert swarm.master.summary()["workers"][0]["schedule_lag_s"] is None


@pytest.mark.parametrize(("state", "wanted"), [("ready", 0), ("spawning", 7), ("running", 7), ("stopped", 0)])
def test_what_is_wanted_is_the_target_of_a_run_that_is_on(swarm: Swarm, state: str, wanted: int) -> None:
    swarm.runner.target_user_count = 7  # Locust leaves it there after a run
    swarm.runner.state = state
    assert swarm.master.summary()["wanted"] == wanted


def test_the_rate_is_locusts_while_there_are_calls(swarm: Swarm) -> None:
    swarm.master.begin()
    total = swarm.runner.stats.total
    total.start_time = 1000.0
    total.last_request_timestamp = 1020.0
    total.num_reqs_per_sec.update(dict.fromkeys(range(1000, 1020), 30))
    assert swarm.master.summary()["calls_per_s"] == 0.0
    swarm.hears(counted(8.0, 0.25))
    assert swarm.master.summary()["calls_per_s"] == 30.0


def test_the_terms_are_those_of_the_options_whatever_the_price_is_now() -> None:
    swarm = Swarm(price="17.5", currency="€")
    swarm.master.change(price=99.0)
    assert swarm.master.price_terms() == PriceTerms("€", 17.5)


def test_who_did_not_tell_the_secret_fills_no_figure(swarm: Swarm) -> None:
    swarm.master.begin()
    swarm.master.report("stranger", encode(Report(1, [], 0.0, 0.0, 0, counted(8.0, 0.25))))
    assert swarm.master.summary()["p95_last_minute_ms"] is None
    assert swarm.master.vitals.lag_s("stranger") is None


def test_trust_is_gained_by_the_secret_and_strangers_are_named_once(caplog: pytest.LogCaptureFixture) -> None:
    trusted = Trusted("s3cret")
    assert (set(trusted), "w1" in trusted) == ({LOCAL}, False)
    assert not trusted.admits("wrong", "w1")
    assert not trusted.admits("", "w1")
    assert caplog.text.count("worker w1 does not know") == 1
    assert trusted.admits("s3cret", "w1")
    assert "w1" in trusted
    assert set(trusted) == {LOCAL, "w1"}
    assert len(trusted) == 2
