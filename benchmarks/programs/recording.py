"""CPU that the history costs where the stations are: to note an event, and to hand over what was noted.

An event is noted by the call that stations make; once a second all that was noted becomes a message to the master.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

from benchmarks.programs.usage import report
from evsim_locust.behaviour.identity import Lease
from evsim_locust.behaviour.session import sessions
from evsim_locust.control.messages import Written, encode
from evsim_locust.control.tracked import Session, Tracked
from evsim_locust.history.records import Batch
from evsim_locust.plugin.reading import read_options
from evsim_locust.plugin.recording import Recorder
from evsim_locust.plugin.run import Run, clock
from evsim_locust.station.events import TransactionStopped

LINES = (
    "Authorization successful - ABC123",
    "Charging started (price: ₹18.50, id_tag: ABC123)",
    "Energy cap reached (30.0/30.0 kWh) — stopping",
    "Charging stopped (30.00 kWh delivered)",
)
SAMPLES = 4
_STATION_ID = "PY-SIM-0001"
Act = Callable[[], object]


def acts_of_a_session(recorder: Recorder) -> dict[str, list[Act]]:
    """What the stations' side calls in the course of a session, by kind."""
    station = Run(read_options({}, "ws://127.0.0.1:9000/ocpp")).station(Lease(_STATION_ID, 0), sessions)
    tracked = Tracked(_STATION_ID, station, "default")
    session = Session(clock(), 18.5)
    session.start_wh = 0
    event = TransactionStopped(1, "ABC123", 7, "Local", 30_000)
    return {
        "line": [partial(recorder.line, _STATION_ID, text) for text in LINES],
        "snapshot": [partial(recorder.snapshot, _STATION_ID, 7_500 * part) for part in range(1, SAMPLES + 1)],
        "ended": [partial(recorder.ended, tracked, session, event)],
    }


def us_per_event(recorder: Recorder, acts: list[Act], events: int, runs: int) -> float:
    """CPU microseconds, the least of some runs; raises RuntimeError when an event is not in the message."""
    rounds = events // len(acts)
    took = []
    for _ in range(runs):
        began = time.process_time()
        for _ in range(rounds):
            for act in acts:
                act()
        batch = recorder.take()
        message = None if batch is None else encode(Written(batch))
        took.append(time.process_time() - began)
        _check(batch, message, rounds * len(acts))
    return min(took) / (rounds * len(acts)) * 1e6


def _check(batch: Batch | None, message: object, events: int) -> None:
    records = 0 if batch is None else len(batch.logs) + len(batch.snapshots) + len(batch.sessions)
    if records != events or not message:
        raise RuntimeError(f"{records} of {events} events were noted")


def main() -> None:
    """Each kind alone, and all as often as they come in a session."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000, help="between two messages to the master")
    parser.add_argument("--runs", type=int, default=100)
    options = parser.parse_args()
    recorder = Recorder(clock)
    kinds = acts_of_a_session(recorder)
    found = {f"{kind}_us": us_per_event(recorder, acts, options.events, options.runs) for kind, acts in kinds.items()}
    mixed = [act for acts in kinds.values() for act in acts]
    report(found | {"us_per_event": us_per_event(recorder, mixed, options.events, options.runs)})


if __name__ == "__main__":
    main()
