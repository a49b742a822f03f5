"""The guard against exceptions that are swallowed: it fails the test in which one was only logged or printed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import logging

import gevent

def test_logged():
    logging.getLogger("locust.user").error("Unhandled exception in greenlet")

def test_logged_with_a_traceback():
    try:
        raise ZeroDivisionError("what happened")
    except ZeroDivisionError:
        logging.getLogger("locust.event").exception("Uncaught exception in event handler")

def test_printed_by_the_hub():
    gevent.spawn(lambda: 1 / 0).join()

def test_expected(uncaught):
    gevent.spawn(lambda: 1 / 0).join()
    assert "ZeroDivisionError" in uncaught[0]
    uncaught.clear()

def test_other_errors_may_be_logged():
    logging.error("the peer went away")
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_guarded.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--rootdir", str(folder), "."]
    wide = {**os.environ, "COLUMNS": "200"}  # else pytest cuts the reason
    return subprocess.run(command, cwd=folder, env=wide, capture_output=True, text=True).stdout


@pytest.mark.parametrize("test", ["test_logged", "test_logged_with_a_traceback", "test_printed_by_the_hub"])
def test_a_swallowed_exception_fails_the_test(outcome: str, test: str) -> None:
    assert f"ERROR test_guarded.py::{test} - Failed: swallowed exceptions:" in outcome
    assert "what happened" in outcome


@pytest.mark.parametrize("test", ["test_expected", "test_other_errors_may_be_logged"])
def test_what_is_expected_or_harmless_passes(outcome: str, test: str) -> None:
    assert f"PASSED test_guarded.py::{test}" in outcome
    assert f"ERROR test_guarded.py::{test}" not in outcome
