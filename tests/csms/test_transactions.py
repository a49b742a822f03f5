"""The book of transactions, in every order that a broken line can bring about."""

from __future__ import annotations

import pytest

from csms.transactions import Book, Finding
from evsim_locust.ocppj.v16.messages import StartTransaction, StopTransaction

T = "2026-11-22T13:00:00.000Z"
LATER = "2026-11-22T14:00:00.000Z"


def start(book, station="CP1", connector=1, tag="A", meter=0, at=T):
    request = StartTransaction(connector_id=connector, id_tag=tag, meter_start=meter, timestamp=at)
    return book.start(station, request, at)


def stop(book, number, station="CP1", meter=100, at=LATER, **more):
    request = StopTransaction(transaction_id=number, meter_stop=meter, timestamp=at, **more)
    return tuple(book.stop(station, request, at))


def statuses(book):
    return [row.status for row in book.rows()]


@pytest.fixture
def book():
    return Book()


def test_ids_count_up(book):
    assert [start(book, f"CP{n}").transaction_id for n in range(3)] == [1, 2, 3]


def test_a_stop_fills_the_record_and_local_is_the_reason_that_is_left_out(book):
    start(book)
    assert stop(book, 1) == ()
    (row,) = book.rows()
    assert (row.meter_stop, row.stop_time, row.reason, row.status) == (100, LATER, "Local", "stopped")
    assert book.open_count == 0


def test_an_open_record_has_no_stop(book):
    start(book)
    (row,) = book.rows()
    assert (row.meter_stop, row.stop_time, row.reason, row.status) == (None, None, None, "open")


@pytest.mark.parametrize("tag", ["A", "a"])
def test_a_retransmitted_start_gets_its_id_while_it_is_open(book, tag):
    start(book)
    assert start(book, tag=tag) == (1, False, (Finding.RETRANSMITTED,))
    assert statuses(book) == ["open"]


def test_a_retransmitted_start_gets_its_id_after_its_stop(book):
    start(book)
    stop(book, 1)
    assert start(book) == (1, False, (Finding.RETRANSMITTED,))
    assert statuses(book) == ["stopped"]


@pytest.mark.parametrize(
    "other", [{"station": "CP2"}, {"connector": 2}, {"tag": "B"}, {"at": LATER}, {"meter": 1}], ids=str
)
def test_a_start_that_differs_in_anything_is_another_one(book, other):
    start(book)
    assert start(book, **other).transaction_id == 2


@pytest.mark.parametrize("other_station", [False, True])
def test_a_stop_for_no_transaction_of_the_station_changes_nothing(book, other_station):
    start(book)
    found = stop(book, 1, station="CP2") if other_station else stop(book, 7)
    assert found == (Finding.UNKNOWN_STOP,)
    assert statuses(book) == ["open"]


def test_the_same_stop_again(book):
    start(book)
    stop(book, 1)
    assert stop(book, 1) == (Finding.REPEATED_STOP,)
    assert stop(book, 1, reason="Local") == (Finding.REPEATED_STOP,)


def test_a_second_stop_that_differs_is_counted_and_the_first_one_stays(book):
    start(book)
    stop(book, 1)
    assert stop(book, 1, meter=999) == (Finding.CONFLICTING_STOP,)
    assert book.rows()[0].meter_stop == 100


def test_a_stop_before_its_start_is_unknown_and_the_start_stays_open(book):
    assert stop(book, 1) == (Finding.UNKNOWN_STOP,)
    assert start(book).transaction_id == 1
    assert statuses(book) == ["open"]


def test_a_start_on_a_connector_with_an_open_transaction_abandons_it(book):
    start(book)
    assert start(book, at=LATER) == (2, False, (Finding.ABANDONED,))
    assert statuses(book) == ["abandoned", "open"]
    assert book.open_count == 1


