"""What a script that starts `locust` can tell from its exit code and its last line."""

from __future__ import annotations

import pytest

from .processes import Bench, Csv, Locust, free_port

QUICK = ("-u", "2", "-r", "2", "-t", "2s", "--loglevel", "WARNING")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--price", "nan"), "--price: 'nan' is wrong: give a number above 0, at most 1e+09"),
        (("--station-prefix", "//"), "--station-prefix: '//0001' is not a station id: "),
        (("--station-profile", "busi"), "--station-profile: no profile 'busi'; did you mean busy"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_bad_option_is_one_line_and_exit_code_2(bench: Bench, arguments: tuple[str, ...], line: str) -> None:
    run = bench.headless(*QUICK, "-H", "ws://127.0.0.1:1/ocpp", *arguments)
    assert run.exit_code() == 2
    _one_line(run, line)


def test_a_bad_option_of_the_environment_names_the_option(bench: Bench) -> None:
    run = bench.headless(*QUICK, "-H", "ws://127.0.0.1:1/ocpp", EVSIM_TIME_SCALE="fast")
    assert run.exit_code() == 2
    _one_line(run, "--time-scale: 'fast' is wrong: give a number above 0")


def test_a_bad_profiles_file_is_named_with_the_place_in_it(bench: Bench) -> None:
    (bench.folder / "mine.toml").write_text('[mine]\nidle_s = [5, "x"]\n')
    run = bench.headless(*QUICK, "-H", "ws://127.0.0.1:1/ocpp", "--profiles-file", "mine.toml")
    assert run.exit_code() == 2
    _one_line(run, "--profiles-file: mine.toml: mine.idle_s[1]: ")


def test_no_csms_there_is_exit_code_1_and_a_failure_with_its_reason(bench: Bench) -> None:
    run = bench.headless(*QUICK, "-H", f"ws://127.0.0.1:{free_port()}/ocpp", "--csv", "out")
    assert run.exit_code() == 1
    failures = Csv(bench.folder / "out").failures()
    assert list(failures) == [("WS", "connect", "tcp refused")]
    assert failures["WS", "connect", "tcp refused"] >= 2  # each of the two stations has tried
    assert "Traceback" not in run.err


def test_failed_samples_are_exit_code_1(bench: Bench) -> None:
    users = bench.folder / "users.csv"
    users.write_text("station_id,password\nPY-SIM-0001,right\nPY-SIM-0002,other\n")
    csms = bench.csms("--users", str(users))
    run = bench.headless(*QUICK, "-H", csms.url, "--csv", "out", "--basic-auth-key", "right")
    assert run.exit_code() == 1
    table = Csv(bench.folder / "out")
    assert list(table.failures()) == [("WS", "connect", "http 401")]
    assert table.count("BootNotification") == 1  # the station with the right password works


def _one_line(run: Locust, beginning: str) -> None:
    assert run.out == ""
    lines = run.err.splitlines()
    assert len(lines) == 1, run.err
    assert lines[0].startswith(beginning)
