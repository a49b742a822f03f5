"""Waits stay within their policy for every policy and every seed."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.transport.backoff import Backoff, BackoffPolicy

mins = st.floats(0.01, 100)
policies = st.builds(
    lambda kind, low, more, spread, repeats: BackoffPolicy(kind, low, low + more, spread, repeats),
    st.sampled_from(["exponential", "fixed", "ocpp201"]),
    mins,
    st.floats(0, 1000),
    st.floats(0, 100),
    st.integers(0, 12),
)


def waits(policy: BackoffPolicy, seed: int, number: int = 30) -> list[float]:
    backoff = Backoff(policy, random.Random(seed))
    return [backoff.next_s() for _ in range(number)]


@given(policies, st.integers())
def test_every_wait_is_within_its_policy(policy, seed):
    for n, wait in enumerate(waits(policy, seed)):
        if policy.kind == "fixed":
            assert wait == policy.min_s
        elif policy.kind == "exponential":
            assert 0.1 * policy.min_s <= wait <= min(policy.max_s, policy.min_s * 2.0**n)
        else:
            base = policy.min_s * 2.0 ** min(n, policy.repeats)
            assert base <= wait <= base + policy.range_s


@given(policies, st.integers())
def test_reset_begins_anew_and_the_seed_decides(policy, seed):
    assert waits(policy, seed) == waits(policy, seed)
    backoff = Backoff(policy, random.Random(seed))
    for _ in range(10):
        backoff.next_s()
    backoff.reset()
    ceiling = policy.min_s + (policy.range_s if policy.kind == "ocpp201" else 0)
    assert backoff.next_s() <= ceiling


def test_exponential_uses_the_whole_range_up_to_its_maximum():
    drawn = [wait for seed in range(300) for wait in waits(BackoffPolicy(min_s=1, max_s=60), seed)[10:]]
    assert min(drawn) < 1
    assert 59 < max(drawn) <= 60
    assert 28 < sum(drawn) / len(drawn) < 32


def test_ocpp201_doubles_repeat_times_and_then_stays():
    policy = BackoffPolicy("ocpp201", min_s=3, range_s=0, repeats=2)
    assert waits(policy, 1, 5) == [3, 6, 12, 12, 12]


def test_ocpp201_draws_a_new_random_part_each_time():
    last = waits(BackoffPolicy("ocpp201", min_s=1, range_s=5, repeats=0), 1, 10)
    assert all(a != b for a, b in pairwise(last))


def test_thousands_of_failures_do_not_overflow():
    assert all(wait <= 60 for wait in waits(BackoffPolicy(), 1, 3000))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"kind": "linear"}, "kind"),
        ({"min_s": 0.0}, "min_s"),
        ({"min_s": float("nan")}, "min_s"),
        ({"min_s": 5.0, "max_s": 4.0}, "max_s"),
        ({"max_s": float("inf")}, "max_s"),
        ({"range_s": -1.0}, "range_s"),
        ({"range_s": float("nan")}, "range_s"),
        ({"repeats": -1}, "repeats"),
        ({"repeats": 101}, "repeats"),
    ],
)
def test_a_wrong_policy_says_which_field(wrong, named):
    with pytest.raises(ValueError, match=f"^{named} is "):
        BackoffPolicy(**wrong)
