"""What reports tell of the moment: recent calls, lag, points of the series."""

from __future__ import annotations

import pytest

from evsim_locust.control.series import Point
from evsim_locust.control.vitals import Vitals
from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.delta import Delta


def counted(*milliseconds: float, kind: str = "OCPP", lag_s: tuple[float, ...] = ()) -> Delta:
    counts = Counts()
    for one in milliseconds:
        counts.sample(kind, {"OCPP": "Heartbeat", "CSMS": "Reset", "WS": "connect"}[kind], one, None)  # type: ignore[arg-type]
    for one in lag_s:
        counts.schedule_lag(one)
    delta = counts.take_delta()
    assert delta is not None
    return delta


@pytest.fixture
def vitals() -> Vitals:
    made = Vitals()
    made.begin(100.0)
    return made


def test_the_p95_is_of_all_workers_and_of_the_stations_calls_only(vitals: Vitals) -> None:
    assert vitals.p95_ms(100.0) is None
    vitals.reported("w1", counted(*[4.0] * 10), 101.0)
    vitals.reported("w2", counted(*[4.0] * 8, 20.0, 20.0), 102.0)
    vitals.reported("w2", counted(*[5000.0] * 50, kind="CSMS"), 103.0)
    vitals.reported("w2", counted(*[5000.0] * 50, kind="WS"), 103.0)
    assert vitals.p95_ms(103.0) == pytest.approx(20.0, rel=1e-3)
    assert vitals.p95_ms(170.0) is None


def test_the_lag_is_the_largest_of_the_last_report_that_told_one(vitals: Vitals) -> None:
    assert vitals.lag_s("w1") is None
    vitals.reported("w1", counted(lag_s=(0.25, 0.5, 0.125)), 101.0)
    assert vitals.lag_s("w1") == 0.5
    vitals.reported("w1", counted(1.0), 101.5)  # reports of a single process may follow each other within a beat
    assert (vitals.lag_s("w1"), vitals.lag_s("w2")) == (0.5, None)
    vitals.reported("w1", counted(lag_s=(0.0625,)), 102.0)
    assert vitals.lag_s("w1") == 0.0625
    vitals.lost("w1")
    vitals.lost("w2")
    assert vitals.lag_s("w1") is None


def test_after_the_end_there_is_no_lag_and_no_new_point(vitals: Vitals) -> None:
    vitals.reported("w1", counted(7.0, lag_s=(0.5,)), 101.0)
    vitals.sample(102.0, 7.4, 2.0, 3)
    vitals.end()
    vitals.reported("w1", counted(lag_s=(0.5,)), 103.0)
    vitals.sample(104.0, 7.4, 2.0, 3)
    assert (vitals.is_on, vitals.lag_s("w1")) == (False, None)
    assert vitals.series.after(1).points == [Point(2.0, 7.4, 2.0, 7.0, 3)]


def test_a_new_run_begins_anew(vitals: Vitals) -> None:
    vitals.reported("w1", counted(7.0, lag_s=(0.5,)), 101.0)
    vitals.sample(102.0, 7.4, 2.0, 3)
    vitals.begin(200.0)
    assert (vitals.p95_ms(200.0), vitals.lag_s("w1"), vitals.is_quiet(200.0), vitals.is_on) == (None, None, True, True)
    vitals.sample(202.04, 1.23456, 0.0, 1)
    assert vitals.series.after(2).points == [Point(0.0, 0.0, 0.0, None, 0), Point(2.0, 1.235, 0.0, None, 1)]


def test_it_is_quiet_when_nothing_was_called_for_long(vitals: Vitals) -> None:
    assert vitals.is_quiet(100.0)
    vitals.reported("w1", counted(0.0), 101.0)  # not timed, but a call
    vitals.reported("w1", counted(lag_s=(0.5,)), 110.0)
    assert not vitals.is_quiet(113.0)
    assert vitals.is_quiet(113.1)
