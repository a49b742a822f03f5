"""How a station gets its id: it waits at its process's desk, which the books of the master serve."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

import gevent
from gevent.event import AsyncResult, Event

from evsim_locust.behaviour.identity import Lease

_BATCH_S = 0.02  # a ramp's wishes go in one message
_RETRY_S = 2.0  # a message may be lost, and ids may become free


class LeaseDesk:
    """Stations that wait for an id, first come, first served.

    `want` gives a ticket whose `get()` is the lease; to leave the queue, set it to None.
    """

    def __init__(self) -> None:
        self._waiting: deque[AsyncResult[Lease | None]] = deque()

    @property
    def waiting(self) -> int:
        """Stations that have no id yet."""
        return sum(not ticket.ready() for ticket in self._waiting)

    def want(self) -> AsyncResult[Lease | None]:
        """A ticket."""
        ticket: AsyncResult[Lease | None] = AsyncResult()
        self._waiting.append(ticket)
        return ticket

    def serve(self, leases: Iterable[Lease]) -> list[Lease]:
        """Hand out; returns those that nobody waits for."""
        return [lease for lease in leases if not self._hand_out(lease)]

    def _hand_out(self, lease: Lease) -> bool:
        while self._waiting:
            ticket = self._waiting.popleft()
            if not ticket.ready():
                ticket.set(lease)
                return True
        return False


class LocalDesk(LeaseDesk):
    """Beside the books, in one process: `take` and `release` are theirs."""

    def __init__(self, take: Callable[[], Lease | None], release: Callable[[str], object]) -> None:
        super().__init__()
        self._take, self._release = take, release

    def want(self) -> AsyncResult[Lease | None]:
        """A ticket, ready if there is an id."""
        ticket = super().want()
        self._serve_waiting()
        return ticket

    def give_back(self, station_id: str) -> None:
        """That id is free."""
        self._release(station_id)
        self._serve_waiting()

    def flush(self) -> None:
        """Nothing is ever on its way here."""

    def _serve_waiting(self) -> None:
        while self.waiting and (lease := self._take()) is not None:
            self.serve([lease])


class RemoteDesk(LeaseDesk):
    """On a worker: wishes and returned ids go to the master in batches; `send` takes their number and list."""

    def __init__(self, send: Callable[[int, list[str]], None]) -> None:
        super().__init__()
        self._send = send
        self._wanted = 0
        self._released: list[str] = []
        self._kick = Event()

    def want(self) -> AsyncResult[Lease | None]:
        """A ticket; the master is asked within 20 ms."""
        self._wanted += 1
        self._kick.set()
        return super().want()

    def give_back(self, station_id: str) -> None:
        """That id is free; the master hears of it within 20 ms."""
        self._released.append(station_id)
        self._kick.set()

    def granted(self, leases: Iterable[Lease]) -> None:
        """The master's answer; what nobody waits for any more goes back."""
        for spare in self.serve(leases):
            self.give_back(spare.station_id)

    def flush(self) -> None:
        """Tell the master now."""
        wanted, self._wanted = self._wanted, 0
        released, self._released = self._released, []
        if wanted or released:
            self._send(wanted, released)

    def run(self) -> None:
        """For a greenlet of its own; asks again for those that were not answered."""
        while True:
            if self._kick.wait(_RETRY_S):
                gevent.sleep(_BATCH_S)
                self._kick.clear()
            else:
                self._wanted = self.waiting
            self.flush()


Desk = LocalDesk | RemoteDesk