def test_the_late_stop_of_an_abandoned_transaction_is_booked(book):
    start(book)
    start(book, at=LATER, meter=50)
    assert stop(book, 1, meter=50) == ()
    assert statuses(book) == ["stopped", "open"]
    assert stop(book, 2, meter=70) == ()
    assert start(book, meter=70, at="2026-11-22T15:00:00.000Z").findings == ()


@pytest.mark.parametrize("meter", [99, 101])
def test_a_register_that_moved_between_transactions_is_a_gap(book, meter):
    start(book)
    stop(book, 1, meter=100)
    assert start(book, meter=meter, at=LATER).findings == (Finding.METER_GAP,)


def test_registers_are_compared_on_one_connector_of_one_station_only(book):
    start(book)
    stop(book, 1, meter=100)
    assert start(book, connector=2, at=LATER).findings == ()
    assert start(book, station="CP2", at=LATER).findings == ()
    assert start(book, meter=100, at=LATER).findings == ()


def test_after_an_abandoned_transaction_no_gap_can_be_told(book):
    start(book)
    stop(book, 1, meter=100)
    start(book, meter=100, at=LATER)
    assert start(book, meter=500, at="2026-11-22T15:00:00.000Z").findings == (Finding.ABANDONED,)


def test_energy_cannot_be_negative(book):
    start(book, meter=50)
    assert stop(book, 1, meter=49) == (Finding.NEGATIVE_ENERGY,)
    start(book, meter=49, at=LATER)
    assert stop(book, 2, meter=49) == ()


def test_a_tag_is_in_use_by_the_earlier_of_its_open_transactions(book):
    assert not start(book).in_use
    assert start(book, station="CP2", tag="a").in_use
    assert not start(book).in_use
    stop(book, 1)
    assert not start(book, station="CP2", tag="a").in_use
    assert not start(book, station="CP3", tag="B").in_use


def test_changes_are_told_once_and_in_order(book):
    start(book)
    start(book, at=LATER)
    stop(book, 2)
    stop(book, 2)
    assert [(t.transaction_id, t.status) for t in book.take_changes()] == [
        (1, "open"),
        (1, "abandoned"),
        (2, "open"),
        (2, "stopped"),
    ]
    assert book.take_changes() == []


def test_rows_of_one_station(book):
    start(book)
    start(book, station="CP2")
    assert [row.transaction_id for row in book.rows("CP2")] == [2]
    assert book.rows("CP3") == []


@pytest.fixture
def restarted(book):
    """A book made from the rows of another: 1 stopped at 100, 2 abandoned on connector 2, 3 open on connector 2."""
    start(book)
    stop(book, 1)
    start(book, connector=2)
    start(book, connector=2, at=LATER)
    return Book(book.rows())


def test_after_a_restart_ids_go_on(restarted):
    assert start(restarted, station="CP9").transaction_id == 4
    assert Book(restarted.rows(), first_id=1000)._next_id == 1000


def test_after_a_restart_an_open_transaction_is_stopped(restarted):
    assert stop(restarted, 3) == ()
    assert statuses(restarted) == ["stopped", "abandoned", "stopped"]


def test_after_a_restart_what_was_known_is_known(restarted):
    assert start(restarted) == (1, False, (Finding.RETRANSMITTED,))
    assert stop(restarted, 1) == (Finding.REPEATED_STOP,)
    assert start(restarted, meter=7, at=LATER).findings == (Finding.METER_GAP,)
    assert start(restarted, connector=2, meter=9, at="2026-11-22T15:00:00.000Z").findings == (Finding.ABANDONED,)
    assert start(restarted, station="CP2").in_use


def test_after_a_restart_no_gap_is_told_where_the_last_one_was_abandoned(book):
    start(book)
    stop(book, 1, meter=100)
    start(book, meter=100, at=LATER)
    start(book, meter=100, at="2026-11-22T15:00:00.000Z")
    left = Book([row for row in book.rows() if row.status != "open"])
    assert start(left, meter=777, at="2026-11-22T16:00:00.000Z").findings == ()
