"""A server on a real socket, and what the tests of it say to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from csms.central_system import CentralSystem
from csms.guard import Guard
from csms.server import Server
from tests.csms.wire import NOW, call

LOCAL = Guard("127.0.0.1")
SMALL = 8192


class Running:
    """One server and a client session for its HTTP side."""

    def __init__(self, port: int, system: CentralSystem, server: Server, http: aiohttp.ClientSession, events: list):
        self.port, self.system, self.server, self.http, self.events = port, system, server, http, events

    def station(self, station_id="CP1", subprotocols=("ocpp1.6",), **more):
        url = f"ws://127.0.0.1:{self.port}/ocpp/{station_id}"
        return connect(url, subprotocols=list(subprotocols) or None, compression=None, proxy=None, **more)

    async def get(self, path, status=200, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(f"http://127.0.0.1:{self.port}{path}", headers=headers) as response:
            body = await response.json()
            assert response.status == status, body
            assert response.content_type == "application/json"
            if status >= 400:
                assert list(body) == ["detail"]
            return body


@contextlib.asynccontextmanager
async def serving(guard: Guard = LOCAL, system: CentralSystem | None = None) -> AsyncIterator[Running]:
    system, events = system or CentralSystem(), []
    server = Server(system, guard, lambda: NOW, events.extend)
    runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    sock = socket.create_server(("127.0.0.1", 0))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)  # a peer that does not read is noticed soon
    await web.SockSite(runner, sock).start()
    try:
        async with aiohttp.ClientSession() as http:
            yield Running(runner.addresses[0][1], system, server, http, events)
    finally:
        await runner.cleanup()


async def ask(station, action, payload, unique_id="1"):
    await station.send(call(action, payload, unique_id))
    frame = json.loads(await asyncio.wait_for(station.recv(), 5))
    assert frame[:2] == [3, unique_id], frame
    return frame[2]


async def closed(station):
    """Code and reason of the close frame that the server sends."""
    with pytest.raises(ConnectionClosed) as raised:
        await asyncio.wait_for(station.recv(), 5)
    received = raised.value.rcvd
    assert received is not None
    return received.code, received.reason


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def rejected(running, station_id="CP1", **more):
    """Status and JSON detail of a refused upgrade."""
    with pytest.raises(InvalidStatus) as raised:
        async with running.station(station_id, **more):
            pass
    response = raised.value.response
    return response.status_code, json.loads(response.body)["detail"], response.headers
