"""A program: a central system of the `ocpp` package, which checks every message against the official schemas."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.datatypes import IdTagInfo
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

_transaction_ids = count(1)
_ACCEPTED = IdTagInfo(status="Accepted")


def _now() -> str:
    return datetime.now(UTC).isoformat()


class CentralSystem(ChargePoint):
    """One connection of a station."""

    @on("BootNotification")
    def on_boot(self, **_request: Any) -> call_result.BootNotification:
        return call_result.BootNotification(current_time=_now(), interval=60, status="Accepted")

    @on("Heartbeat")
    def on_heartbeat(self) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=_now())

    @on("StatusNotification")
    def on_status(self, **_request: Any) -> call_result.StatusNotification:
        return call_result.StatusNotification()

    @on("Authorize")
    def on_authorize(self, **_request: Any) -> call_result.Authorize:
        return call_result.Authorize(id_tag_info=_ACCEPTED)

    @on("StartTransaction")
    def on_start(self, **_request: Any) -> call_result.StartTransaction:
        return call_result.StartTransaction(transaction_id=next(_transaction_ids), id_tag_info=_ACCEPTED)

    @on("MeterValues")
    def on_meter_values(self, **_request: Any) -> call_result.MeterValues:
        return call_result.MeterValues()

    @on("StopTransaction")
    def on_stop(self, **_request: Any) -> call_result.StopTransaction:
        return call_result.StopTransaction(id_tag_info=_ACCEPTED)


async def _station(connection: ServerConnection) -> None:
    assert connection.request is not None
    station_id = connection.request.path.rpartition("/")[2]
    try:
        await CentralSystem(station_id, connection).start()
    except ConnectionClosed:
        return


async def _main() -> None:
    async with serve(_station, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        sys.stdout.write(f"CSMS listening on ws://127.0.0.1:{port}/ocpp/<station_id>\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(_main())
