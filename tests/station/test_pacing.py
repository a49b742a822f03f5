"""When periodic things happen: spread over the period, or on the grid of the wall clock."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.station import pacing
from evsim_locust.station.configuration import shared_values
from evsim_locust.station.core import Core
from evsim_locust.station.settings import Identity, Settings

DAY_S = 86_400.0
WALL = st.floats(1.7e9, 1.9e9)
MONOTONIC = st.floats(0, 1e6)


def core(wall_s: float, now: float = 5.0, lockstep: bool = True) -> Core:
    settings = Settings(lockstep=lockstep)
    return Core(Identity("S"), settings, shared_values({}, 1), random.Random(3), now, wall_s - now)


@given(WALL, MONOTONIC, st.sampled_from([0.5, 1, 15, 60, 300, 900, 86_400]))
def test_the_next_point_is_ahead_on_the_grid_and_at_most_a_period_away(
    wall_s: float, now: float, period_s: float
) -> None:
    subject = core(wall_s, now)
    left_s = pacing.until_grid(subject, period_s)
    assert 0 < left_s <= period_s + 0.002
    off_grid = (subject.now + subject.wall_offset + left_s + period_s / 2) % period_s - period_s / 2
    assert off_grid == pytest.approx(0.0, abs=1e-5)
    assert pacing.first(subject, period_s) == pacing.until_next(subject, period_s) == left_s


@given(WALL, MONOTONIC, st.integers(1, 604_800))
def test_waking_at_a_clock_point_names_it_and_sets_out_for_the_next(wall_s: float, now: float, interval_s: int) -> None:
    subject = core(wall_s, now)
    subject.now += pacing.until_clock_point(subject, interval_s)
    point_s = pacing.last_clock_point(subject, interval_s)
    assert point_s == pytest.approx(subject.now + subject.wall_offset, abs=1e-5)
    assert (point_s % DAY_S) % interval_s == 0
    left_s = pacing.until_clock_point(subject, interval_s)
    assert 0 < left_s <= min(interval_s, DAY_S) + 0.002
    assert left_s > min(1.0, interval_s) / 2


def test_not_in_lockstep_the_first_is_drawn_and_the_others_follow_at_the_period() -> None:
    subject = core(1.8e9, lockstep=False)
    drawn = [pacing.first(subject, 100.0) for _ in range(200)]
    assert all(0.0 <= wait <= 100.0 for wait in drawn)
    assert min(drawn) < 10.0
    assert max(drawn) > 90.0
    assert pacing.until_next(subject, 100.0) == 100.0
