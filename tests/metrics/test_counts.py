"""However facts are dealt to processes and whenever these report, the master has counted what happened."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.metrics.counts import Counts
from evsim_locust.metrics.delta import Delta, RowData
from evsim_locust.metrics.histogram import Histogram
from tests.metrics.sample_run import happen

milliseconds = st.sampled_from([0.0, 0.4, 12.5, 1049.0, 30_000.0]) | st.floats(0.0, 1e6)
failures = st.sampled_from([None, "Timeout", "1006", "4001", "4002", "GenericError", "tcp refused", "Nonsense", "x"])
actions = st.sampled_from(["Heartbeat", "StopTransaction", "MessageDropped", "Invented", "Other", "connect", "close"])
words = st.sampled_from(["Local", "1006", "4001", "4002", "http 418", "http 419", "busy", "a\nb", "a\rb", ""])
facts = st.one_of(
    st.tuples(st.just("sample"), st.sampled_from(["OCPP", "CSMS", "WS"]), actions, milliseconds, failures),
    st.tuples(
        st.just("opened"),
        st.dictionaries(st.sampled_from(["dns", "tcp", "tls", "http", "quic", "udp"]), st.floats(0.0, 30.0)),
        st.sampled_from([None, "tcp timeout", "aborted"]),
    ),
    st.tuples(st.just("closed"), st.integers(0, 5000)),
    st.tuples(st.sampled_from(["reconnected", "transaction_ended"]), words),
    st.tuples(st.sampled_from(["transaction_started", "meter_value"])),
    st.tuples(st.just("energy"), words, st.integers(0, 10**6)),
    st.tuples(st.just("schedule_lag"), st.floats(0.0, 100.0)),
)
REPORT = ("report",)


def tell(counts: Counts, fact: tuple[Any, ...]) -> None:
    getattr(counts, fact[0])(*fact[1:])


def content(counts: Counts) -> Any:
    """All that is there, in an order of its own."""
    rows = {key: (row.succeeded, row.failures, row.latency.to_data()) for key, row in counts.rows.items()}
    phases = {phase: histogram.to_data() for phase, histogram in counts.phases.items()}
    numbers = (counts.started, counts.meter_values, counts.lag.to_data())
    return rows, phases, counts.closes, counts.reconnects, counts.ended, counts.energy_wh, numbers


def travel(delta: Delta | None) -> Delta:
    """As a part of one of Locust's messages."""
    assert delta is not None
    return msgspec.convert(msgspec.msgpack.decode(msgspec.msgpack.encode(msgspec.to_builtins(delta))), Delta)


@given(st.lists(st.tuples(facts | st.just(REPORT), st.integers(0, 2)), max_size=60))
def test_the_master_has_what_one_process_would_have(dealt: list[tuple[tuple[Any, ...], int]]) -> None:
    alone, master, workers = Counts(), Counts(), [Counts() for _ in range(3)]
    last_reports = [(REPORT, worker) for worker in range(3)]
    for fact, worker in [*dealt, *last_reports]:
        if fact is not REPORT:
            tell(alone, fact)
            tell(workers[worker], fact)
        elif (delta := workers[worker].take_delta()) is not None:
            master.merge(travel(delta))
    assert content(master) == content(alone)


def test_everything_arrives() -> None:
    worker, master = Counts(), Counts()
    happen(worker)
    before = content(worker)
    master.merge(travel(worker.take_delta()))
    assert content(master) == before
    rows, phases, *labelled, numbers = before
    assert all((rows, phases, *labelled, *numbers))


def test_reports_add_up() -> None:
    worker, master, alone = Counts(), Counts(), Counts()
    for _ in range(3):
        happen(worker)
        happen(alone)
        master.merge(travel(worker.take_delta()))
    assert content(master) == content(alone)


def test_nothing_new_is_no_delta() -> None:
    counts = Counts()
    assert counts.take_delta() is None
    counts.energy("busy", 0)
    counts.opened({}, None)
    assert counts.take_delta() is None
    counts.meter_value()
    assert counts.take_delta() == Delta(meter_values=1)
    assert counts.take_delta() is None


