"""Nothing is lost uncounted, and what goes goes in the promised order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evsim_locust.history.buffer import Buffer, is_stored
from evsim_locust.history.records import Batch, LogRecord, SessionRecord, SnapshotRecord

KINDS = st.lists(st.sampled_from(("log", "session", "snapshot")), max_size=40)


def log(number: int) -> LogRecord:
    return LogRecord(float(number), "CP1", str(number))


def snapshot(number: int) -> SnapshotRecord:
    return SnapshotRecord(float(number), "CP1", number)


def session(number: int) -> SessionRecord:
    return SessionRecord(f"s{number}", "CP1", 1, "TAG", "default", 0.0, 1.0, 0, number, "Local", 20.0, 1.0)


MAKE = {"log": log, "session": session, "snapshot": snapshot}


def filled(capacity: int, kinds: list[str]) -> Buffer:
    buffer = Buffer(capacity)
    for number, kind in enumerate(kinds):
        getattr(buffer, kind)(MAKE[kind](number))
    return buffer


@given(st.integers(1, 10), KINDS)
def test_every_record_is_kept_or_counted_and_sessions_are_kept(capacity, kinds):
    batch = filled(capacity, kinds).take() or Batch()
    assert len(batch.logs) + batch.dropped_logs == kinds.count("log")
    assert len(batch.snapshots) + batch.dropped_snapshots == kinds.count("snapshot")
    assert [record.meter_stop_wh for record in batch.sessions] == [
        number for number, kind in enumerate(kinds) if kind == "session"
    ]
    kept = len(batch.logs) + len(batch.snapshots)
    assert kept <= max(0, capacity - len(batch.sessions)) or kept + len(batch.sessions) <= capacity


@given(st.integers(1, 10), KINDS)
def test_the_oldest_go_and_the_order_stays(capacity, kinds):
    batch = filled(capacity, kinds).take() or Batch()
    logs = [record.message for record in batch.logs]
    assert logs == [str(n) for n, kind in enumerate(kinds) if kind == "log"][batch.dropped_logs :]
    snapshots = [record.energy_wh for record in batch.snapshots]
    assert snapshots == [n for n, kind in enumerate(kinds) if kind == "snapshot"][batch.dropped_snapshots :]


@given(st.integers(1, 10), KINDS)
def test_a_snapshot_goes_only_when_no_log_line_is_left(capacity, kinds):
    buffer = Buffer(capacity)
    for number, kind in enumerate(kinds):
        before = buffer.dropped_snapshots
        getattr(buffer, kind)(MAKE[kind](number))
        if buffer.dropped_snapshots > before:
            rest = buffer.take()
            assert rest is not None
            assert rest.logs == []


@given(st.integers(1, 10), KINDS, KINDS)
def test_absorbing_a_batch_is_as_good_as_adding_its_records_in_the_order_of_their_kinds(capacity, here, there):
    one, other = filled(capacity, here), filled(1000, there)
    given_batch = other.take() or Batch()
    one.absorb(given_batch)
    whole = one.take() or Batch()
    assert len(whole.logs) + whole.dropped_logs == (here + there).count("log")
    assert len(whole.snapshots) + whole.dropped_snapshots == (here + there).count("snapshot")
    assert len(whole.sessions) == (here + there).count("session")
    if len(whole.sessions) <= capacity:
        assert len(whole.logs) + len(whole.snapshots) + len(whole.sessions) <= capacity


def test_losses_elsewhere_are_counted_on():
    buffer = Buffer(1)
    buffer.absorb(Batch([log(0), log(1)], dropped_logs=3, dropped_snapshots=4))
    assert buffer.take() == Batch([log(1)], dropped_logs=4, dropped_snapshots=4)


def test_taking_empties_it_and_nothing_gives_none():
    buffer = filled(2, ["log", "log", "log"])
    assert buffer.take() == Batch([log(1), log(2)], dropped_logs=1)
    assert buffer.take() is None
    buffer.log(log(7))
    assert buffer.take() == Batch([log(7)])


def test_a_mere_loss_is_told():
    buffer = Buffer(5)
    buffer.absorb(Batch(dropped_snapshots=2))
    assert buffer.take() == Batch(dropped_snapshots=2)
    assert buffer.take() is None


def test_heartbeats_are_not_stored_and_everything_else_is():
    assert not is_stored("Heartbeat sent")
    assert is_stored("BootNotification sent")
    assert is_stored("Heartbeat sent late")
