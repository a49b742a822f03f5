"""What a worker's stations leave to the history: it goes to the master within a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from evsim_locust.control.tracked import Session, Tracked
from evsim_locust.history.buffer import Buffer, is_stored
from evsim_locust.history.records import Batch, LogRecord, SessionRecord, SnapshotRecord
from evsim_locust.station.events import TransactionStopped

HISTORY_IS_ON = "evsim_history_is_on"  # the master tells its workers so among Locust's options


class Recorder:
    """One process's; `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._wall_offset = time.time() - clock()
        self._buffer = Buffer()
        self.take: Callable[[], Batch | None] = self._buffer.take

    def line(self, station_id: str, text: str) -> None:
        """A line of a station's log; heartbeats are not kept."""
        if is_stored(text):
            self._buffer.log(LogRecord(time.time(), station_id, text))

    def snapshot(self, station_id: str, energy_wh: int) -> None:
        """A meter sample of a running session."""
        self._buffer.snapshot(SnapshotRecord(time.time(), station_id, energy_wh))

    def ended(self, tracked: Tracked, session: Session, event: TransactionStopped) -> None:
        """A session has ended; one whose start was never told, as its tag was refused, began at its end's register."""
        began_s = session.began_at + self._wall_offset
        connector = tracked.station.connectors[event.connector_id]
        stop_wh = connector.meter.read_wh(tracked.station.now)
        start_wh = stop_wh - event.energy_wh if session.start_wh is None else session.start_wh
        self._buffer.session(
            SessionRecord(
                session_id=f"{tracked.station_id}/{event.connector_id}/{round(began_s * 1000)}",
                station_id=tracked.station_id,
                connector_id=event.connector_id,
                id_tag=event.id_tag,
                profile=tracked.profile,
                start_s=began_s,
                stop_s=tracked.station.now + self._wall_offset,
                meter_start_wh=start_wh,
                meter_stop_wh=start_wh + event.energy_wh,
                reason=event.reason,
                price_at_start=session.price,
                cost=session.cost,
            )
        )
