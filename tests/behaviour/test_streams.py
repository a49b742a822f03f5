"""Randomness: the same everywhere, and fair."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tracemalloc
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.streams import Stream, stream

ROOT = Path(__file__).parents[2]
DRAWS = 20_000
states = st.integers(0, 2**64 - 1)


def test_it_is_splitmix64() -> None:
    # The published sequence for seed 1234567 (rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64).
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    draws = Stream(1234567)
    assert [draws.bits() for _ in expected] == expected


SAMPLE = """
from evsim_locust.behaviour.streams import stream
draws = stream(42, "PY-SIM-0001", "session")
print([draws.random(), draws.uniform(30, 120), draws.integer(3, 8), draws.choice("abc"), draws.chance(0.5)])
"""
EXPECTED = "[0.06992002434250066, 64.82901770054173, 4, 'a', True]"


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_draws_are_the_same_in_any_process(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    ran = subprocess.run(
        [sys.executable, "-c", SAMPLE], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == EXPECTED


def test_streams_differ_by_seed_station_and_purpose() -> None:
    names = [(seed, station, purpose) for seed in (0, 1, -1) for station in ("A", "B") for purpose in ("x", "y")]
    assert len({stream(*name).bits() for name in names}) == len(names)


def test_names_do_not_run_into_each_other() -> None:
    assert stream(1, "1A", "x").bits() != stream(11, "A", "x").bits()
    assert stream(1, "A", "bx").bits() != stream(1, "Ab", "x").bits()


def test_neighbouring_stations_do_not_follow_each_other() -> None:
    first = [stream(1, f"PY-SIM-{number:04d}", "phase").random() for number in range(2000)]
    assert sum(first) / len(first) == pytest.approx(0.5, abs=0.03)
    pairs = list(pairwise(first))
    covariance = sum((a - 0.5) * (b - 0.5) for a, b in pairs) / len(pairs)
    assert covariance * 12 == pytest.approx(0, abs=0.1)


def test_random_fills_its_bins_evenly() -> None:
    draws = stream(7, "CP", "bins")
    bins = Counter(int(draws.random() * 20) for _ in range(DRAWS))
    expected = DRAWS / 20
    chi_squared = sum((bins[number] - expected) ** 2 / expected for number in range(20))
    assert chi_squared < 43.8  # 19 degrees of freedom, p = 0.001; the seed is fixed
    assert set(bins) == set(range(20))


def test_each_bit_is_a_fair_coin() -> None:
    draws = stream(8, "CP", "bits")
    ones = Counter(bit for _ in range(4000) for bit in _set_bits(draws.bits()))
    assert all(abs(ones[bit] - 2000) < 4.5 * 31.6 for bit in range(64))


def _set_bits(value: int) -> list[int]:
    return [bit for bit in range(64) if value >> bit & 1]


def test_integers_come_alike_often() -> None:
    draws = stream(9, "CP", "dice")
    counts = Counter(draws.integer(1, 6) for _ in range(DRAWS))
    assert set(counts) == {1, 2, 3, 4, 5, 6}
    assert all(count == pytest.approx(DRAWS / 6, rel=0.06) for count in counts.values())


def test_chance_has_its_probability() -> None:
    draws = stream(10, "CP", "chance")
    assert sum(draws.chance(0.1) for _ in range(DRAWS)) == pytest.approx(DRAWS * 0.1, rel=0.08)
    assert not any(draws.chance(0.0) for _ in range(100))
    assert all(draws.chance(1.0) for _ in range(100))


@given(states, st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_uniform_stays_between(state: int, low: float, span: float) -> None:
    assert low <= Stream(state).uniform(low, low + span) <= low + span


@given(states)
def test_random_is_below_1(state: int) -> None:
    assert 0 <= Stream(state).random() < 1


@given(states, st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_integer_stays_between(state: int, low: int, span: int) -> None:
    assert low <= Stream(state).integer(low, low + span) <= low + span


@given(states, st.lists(st.integers(), min_size=1))
def test_choice_is_one_of_them(state: int, things: list[int]) -> None:
    assert Stream(state).choice(things) in things


def test_choice_reaches_both_ends() -> None:
    draws = stream(11, "CP", "choice")
    assert {draws.choice("abc") for _ in range(100)} == {"a", "b", "c"}


def test_nothing_to_draw_from_is_an_error() -> None:
    with pytest.raises(IndexError, match="nothing to choose from"):
        Stream(1).choice([])
    with pytest.raises(ValueError, match="no whole number from 2 to 1"):
        Stream(1).integer(2, 1)


@given(states, st.integers(0, 5))
def test_a_stream_goes_on_after_a_journey(state: int, before: int) -> None:
    draws = Stream(state)
    for _ in range(before):
        draws.bits()
    other = pickle.loads(pickle.dumps(draws))
    assert [draws.bits() for _ in range(3)] == [other.bits() for _ in range(3)]


def test_a_stream_weighs_at_most_200_bytes() -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [stream(1, "CP", str(number)) for number in range(1000)]
        weight = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    finally:
        tracemalloc.stop()
    assert weight <= 200
