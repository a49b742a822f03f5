"""The table of a transaction's phases."""

from __future__ import annotations

import itertools

import pytest

from evsim_locust.station.transaction import TABLE, Phase, Transaction, Verdict


def transaction() -> Transaction:
    return Transaction(1, "A", "GROUP", 0, 0.0)


@pytest.mark.parametrize(
    ("verdicts", "phase"),
    [
        ((Verdict.ACCEPTED,), Phase.RUNNING),
        ((Verdict.UNDECIDED, Verdict.ACCEPTED), Phase.RUNNING),
        ((Verdict.REFUSED,), Phase.DEAUTHORIZED),
        ((Verdict.UNDECIDED, Verdict.REFUSED), Phase.DEAUTHORIZED),
        ((Verdict.REFUSED, Verdict.UNDECIDED), Phase.DEAUTHORIZED),
        ((Verdict.REFUSED, Verdict.ACCEPTED), Phase.DEAUTHORIZED),
    ],
)
def test_paths(verdicts: tuple[Verdict, ...], phase: Phase) -> None:
    subject = transaction()
    for verdict in verdicts:
        subject.step(verdict)
    assert subject.phase is phase


@pytest.mark.parametrize("phase", [Phase.STARTING, Phase.RUNNING, Phase.DEAUTHORIZED])
def test_every_phase_can_be_stopped(phase: Phase) -> None:
    assert TABLE[phase, Verdict.STOP] is Phase.ENDED


def test_what_has_ended_stays_ended() -> None:
    for verdicts in itertools.product(Verdict, repeat=2):
        subject = transaction()
        assert subject.step(Verdict.STOP)
        assert not any([subject.step(verdict) for verdict in verdicts])
        assert subject.phase is Phase.ENDED


def test_a_step_says_whether_it_changed_anything() -> None:
    subject = transaction()
    assert subject.step(Verdict.UNDECIDED)
    assert not subject.step(Verdict.ACCEPTED)


@pytest.mark.parametrize(
    ("id_tag", "parent", "may"),
    [("A", None, True), ("A", "OTHER", True), ("B", "GROUP", True), ("B", "OTHER", False), ("B", None, False)],
)
def test_who_may_stop_it(id_tag: str, parent: str | None, may: bool) -> None:
    assert transaction().is_of(id_tag, parent) is may


def test_without_a_group_only_the_same_tag() -> None:
    assert not Transaction(1, "A", None, 0, 0.0).is_of("B", None)
