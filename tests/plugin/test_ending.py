"""Reports written at the end: whole or not at all, and with what happened while the stations ended."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import TextIO

import gevent
import pytest
from gevent.monkey import get_original
from locust.argument_parser import get_parser
from locust.env import Environment
from locust.event import Events

from evsim_locust.plugin import ending, state


class Runner:
    """Counts how often it is stopped."""

    def __init__(self, user_count: int) -> None:
        self.user_count, self.stops = user_count, 0

    def stop(self) -> None:
        self.stops += 1


@pytest.mark.parametrize(("users", "stops"), [(3, 1), (0, 0)])
def test_users_that_still_run_are_stopped_and_waited_for(users: int, stops: int) -> None:
    runner, events = Runner(users), Events()
    environment = SimpleNamespace(runner=runner, events=events)
    ending.listen_to_quitting(environment)
    events.quitting.fire(environment=environment, reverse=True)
    assert runner.stops == stops


def test_only_one_greenlet_shuts_down_and_the_main_one_waits_for_it() -> None:
    turn, said = ending.Turn(), []

    def shut_down(name: str, for_s: float) -> None:
        turn.take()
        said.append(f"{name} begins")
        gevent.sleep(for_s)
        said.append(f"{name} has ended")

    first = gevent.spawn(shut_down, "SIGTERM", 0.2)
    gevent.sleep(0)
    second = gevent.spawn(shut_down, "another SIGTERM", 0.0)
    gevent.joinall([second])
    assert said == ["SIGTERM begins"]
    turn.take()  # here, in the main greenlet, after the first one ended without an exit
    assert first.dead
    assert said == ["SIGTERM begins", "SIGTERM has ended"]


def test_the_first_one_may_come_twice() -> None:
    turn, taken = ending.Turn(), []

    def shut_down() -> None:
        for _ in range(2):
            turn.take()
            taken.append("again")

    gevent.spawn(shut_down).join()
    assert taken == ["again", "again"]


def _environment(*arguments: str) -> Environment:
    options = get_parser(default_config_files=[]).parse_args(list(arguments))
    environment = Environment(user_classes=[], events=Events(), parsed_options=options)
    environment.create_local_runner()
    ending.write_reports_at_quit(environment)
    return environment


def _sample(environment: Environment) -> None:
    environment.stats.log_request("OCPP", "StopTransaction", 5, 10)


def _end(environment: Environment) -> None:
    environment.events.quit.fire(exit_code=0)
    environment.runner.quit()


def test_the_reports_hold_what_came_after_locust_wrote_them(tmp_path: Path) -> None:
    prefix, page = tmp_path / "out", tmp_path / "out.html"
    environment = _environment("--csv", str(prefix), "--html", str(page))
    page.write_text("what Locust wrote")
    _sample(environment)
    _end(environment)
    with (tmp_path / "out_stats.csv").open(newline="") as file:
        counts = {row["Name"]: row["Request Count"] for row in csv.DictReader(file)}
    assert counts == {"StopTransaction": "1", "Aggregated": "1"}
    assert "StopTransaction" in page.read_text()
    expected = {"out.html", "out_stats.csv", "out_failures.csv", "out_exceptions.csv"}
    assert {file.name for file in tmp_path.iterdir()} == expected


def test_without_report_options_nothing_is_written_and_the_csms_is_stopped(tmp_path: Path) -> None:
    environment = _environment()
    stopped: list[str] = []
    state.of(environment).csms = SimpleNamespace(stop=lambda: stopped.append("csms"))  # type: ignore[assignment]
    _end(environment)
    assert stopped == ["csms"]
    assert list(tmp_path.iterdir()) == []


def test_the_csms_is_stopped_when_a_report_cannot_be_written(tmp_path: Path, uncaught: list[str]) -> None:
    (tmp_path / "file").touch()
    environment = _environment("--csv", str(tmp_path / "file" / "out"))
    stopped: list[str] = []
    state.of(environment).csms = SimpleNamespace(stop=lambda: stopped.append("csms"))  # type: ignore[assignment]
    _end(environment)
    assert stopped == ["csms"]
    assert "FileExistsError" in uncaught[0]
    uncaught.clear()


def test_a_report_that_cannot_be_written_leaves_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def half(file: TextIO) -> None:
        file.write("new, and th")
        file.flush()
        assert path.read_text() == "old"  # a reader meets the old one until the new one is whole
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ending._replace(path, half)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]

    ending._replace(path, lambda file: file.write("new"))
    assert path.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_who_was_due_before_the_end_has_run_when_locust_closes_its_csv_files() -> None:
    environment = _environment()
    writer = gevent.spawn(gevent.sleep, 0.02)
    gevent.sleep(0)
    gevent.spawn(get_original("time", "sleep"), 0.03)  # the hub is late for both, and serves the shorter one first
    gevent.sleep(0.01)
    assert not writer.dead
    environment.events.quit.fire(exit_code=0)
    assert writer.dead
