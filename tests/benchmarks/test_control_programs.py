"""The programs of the control plane's rows as processes, small: what they measure is there, and was checked by them."""

from __future__ import annotations

import psutil
import pytest

from benchmarks.cluster import ask
from benchmarks.control_probes import memory, two_workers
from benchmarks.processes import LOAD_SIDE, ProbeFailed, python, running, wait_for_report
from benchmarks.programs.wire import HOST
from benchmarks.sides import client, master

pytestmark = pytest.mark.loopback


def test_pages_are_asked_of_a_master_that_has_all_the_rows_and_a_refusal_is_told():
    with master(150) as other:
        figures = client("pages", other, 150, "--seconds", 0.6)
        with pytest.raises(ProbeFailed, match="not 100 of 151 stations"):
            client("pages", other, 151, "--seconds", 0.1)
        with pytest.raises(ProbeFailed, match=r"/pricing: 400 .*above 0"):
            ask(f"http://{HOST}:{other.port}/pricing", {"price": -1})
        assert ask(f"http://{HOST}:{other.port}/pricing", {"price": 21.5}) == {"price": 21.5}
    assert figures["plain_pages"] >= 1
    assert figures["searched_pages"] >= 1
    assert figures["plain_ms"] > 0
    assert psutil.pid_exists(other.pid) is False


def test_reports_and_leases_reach_the_books():
    with running(python("benchmarks.programs.books", "--stations", 400, "--changes", 100), LOAD_SIDE) as child:
        figures = wait_for_report(child, 20)
    assert figures["report_ms"] > 0
    assert figures["leases_ms"] > 0
    with (
        running(python("benchmarks.programs.books", "--stations", 100, "--changes", 100), LOAD_SIDE) as child,
        pytest.raises(ProbeFailed, match="a report was not applied"),
    ):
        wait_for_report(child, 20)


@pytest.mark.timeout(90)
def test_a_price_and_ids_reach_two_workers():
    figures = two_workers(20)
    assert 0 < figures["spread_median_s"] <= figures["spread_s"]
    assert figures["lease_s"] >= 0.02  # wishes are collected for so long


@pytest.mark.timeout(90)
def test_memory_is_found_on_both_sides():
    figures = memory(50)
    assert figures["master_bytes"]["control/leases.py"] > 0
    assert figures["worker_bytes"]["plugin/worker.py"] > 0
    assert figures["worker_kib"] * 1024 >= 50 + 4 * 8  # a row's name, and the references of its user
    assert figures["master_kib"] * 1024 >= 100
