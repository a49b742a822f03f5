"""The table and its verdicts on made-up figures."""

from __future__ import annotations

import json

import pytest

from benchmarks import report
from benchmarks.__main__ import chosen, options_of
from benchmarks.probes import ONCE, probes
from benchmarks.processes import ProbeFailed, Unavailable
from benchmarks.rounds import Measured, measure
from benchmarks.row import Result, Row, Verdict, evaluate, exit_code
from benchmarks.rows import ROWS

COST = Row("cost", "a cost", "µs", ("probe",), lambda best: best["probe"]["us"], must=60, goal=40)
RATE = Row("rate", "a rate", "/s", ("probe",), lambda best: 1e6 / best["probe"]["us"], 20_000, 30_000, False)
WALL = Row("wall", "a wall clock", "s", ("probe",), lambda best: best["probe"]["us"], 6, 4, gated=False)
REFERENCE = Row("reference", "a reference", "µs", ("probe",), lambda best: best["probe"]["us"])


@pytest.mark.parametrize(
    ("row", "value", "verdict"),
    [
        (COST, 40.0, Verdict.GOAL),
        (COST, 40.1, Verdict.MUST),
        (COST, 60.0, Verdict.MUST),
        (COST, 60.1, Verdict.MISSED),
        (RATE, 30_000.0, Verdict.GOAL),
        (RATE, 29_999.0, Verdict.MUST),
        (RATE, 20_000.0, Verdict.MUST),
        (RATE, 19_999.0, Verdict.MISSED),
        (REFERENCE, 1e9, Verdict.REFERENCE),
    ],
)
def test_a_bound_that_is_reached_is_kept(row: Row, value: float, verdict: Verdict):
    assert row.judge(value) is verdict


def test_a_ratio_is_that_of_the_best_rounds_not_the_best_ratio():
    rounds = {
        "baseline": iter([{"us_per_call": 500.0}, {"us_per_call": 400.0}]),
        "stations": iter([{"us_per_call": 40.0}, {"us_per_call": 50.0}]),
    }
    measured = measure(rounds, {name: turns.__next__ for name, turns in rounds.items()}, 2, lambda _: None)
    row = next(row for row in ROWS if row.name == "over-baseline")
    assert evaluate(row, measured.best(), measured.troubles).value == 10.0


def test_probes_take_turns_so_that_what_is_compared_shares_the_machine():
    said: list[str] = []
    measure(("a", "b"), {"a": dict, "b": dict}, 2, said.append)
    assert said == ["round 1 of 2: a", "round 1 of 2: b", "round 2 of 2: a", "round 2 of 2: b"]


def test_what_takes_minutes_is_measured_once():
    said: list[str] = []
    measured = measure(("a", "long"), {"a": lambda: {"us": 1.0}, "long": lambda: {"s": 9.0}}, 3, said.append, {"long"})
    assert said == ["round 1 of 3: a", "round 1 of 3: long", "round 2 of 3: a", "round 3 of 3: a"]
    assert measured.best() == {"a": {"us": 1.0}, "long": {"s": 9.0}}
    assert set(probes("any:thing")) >= ONCE


def test_what_a_history_costs_is_with_it_against_without():
    best = {
        "rated-without-history": {"s_per_call": 0.5, "p99_s": 0.002, "us_per_call": 80.0},
        "rated-with-history": {"s_per_call": 0.625, "p99_s": 0.003, "us_per_call": 100.0},
        "writing": {"us_per_row": 50.0},
    }
    found = {row.name: row.value(best) for row in ROWS if set(row.needs) <= set(best)}
    assert found == {"history-rate": 0.8, "history-p99": 1.5, "history-cpu": 1.25, "history-writing": 20_000.0}


def test_a_row_without_its_precondition_says_so_and_the_others_go_on():
    ran: list[str] = []

    def missing() -> dict[str, float]:
        ran.append("missing")
        raise Unavailable("RLIMIT_NOFILE is 1024, 5000 stations need 5200")

    measured = measure(("missing", "probe"), {"missing": missing, "probe": lambda: {"us": 5.0}}, 3, lambda _: None)
    assert ran == ["missing"]
    lacking = Row("lacking", "lacks", "µs", ("probe", "missing"), lambda best: best["missing"]["us"], 1, 1)
    result = evaluate(lacking, measured.best(), measured.troubles)
    assert (result.verdict, result.value) == (Verdict.NOT_MEASURED, None)
    assert "RLIMIT_NOFILE" in report.text([result], {})
    assert evaluate(COST, measured.best(), measured.troubles).value == 5.0


