"""What the master's watch finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust.runners import HEARTBEAT_DEAD_INTERNAL, STATE_INIT, STATE_MISSING, STATE_RUNNING

from evsim_locust.plugin.refill import Findings, Watch

_NOTHING = Findings([], [], [])


def _up(*names: str) -> list[tuple[str, str, int]]:
    return [(name, STATE_RUNNING, 3) for name in names]


def _down(*names: str, heartbeat: int = -1) -> list[tuple[str, str, int]]:
    return [(name, STATE_MISSING, heartbeat) for name in names]


def test_a_worker_that_goes_missing_is_lost_once() -> None:
    watch = Watch()
    assert watch.step(_up("a", "b"), running=True) == _NOTHING
    assert watch.step([*_up("a"), *_down("b")], running=True) == Findings(["b"], [], [])
    assert watch.step([*_up("a"), *_down("b")], running=True) == _NOTHING


def test_a_worker_that_heals_has_returned_once_and_can_be_lost_again() -> None:
    watch = Watch()
    watch.step(_down("a"), running=True)
    assert watch.step(_up("a"), running=True) == Findings([], ["a"], [])
    assert watch.step(_up("a"), running=True) == _NOTHING
    assert watch.step(_down("a"), running=True) == Findings(["a"], [], [])


def test_a_worker_that_quits_in_a_run_is_lost() -> None:
    watch = Watch()
    watch.step(_up("a", "b"), running=True)
    assert watch.step(_up("a"), running=True) == Findings(["b"], [], [])


def test_a_worker_that_leaves_the_list_at_the_end_of_a_run_is_not_lost() -> None:
    watch = Watch()
    watch.step(_up("a"), running=True)
    assert watch.step([], running=False) == _NOTHING
    assert watch.step(_up("a"), running=True) == _NOTHING


def test_a_worker_that_dies_while_a_run_ends_is_lost() -> None:
    watch = Watch()
    watch.step(_up("a"), running=True)
    assert watch.step(_down("a"), running=False) == Findings(["a"], [], [])


@pytest.mark.parametrize("left", [-1, -49])
def test_a_worker_is_kept_for_a_while(left: int) -> None:
    assert Watch().step(_down("a", heartbeat=left), running=True).forget == []


def test_a_worker_is_forgotten_before_locust_does_it() -> None:
    assert HEARTBEAT_DEAD_INTERNAL == -60  # one a second: Locust's loop has ten seconds' notice
    watch = Watch()
    watch.step(_down("a"), running=True)
    assert watch.step(_down("a", heartbeat=-50), running=True) == Findings([], [], ["a"])
    assert watch.step([], running=True) == _NOTHING


_looks = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from([STATE_RUNNING, STATE_INIT, STATE_MISSING])),
        st.booleans(),
    ),
    max_size=12,
)


@given(_looks)
def test_each_worker_is_lost_and_returned_in_turns(looks: list[tuple[dict[str, str], bool]]) -> None:
    watch = Watch()
    lost: set[str] = set()
    for states, running in looks:
        findings = watch.step([(name, state, 3) for name, state in states.items()], running=running)
        assert not lost & set(findings.lost)
        lost |= set(findings.lost)
        assert set(findings.returned) <= lost
        lost -= set(findings.returned)
        assert {name for name, state in states.items() if state == STATE_MISSING} <= lost
        assert not lost & {name for name, state in states.items() if state != STATE_MISSING}
