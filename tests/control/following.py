"""Stations on the bench whose facts, and those of their links, a tracker is told as the plugin would tell them."""

from __future__ import annotations

from evsim_locust.control.fleet import Change
from evsim_locust.control.tracking import Tracked, Tracker
from evsim_locust.station.commands import Meter, PlugIn, Swipe
from evsim_locust.station.events import TransactionStopped
from evsim_locust.transport.events import LinkClosed, OpenEnded
from tests.station.bench import Bench

PRICE = 20.0


class Followed:
    """`told` is what the tracker knows of; `delivered_wh` is the truth, from the station's own meters."""

    def __init__(self, tracker: Tracker, bench: Bench, station_id: str = "CS-1") -> None:
        self.tracker, self.bench = tracker, bench
        self.tracked: Tracked = tracker.watch(station_id, bench.station)
        self._read = 0
        self._linked = False
        self.tell()

    def tell(self) -> None:
        """What happened since the last time; only how the link was at its end is known, as it opens and closes."""
        linked = self.bench.station.linked
        if linked and not self._linked:
            self.tracker.note(self.tracked, OpenEnded(None, 0.1))
        new, self._read = self.bench.events[self._read :], len(self.bench.events)
        for event in new:
            self.tracker.note(self.tracked, event)
        if self._linked and not linked:
            self.tracker.note(self.tracked, LinkClosed(1006, "", False, 1.0))
        self._linked = linked

    def delivered_wh(self) -> int:
        """By all transactions until now, those that run included."""
        ended = sum(event.energy_wh for event in self.bench.seen(TransactionStopped))
        return ended + sum(
            connector.meter.read_wh(self.bench.now) - connector.transaction.meter_start_wh
            for connector in self.bench.station.own_connectors
            if connector.transaction is not None
        )


def followed(bench: Bench) -> Followed:
    """A station whose first row is reported."""
    station = Followed(Tracker(), bench)
    station.tracker.report(bench.now, PRICE)
    return station


def rows(station: Followed) -> list[Change]:
    """What the next report says of it."""
    station.tell()
    return station.tracker.report(station.bench.now, PRICE).changes


def charge(bench: Bench, power_w: float = 3600.0, connector_id: int = 1) -> None:
    """From now on 1 Wh flows in each second, unless other power is asked for."""
    bench.do(PlugIn(connector_id), Swipe("TAG", connector_id), Meter(connector_id, power_w=power_w))
