"""One row of the table: a figure, what it must be, and the judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

Figures = Mapping[str, float]
Best = Mapping[str, Figures]  # the best of all rounds, by probe and figure


class Verdict(Enum):
    """What a measured value is worth."""

    GOAL = "goal met"
    MUST = "must met"
    MISSED = "MISSED"
    REFERENCE = "reference"
    NOT_MEASURED = "not measured"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Row:
    """A figure with its bounds; `value` takes it from the best figures of the probes it `needs`.

    `gated` rows decide the exit code under `--gate`; wall-clock rows and references are only reported. `quick` rows
    are part of the short run. `of_cpu` rows are CPU time, which is the longer the slower a machine is. A bound that is
    reached exactly is kept.
    """

    name: str
    title: str
    unit: str
    needs: tuple[str, ...]
    value: Callable[[Best], float]
    must: float | None = None
    goal: float | None = None
    lower_is_better: bool = True
    gated: bool = True
    quick: bool = True
    of_cpu: bool = False

    def judge(self, value: float) -> Verdict:
        """The verdict on `value`."""
        if self.must is None or self.goal is None:
            return Verdict.REFERENCE
        if self._keeps(value, self.goal):
            return Verdict.GOAL
        return Verdict.MUST if self._keeps(value, self.must) else Verdict.MISSED

    def _keeps(self, value: float, bound: float) -> bool:
        return value <= bound if self.lower_is_better else value >= bound


@dataclass(frozen=True)
class Result:
    """A row with what came of it; `value` is None with `why` when there is none.

    `elsewhere` is what the value of an `of_cpu` row would be at the speed of the machine that the bounds come from, by
    the baseline of the same run.
    """

    row: Row
    verdict: Verdict
    value: float | None = None
    why: str = ""
    elsewhere: float | None = None


_BASELINE_US = 419.0  # a call of the baseline on the machine that the bounds come from
_BAD = frozenset((Verdict.MISSED, Verdict.NOT_MEASURED, Verdict.FAILED))


def evaluate(row: Row, best: Best, troubles: Mapping[str, tuple[Verdict, str]]) -> Result:
    """The result of one row; `troubles` are the probes without figures, with the verdict and the reason."""
    for probe in row.needs:
        if probe in troubles:
            verdict, why = troubles[probe]
            return Result(row, verdict, why=why)
    value = row.value(best)
    return Result(row, row.judge(value), value, elsewhere=_elsewhere(row, value, best))


def _elsewhere(row: Row, value: float, best: Best) -> float | None:
    if not row.of_cpu or "baseline" not in best:
        return None
    times_as_long = best["baseline"]["us_per_call"] / _BASELINE_US
    return value / times_as_long if row.lower_is_better else value * times_as_long


def exit_code(results: list[Result], gate: bool) -> int:
    """1 when a program failed, or under `gate` when a gated row was missed or has no figure; else 0."""
    if any(result.verdict is Verdict.FAILED for result in results):
        return 1
    return int(gate and any(result.row.gated and result.verdict in _BAD for result in results))