def test_a_probe_that_fails_in_any_round_gives_no_figure():
    turns = iter([1.0])

    def breaks() -> dict[str, float]:
        for value in turns:
            return {"us": value}
        raise ProbeFailed("failures: {'OCPP Authorize: Timeout': 3}")

    measured = measure(("probe",), {"probe": breaks}, 3, lambda _: None)
    result = evaluate(COST, measured.best(), measured.troubles)
    assert result == Result(COST, Verdict.FAILED, None, "failures: {'OCPP Authorize: Timeout': 3}")


@pytest.mark.parametrize(
    ("row", "verdict", "gate", "code"),
    [
        (COST, Verdict.MUST, True, 0),
        (COST, Verdict.MISSED, False, 0),
        (COST, Verdict.MISSED, True, 1),
        (COST, Verdict.NOT_MEASURED, False, 0),
        (COST, Verdict.NOT_MEASURED, True, 1),
        (COST, Verdict.FAILED, False, 1),
        (WALL, Verdict.MISSED, True, 0),
        (WALL, Verdict.NOT_MEASURED, True, 0),
        (WALL, Verdict.FAILED, True, 1),
    ],
)
def test_the_exit_code(row: Row, verdict: Verdict, gate: bool, code: int):
    assert exit_code([Result(row, verdict)], gate) == code


def test_every_row_needs_probes_that_exist_and_has_a_name_of_its_own():
    known = probes("any:thing")
    assert {probe for row in ROWS for probe in row.needs} == set(known)
    assert len({row.name for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert (row.must is None) == (row.goal is None)
        if row.must is not None and row.goal is not None:
            assert (row.goal <= row.must) == row.lower_is_better, row.name


def test_the_short_run_leaves_the_thousands_out():
    quick = {row.name for row in chosen([], full=False)}
    assert quick & {"memory", "lag-10000", "scaling", "rest-page", "price-spread", "lease", "analysis"} == set()
    assert {row.name for row in chosen([], full=True)} == {row.name for row in ROWS}
    assert [row.name for row in chosen(["memory"], full=False)] == ["memory"]


def test_an_unknown_row_is_a_usage_error(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as left:
        options_of(["no-such-row"])
    assert left.value.code == 2
    assert "no-such-row" in capsys.readouterr().err


def test_text_markdown_and_json_tell_the_same():
    results = [Result(COST, Verdict.MUST, 45.67), Result(WALL, Verdict.MISSED, 7.0)]
    machine = {"CPU": "a CPU"}
    table = report.text(results, machine).splitlines()
    assert table[0] == "CPU: a CPU"
    assert table[3].split() == ["a", "cost", "≤", "60", "µs", "≤", "40", "µs", "45.7", "µs", "must", "met"]
    assert (
        report.markdown(results, machine).splitlines()[-1]
        == "| a wall clock | ≤ 6 s | ≤ 4 s | 7 s | MISSED (reported) |"
    )
    rows = json.loads(json.dumps(report.as_json(results, machine, Measured())))["rows"]
    assert rows["cost"]["measured"] == 45.67
    assert rows["wall"] == {
        "title": "a wall clock",
        "unit": "s",
        "elsewhere": None,
        "must": 6,
        "goal": 4,
        "measured": 7.0,
        "verdict": "MISSED",
        "why": "",
        "gated": False,
    }


def test_the_readme_keeps_all_but_the_figures(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- figures: written by --update-readme -->\nold\n<!-- end of figures -->\nafter\n")
    report.update_readme(readme, "| new |")
    content = readme.read_text()
    assert content.startswith("before\n")
    assert content.endswith("\nafter\n")
    assert "| new |" in content
    assert "old" not in content
    report.update_readme(readme, "| newer |")  # its own output has the marks still
    assert "| newer |" in readme.read_text()


def test_a_readme_without_marks_is_refused(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("no marks")
    with pytest.raises(ValueError, match="no marks"):
        report.update_readme(readme, "| new |")
    assert readme.read_text() == "no marks"


def test_a_slow_machine_is_told_from_a_slow_program_but_excuses_nothing():
    cost = Row("cost", "a cost", "µs", ("probe",), lambda best: best["probe"]["us"], must=60, goal=40, of_cpu=True)
    best = {"probe": {"us": 80.0}, "baseline": {"us_per_call": 838.0}}
    result = evaluate(cost, best, {})
    assert (result.verdict, result.elsewhere) == (Verdict.MISSED, 40.0)
    assert report.cells(result)[-1] == "MISSED: 40 µs at the speed of the machine that the bounds come from"
    assert exit_code([result], gate=True) == 1
    assert evaluate(cost, {"probe": {"us": 80.0}}, {}).elsewhere is None
    rate = Row("rate", "a rate", "/s", ("probe",), lambda best: best["probe"]["us"], 100, 200, False, of_cpu=True)
    assert evaluate(rate, best, {}).elsewhere == 160.0
