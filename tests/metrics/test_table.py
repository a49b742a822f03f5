"""The table at the end of a run."""

from __future__ import annotations

import pytest

from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.table import milliseconds, table
from tests.metrics.sample_run import happen

EXPECTED = """\
type  name              count  failures   p50    p90    p95    p99  max ms
----  ----------------  -----  --------  ----  -----  -----  -----  ------
CSMS  Reset                 1         0     -      -      -      -       -
OCPP  Heartbeat             3         0  25.0   31.0   31.0   31.0    31.0
OCPP  LateAnswer            1         1     -      -      -      -       -
OCPP  StartTransaction      2         2  1049  30000  30000  30000   30000
WS    close                 1         1     -      -      -      -       -
WS    connect               2         1  3.00   8.00   8.00   8.00    8.00"""


def test_the_table_of_a_run() -> None:
    counts = Counts()
    happen(counts)
    assert table(counts) == EXPECTED


def test_the_table_of_nothing_is_its_head() -> None:
    assert table(Counts()).splitlines()[0].split() == EXPECTED.splitlines()[0].split()
    assert len(table(Counts()).splitlines()) == 2


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0.000"), (0.0001234, "0.123"), (0.001234, "1.23"), (0.01234, "12.3"), (0.1234, "123"), (30.0, "30000")],
)
def test_times_have_three_digits_or_more(seconds: float, shown: str) -> None:
    assert milliseconds(seconds) == shown
