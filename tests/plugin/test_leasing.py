"""The desk where stations wait for their ids, beside the books and far from them."""

from __future__ import annotations

import gevent

from evsim_locust.behaviour.identity import Lease, Naming
from evsim_locust.control.leases import Leases
from evsim_locust.plugin.leasing import LeaseDesk, LocalDesk, RemoteDesk

NAMING = Naming("S", 1, 1)


def lease(number: int) -> Lease:
    return Lease(NAMING.id_of(number), number - 1)


def local_desk(most: int = 100) -> tuple[Leases, LocalDesk]:
    books = Leases(NAMING)
    desk = LocalDesk(
        lambda: books.take("local") if len(books) < most else None,
        lambda station_id: books.release("local", station_id),
    )
    return books, desk


def test_first_come_first_served_and_spare_leases_come_back() -> None:
    desk = LeaseDesk()
    first, second = desk.want(), desk.want()
    assert desk.serve([lease(1)]) == []
    assert first.get(block=False) == lease(1)
    assert not second.ready()
    assert desk.serve([lease(2), lease(3)]) == [lease(3)]
    assert second.get(block=False) == lease(2)
    assert desk.waiting == 0


def test_who_leaves_the_queue_gets_nothing() -> None:
    desk = LeaseDesk()
    leaver, stayer = desk.want(), desk.want()
    leaver.set(None)
    assert desk.waiting == 1
    assert desk.serve([lease(1)]) == []
    assert stayer.get(block=False) == lease(1)


def test_beside_the_books_ids_come_at_once_without_holes() -> None:
    books, desk = local_desk()
    taken = [desk.want().get(block=False) for _ in range(3)]
    assert [one.station_id for one in taken if one is not None] == ["S1", "S2", "S3"]
    desk.give_back("S2")
    again = desk.want().get(block=False)
    assert again is not None
    assert again.station_id == "S2"
    assert books.owner_of("S2") == "local"


def test_beside_used_up_books_a_station_waits_until_another_leaves() -> None:
    _books, desk = local_desk(most=1)
    desk.want()
    waiting = desk.want()
    assert not waiting.ready()
    desk.give_back("S1")
    assert waiting.get(block=False) == lease(1)


def test_a_worker_asks_in_batches_and_sends_spare_ids_back() -> None:
    sent: list[tuple[int, list[str]]] = []
    desk = RemoteDesk(lambda wanted, released: sent.append((wanted, released)))
    pump = gevent.spawn(desk.run)
    tickets = [desk.want() for _ in range(3)]
    gevent.sleep(0.1)
    assert sent == [(3, [])]
    tickets[1].set(None)
    desk.granted([lease(1), lease(2), lease(3)])
    assert [ticket.get(block=False) for ticket in tickets] == [lease(1), None, lease(2)]
    gevent.sleep(0.1)
    assert sent == [(3, []), (0, ["S3"])]
    pump.kill()


def test_a_worker_asks_again_when_nobody_answers() -> None:
    sent: list[int] = []
    desk = RemoteDesk(lambda wanted, _released: sent.append(wanted))
    pump = gevent.spawn(desk.run)
    desk.want()
    gevent.sleep(2.3)
    assert sent == [1, 1]
    pump.kill()


def test_flush_tells_at_once() -> None:
    sent: list[list[str]] = []
    desk = RemoteDesk(lambda _wanted, released: sent.append(released))
    desk.give_back("S1")
    desk.flush()
    desk.flush()
    assert sent == [["S1"]]
