"""The figures of an interval are those of its calls, each direction's apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.interval import figures_of

SAMPLES = st.tuples(
    st.sampled_from(("OCPP", "CSMS", "WS")),
    st.sampled_from(("Heartbeat", "Reset", "connect", "MessageDropped")),
    st.one_of(st.just(0.0), st.floats(0.001, 60_000.0)),
    st.sampled_from((None, "Timeout", "1006")),
)


def counted(*samples: tuple[str, str, float, str | None]) -> Counts:
    counts = Counts()
    for kind, name, milliseconds, failure in samples:
        counts.sample(kind, name, milliseconds, failure)  # type: ignore[arg-type]
    return counts


@given(st.lists(SAMPLES, max_size=50))
def test_every_call_is_in_one_row_and_nothing_else_is(samples):
    rows = figures_of(counted(*samples))
    # What the CSMS calls is no anomaly of ours, whatever its name.
    calls = [sample for sample in samples if sample[0] == "CSMS" or sample[:2] in CALLS]
    assert sum(row.calls for row in rows) == len(calls)
    assert sum(row.failures for row in rows) == sum(sample[3] is not None for sample in calls)
    assert len({(row.action, row.direction) for row in rows}) == len(rows)


CALLS = {("OCPP", name) for name in ("Heartbeat", "Reset", "connect")}


def test_figures_of_one_action():
    (row,) = figures_of(
        counted(*(("OCPP", "Heartbeat", 10.0 * n, None) for n in range(1, 101)), ("OCPP", "Heartbeat", 0.0, "1006"))
    )
    assert row[:4] == ("Heartbeat", "sent", 101, 1)
    assert row.times_s == pytest.approx((0.5, 0.95, 0.99, 1.0), rel=0.001)


def test_the_longest_is_exact():
    (row,) = figures_of(counted(("OCPP", "Heartbeat", 31_234.5, "Timeout")))
    assert row.times_s is not None
    assert row.times_s.max == 31.2345


def test_calls_of_both_directions_are_apart_and_untimed_ones_have_no_times():
    rows = figures_of(
        counted(("OCPP", "DataTransfer", 5.0, None), ("CSMS", "DataTransfer", 0.0, None), ("WS", "close", 1.0, None))
    )
    found = {(row.action, row.direction): row.times_s for row in rows}
    assert found == {
        ("DataTransfer", "sent"): pytest.approx([0.005] * 4, rel=0.001),
        ("DataTransfer", "received"): None,
    }
