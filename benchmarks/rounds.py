"""Probes in turns, best of all rounds: what is compared shares the machine's good and bad minutes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.processes import ProbeFailed, Unavailable
from benchmarks.row import Verdict

Probe = Callable[[], Mapping[str, Any]]


@dataclass
class Measured:
    """All that was measured, by probe, and why the rest was not."""

    rounds: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    troubles: dict[str, tuple[Verdict, str]] = field(default_factory=dict)

    def best(self) -> dict[str, dict[str, float]]:
        """The least of each figure over the rounds: every figure is a cost, noise only ever adds to it."""
        return {probe: _least(rounds) for probe, rounds in self.rounds.items()}


def measure(
    names: Iterable[str],
    probes: Mapping[str, Probe],
    rounds: int,
    say: Callable[[str], None],
    once: Collection[str] = (),
) -> Measured:
    """Run the named probes in turns, `rounds` times; those of `once`, and what cannot run or fails, not again."""
    measured = Measured()
    names = tuple(names)
    for turn in range(rounds):
        for name in names:
            if name not in measured.troubles and not (turn and name in once):
                say(f"round {turn + 1} of {rounds}: {name}")
                _run(name, probes[name], measured)
    return measured


def _run(name: str, probe: Probe, measured: Measured) -> None:
    try:
        measured.rounds.setdefault(name, []).append(probe())
    except Unavailable as missing:
        measured.troubles[name] = Verdict.NOT_MEASURED, str(missing)
    except ProbeFailed as failed:
        measured.troubles[name] = Verdict.FAILED, str(failed)


def _least(rounds: list[Mapping[str, Any]]) -> dict[str, float]:
    numeric = {name for figures in rounds for name, value in figures.items() if isinstance(value, int | float)}
    return {name: min(figures[name] for figures in rounds if name in figures) for name in sorted(numeric)}
