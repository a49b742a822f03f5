"""The baseline: what most people write today, asyncio with `websockets` and `ocpp`'s ChargePoint.

A small faithful station with the packages' defaults: one task per station for its behaviour, one for its reader,
schema validation on.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Any, NoReturn

import websockets
from ocpp.v16 import ChargePoint, call
from ocpp.v16.datatypes import MeterValue
from websockets import Subprotocol

from benchmarks.programs.session import (
    SAMPLES_PER_SESSION,
    STEPS,
    WH_PER_SESSION,
    difference,
    heartbeats_before,
    mix_finding,
    sampled_values,
    timestamp,
)
from benchmarks.programs.usage import Window, arguments, cpu_s, report, rss_kib
from benchmarks.programs.wire import HOST, SUBPROTOCOL

_AT_ONCE = 50  # openings under way


class Progress:
    """Answered calls of all stations by action, and what to do the moment a total is reached."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.total = 0
        self._reached = asyncio.Event()
        self._marks: dict[int, Callable[[], None]] = {}

    async def reach(self, total: int, then: Callable[[], None]) -> None:
        """Wait until `total` calls are answered; `then` runs at once, in the call that makes up the total."""
        self._marks[total] = then
        self._reached.clear()
        await self._reached.wait()

    def answered(self, action: str) -> None:
        """One more."""
        self.calls[action] += 1
        self.total += 1
        then = self._marks.pop(self.total, None)
        if then is not None:
            then()
            self._reached.set()


class Station(ChargePoint):
    """One station as an asyncio program."""

    def __init__(self, number: int, socket: Any, progress: Progress) -> None:
        super().__init__(f"BASE-{number:06d}", socket)
        self._number, self._progress = number, progress
        self._energy_wh = 0

    async def boot(self) -> None:
        """BootNotification and the first StatusNotification."""
        await self._ask(
            call.BootNotification(
                charge_point_vendor="EVSim", charge_point_model="PY-SIM", charge_point_serial_number=self.id
            )
        )
        await self._status("Available")

    async def run(self) -> None:
        """Sessions as fast as the answers come."""
        for _ in range(heartbeats_before(self._number)):
            await self._ask(call.Heartbeat())
        while True:
            await self._session()

    async def _session(self) -> None:
        id_tag, start_wh = f"TAG{self._number:06d}", self._energy_wh
        await self._status("Preparing")
        await self._ask(call.Authorize(id_tag=id_tag))
        started = await self._ask(
            call.StartTransaction(connector_id=1, id_tag=id_tag, meter_start=start_wh, timestamp=timestamp())
        )
        await self._status("Charging")
        for _ in range(SAMPLES_PER_SESSION):
            await self._sample(started.transaction_id)
        await self._ask(
            call.StopTransaction(
                transaction_id=started.transaction_id, meter_stop=self._energy_wh, timestamp=timestamp(), reason="Local"
            )
        )
        await self._status("Finishing")
        await self._status("Available")

    async def _sample(self, transaction_id: int) -> None:
        self._energy_wh += WH_PER_SESSION // SAMPLES_PER_SESSION
        values = MeterValue(timestamp=timestamp(), sampled_value=sampled_values(self._energy_wh))
        await self._ask(call.MeterValues(connector_id=1, transaction_id=transaction_id, meter_value=[values]))

    async def _status(self, status: str) -> None:
        await self._ask(
            call.StatusNotification(connector_id=1, error_code="NoError", status=status, timestamp=timestamp())
        )

    async def _ask(self, request: Any) -> Any:
        answer = await self.call(request, suppress=False)  # a CALLERROR ends the program
        self._progress.answered(type(request).__name__)
        return answer


async def start_all(port: int, stations: int, progress: Progress, tasks: list[asyncio.Task[None]]) -> list[Station]:
    """Connected and booted stations; the reader of each is added to `tasks`."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def start(number: int) -> Station:
        async with slots:
            uri = f"ws://{HOST}:{port}/ocpp/BASE-{number:06d}"
            station = Station(number, await websockets.connect(uri, subprotocols=[Subprotocol(SUBPROTOCOL)]), progress)
            tasks.append(asyncio.create_task(station.start()))
            await station.boot()
            return station

    return list(await asyncio.gather(*(start(number) for number in range(stations))))


def raise_failure(tasks: list[asyncio.Task[None]]) -> None:
    """A station's tasks never end by themselves: one that did tells why."""
    for task in tasks:
        if task.done():
            task.result()
            raise RuntimeError("a station ended before the measurement")


class Measurement:
    """The window over a whole number of sessions.

    asyncio serves all stations in turn, so their calls end in bursts: a window by the clock would be wrong by up to
    one round of all stations.
    """

    def __init__(self, progress: Progress, other_pid: int, stations: int) -> None:
        self._progress, self._other_pid, self._stations = progress, other_pid, stations
        self._before: Counter[str] = Counter()
        self._window: Window | None = None
        self.figures: dict[str, Any] = {}

    async def take(self, seconds: float) -> None:
        """Warm up until every station is in its sessions, then measure for about `seconds`."""
        progress, started, round_calls = self._progress, monotonic(), self._stations
        warm = progress.total + len(STEPS) * round_calls
        await progress.reach(warm, self._open)
        sessions = max(1, round(seconds / (monotonic() - started)))  # whole ones: else the mix would be another
        await progress.reach(warm + sessions * len(STEPS) * round_calls, self._close)

    def _open(self) -> None:
        self._before, self._window = self._progress.calls.copy(), Window(self._other_pid)

    def _close(self) -> None:
        assert self._window is not None
        calls = difference(self._progress.calls, self._before)
        self.figures = self._window.figures(sum(calls.values())) | {"mix": calls, "finding": mix_finding(calls)}


async def measure(port: int, other_pid: int, stations: int, seconds: float) -> dict[str, Any]:
    """All figures of the baseline; raises what a station raised."""
    progress = Progress()
    tasks: list[asyncio.Task[None]] = []
    rss0, cpu0 = rss_kib(), cpu_s()
    started = await start_all(port, stations, progress, tasks)
    connect_us = (cpu_s() - cpu0) / stations * 1e6
    gc.collect()
    gc.freeze()
    kib = (rss_kib() - rss0) / stations
    tasks += [asyncio.create_task(station.run()) for station in started]
    measurement = Measurement(progress, other_pid, stations)
    taking = asyncio.create_task(measurement.take(seconds))
    await asyncio.wait([taking, *tasks], return_when=asyncio.FIRST_COMPLETED)
    raise_failure(tasks)
    await taking
    return measurement.figures | {"connect_us": connect_us, "kib_per_station": kib}


async def run_and_leave(options: argparse.Namespace) -> NoReturn:
    """Report and end at once: an orderly end would close each connection in turn while calls wait for answers."""
    report(await measure(options.port, options.other_pid, options.stations, options.seconds))
    os._exit(0)


def main() -> None:
    """Connect all stations, warm up, measure."""
    options = arguments(__doc__ or "").parse_args()
    asyncio.run(run_and_leave(options))


if __name__ == "__main__":
    main()