def test_what_was_taken_does_not_change_any_more() -> None:
    counts = Counts()
    happen(counts)
    taken = counts.take_delta()
    copy = travel(taken)
    happen(counts)
    assert taken == copy


def test_a_delta_holds_only_what_is_there() -> None:
    counts = Counts()
    counts.closed(1000)
    assert msgspec.to_builtins(counts.take_delta()) == {"closes": {"1000": 1}}


def test_time_outs_are_samples_and_what_was_not_timed_is_none() -> None:
    counts = Counts()
    counts.sample("OCPP", "Heartbeat", 30_000.0, "Timeout")
    counts.sample("OCPP", "Heartbeat", 10.0, None)
    counts.sample("OCPP", "Heartbeat", 0.0, "1006")
    row = counts.rows["OCPP", "Heartbeat"]
    assert (row.succeeded, row.failures, row.failed) == (1, {"Timeout": 1, "1006": 1}, 2)
    assert (row.latency.count, row.latency.max, row.latency.sum) == (2, 30.0, 30.01)


def test_a_peer_cannot_invent_rows() -> None:
    counts = Counts()
    for number in range(1000):
        counts.sample("CSMS", f"Action{number}", 0.0, f"Error{number}")
        counts.sample("OCPP", "Heartbeat", 1.0, f"Error{number}")
        counts.closed(number + 3000)
        counts.opened({f"phase{number}": 0.1}, None)
        counts.reconnected(f"http {number}")
    assert counts.rows.keys() == {("CSMS", "UnknownAction"), ("OCPP", "Heartbeat")}
    assert [row.failures for row in counts.rows.values()] == [{"other": 1000}, {"other": 1000}]
    assert counts.closes == {"3xxx": 1000}
    assert counts.phases.keys() == {"other"}
    assert len(counts.reconnects) == 14 + 5 + 1


def test_neither_can_a_worker() -> None:
    counts = Counts()
    strange = RowData("OCPP", "Strange", 1, {"Odd": 1, "Odder": 2}, None)
    names = {"<b>": 1, "\n": 2}
    counts.merge(Delta(rows=[strange, strange], closes=names, reconnects=names, ended=names, energy_wh=names))
    assert counts.rows.keys() == {("OCPP", "UnknownAction")}
    assert counts.rows["OCPP", "UnknownAction"].failures == {"other": 6}
    assert counts.closes == counts.reconnects == counts.ended == {"other": 3}
    assert counts.energy_wh == {"<b>": 1, "?": 2}


def test_an_opening_that_we_broke_off_times_nothing() -> None:
    counts = Counts()
    counts.opened({"dns": 0.1, "tcp": 3.0}, "aborted")
    assert counts.phases == {}
    counts.opened({"dns": 0.1, "tcp": 3.0}, "tcp timeout")
    assert {phase: histogram.max for phase, histogram in counts.phases.items()} == {"dns": 0.1, "tcp": 3.0}


def test_a_new_run_begins_with_zeros() -> None:
    counts = Counts()
    happen(counts)
    counts.forget()
    assert content(counts) == content(Counts())


@pytest.mark.parametrize(
    "data",
    [
        {"started": -1},
        {"meter_values": 1.5},
        {"meter_values": 2**63},
        {"closes": {"1006": -1}},
        {"energy_wh": {"busy": float("nan")}},
        {"rows": [["HTTP", "Heartbeat", 1, {}, None]]},
        {"rows": [["OCPP", "Heartbeat", -1, {}, None]]},
        {"rows": [["OCPP", "Heartbeat", 1, {"Timeout": -1}, None]]},
        {"lag": [[0], [1], 0, float("inf")]},
    ],
)
def test_what_no_worker_sends_is_refused(data: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, Delta)


def test_a_delta_without_times_has_no_histograms() -> None:
    counts = Counts()
    counts.sample("CSMS", "Reset", 0.0, None)
    assert counts.take_delta() == Delta(rows=[RowData("CSMS", "Reset", 1, {}, None)])
    assert Histogram().to_data().counts == []
