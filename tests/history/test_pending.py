"""Each row belongs to the run in which it was given, and runs are written in their order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from evsim_locust.history.pending import Lost, Pending
from evsim_locust.history.records import Batch, LogRecord
from tests.history.making import latency


def logs(*texts: str) -> Batch:
    return Batch([LogRecord(0.0, "CP1", text) for text in texts])


def messages(unit) -> list[str]:
    return [record.message for record in unit.batch.logs]


def test_nothing_gives_none():
    assert Pending(5).take() is None


def test_a_run_from_beginning_to_end_in_one_unit():
    pending = Pending(5)
    pending.begin("one", 1.0, "{}")
    pending.price(2.0, 20.0)
    pending.put(logs("a"))
    pending.end(3.0)
    unit = pending.take()
    assert (unit.run_id, unit.started_at_s, unit.config_json, unit.stopped_at_s) == ("one", 1.0, "{}", 3.0)
    assert (unit.prices, messages(unit), unit.rows) == ([(2.0, 20.0)], ["a"], 2)
    assert pending.take() is None


def test_later_units_of_a_run_neither_begin_nor_end_it_again():
    pending = Pending(5)
    pending.begin("one", 1.0, "{}")
    pending.end(2.0)
    pending.take()
    pending.put(logs("late"))
    unit = pending.take()
    assert (unit.run_id, unit.config_json, unit.stopped_at_s, messages(unit)) == ("one", None, None, ["late"])


def test_what_waits_of_one_run_stays_apart_from_the_next():
    pending = Pending(5)
    pending.put(logs("before all"))
    pending.begin("one", 1.0, "{}")
    pending.put(logs("first"))
    pending.begin("two", 2.0, "{}")
    pending.put(logs("second"))
    found = []
    while (unit := pending.take()) is not None:
        found.append((unit.run_id, messages(unit)))
    assert found == [(None, ["before all"]), ("one", ["first"]), ("two", ["second"])]


def test_latencies_are_rows_and_are_never_dropped():
    pending = Pending(1)
    pending.put(Batch(latencies=[latency("A"), latency("B")]))
    pending.put(logs("a"))
    assert pending.lost == Lost(logs=1)
    unit = pending.take()
    assert ([record.action for record in unit.batch.latencies], unit.rows) == (["A", "B"], 2)
    assert pending.take() is None


def test_losses_are_counted_before_and_after_they_are_taken():
    pending = Pending(1)
    pending.put(logs("a", "b"))
    assert pending.lost == Lost(logs=1)
    pending.take()
    pending.put(Batch(dropped_logs=1, dropped_snapshots=2))
    assert pending.lost == Lost(logs=2, snapshots=2)
    assert pending.take() is None  # nothing to write
    assert pending.lost == Lost(logs=2, snapshots=2)


class PendingMachine(RuleBasedStateMachine):
    """Against a plain list of (run, line)."""

    def __init__(self) -> None:
        super().__init__()
        self.pending, self.run, self.count = Pending(1000), None, 0
        self.given: list[tuple[str | None, str]] = []
        self.taken: list[tuple[str | None, str]] = []
        self.begun: list[str] = []

    @rule()
    def begin(self) -> None:
        self.count += 1
        self.run = f"run{self.count}"
        self.pending.begin(self.run, 0.0, "{}")

    @rule(number=st.integers(0, 3))
    def put(self, number: int) -> None:
        texts = [f"{len(self.given) + index}" for index in range(number)]
        self.given += [(self.run, text) for text in texts]
        self.pending.put(logs(*texts))

    @rule()
    def take(self) -> None:
        unit = self.pending.take()
        if unit is not None:
            assert not unit.empty
            if unit.config_json is not None:
                self.begun.append(unit.run_id)
            self.taken += [(unit.run_id, text) for text in messages(unit)]

    @invariant()
    def nothing_is_invented_or_moved(self) -> None:
        assert self.taken == self.given[: len(self.taken)]
        assert self.begun == [f"run{number + 1}" for number in range(len(self.begun))]

    def teardown(self) -> None:
        for _ in range(self.count + 2):
            self.take()
        assert self.taken == self.given
        assert len(self.begun) == self.count


TestPendingMachine = PendingMachine.TestCase
TestPendingMachine.settings = settings(max_examples=50)
