"""How profiles are dealt to stations."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.mix import mix_of, parse_mix

KNOWN = ["default", "busy", "idle", "flaky", "no-transactions"]
weightings = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(1, 60), min_size=1, max_size=7)


def dealt(text: str, count: int) -> list[str]:
    mix = parse_mix(text, KNOWN)
    return [mix.profile_name_of(index) for index in range(count)]


def test_one_profile_is_everyones() -> None:
    assert dealt("busy", 3) == ["busy", "busy", "busy"]


def test_a_mix_is_dealt_evenly_and_repeats() -> None:
    first = ["default", "default", "busy", "default", "busy", "default", "default", "busy", "default", "flaky"]
    assert dealt("default:6,busy:3,flaky:1", 20) == first * 2


def test_without_weights_profiles_take_turns() -> None:
    assert dealt("default,busy,idle", 4) == ["default", "busy", "idle", "default"]


def test_common_factors_do_not_make_it_coarser() -> None:
    assert dealt("default:200,busy:100", 6) == dealt("default:2,busy:1", 6)


def test_spaces_are_no_part_of_a_name() -> None:
    assert parse_mix(" default : 6 , no-transactions ", KNOWN).weights == (("default", 6), ("no-transactions", 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not NAME[:WEIGHT],... such as default:6,busy:3"),
        ("busy,", "'busy,' is not NAME[:WEIGHT],..."),
        (":3", "':3' is not NAME[:WEIGHT],..."),
        (
            "bussy",
            "no profile 'bussy'; did you mean busy? (the profiles are busy, default, flaky, idle, no-transactions)",
        ),
        ("x", "no profile 'x'; the profiles are busy, default"),
        ("busy:0", "the weight of 'busy' must be a whole number from 1 to 999999999, not '0'"),
        ("busy:-1", "not '-1'"),
        ("busy:1.5", "not '1.5'"),
        ("busy:", "not ''"),
        ("busy:1:2", "not '1:2'"),
        ("busy:²", "not '²'"),
        ("busy:" + "9" * 5000, "not '99999999999999999999'"),
        ("busy:1,busy:2", "profile 'busy' is named twice"),
        ("busy:999999999,idle:1", "the weights add up to more than 10000"),
    ],
)
def test_a_wrong_mix_is_refused(text: str, message: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        parse_mix(text, KNOWN)
    assert message in str(refused.value)


def test_without_profiles_there_is_nothing_to_mean() -> None:
    with pytest.raises(SettingRefused, match="there are no profiles"):
        parse_mix("busy", [])


@given(weightings, st.integers(0, 10**9))
def test_every_window_of_the_total_weight_has_exactly_the_weights(weights: dict[str, int], start: int) -> None:
    mix, total = mix_of(weights), sum(weights.values())
    window = Counter(mix.profile_name_of(index) for index in range(start, start + total))
    assert window == weights


@given(weightings)
def test_no_beginning_is_off_by_a_whole_station(weights: dict[str, int]) -> None:
    mix, total = mix_of(weights), sum(weights.values())
    counts: Counter[str] = Counter()
    for index in range(total):
        counts[mix.profile_name_of(index)] += 1
        for name, weight in weights.items():
            assert abs(counts[name] * total - (index + 1) * weight) < total  # |count - share| < 1, in whole numbers
