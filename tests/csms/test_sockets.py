"""The stations' WebSocket under clients that are not ours: what passes by `receive`, and what does not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

import pytest
from aiohttp import WSMsgType, web
from websockets.asyncio.client import connect
from websockets.frames import Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from csms.sockets import StationSocket, text_frame
from tests.csms.running import SMALL, closed, until

pytestmark = pytest.mark.loopback


class Ends:
    """What one connection's server side saw: texts handed over, and what came out of `receive`."""

    def __init__(self) -> None:
        self.socket: StationSocket | None = None
        self.taken: list[bytes] = []
        self.received: list[tuple[WSMsgType, object]] = []

    def take(self, text: bytes) -> None:
        if text == b"fail":
            raise LookupError("of ours")
        self.taken.append(text)
        assert self.socket is not None
        self.socket.say(text)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.socket = StationSocket(("ocpp1.6",))
        await self.socket.prepare(request)
        self.socket.hand_over(self.take)
        while True:
            message = await self.socket.receive()
            self.received.append((message.type, message.data))
            if message.type is not WSMsgType.TEXT:
                return self.socket
            self.take(message.data)
            if not await self.socket.writable():
                return self.socket


@contextlib.asynccontextmanager
async def ends():
    """A server and a client's connection to it."""
    server, app = Ends(), web.Application()
    app.router.add_get("/", server.serve)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    await web.SockSite(runner, listener).start()
    url = f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    narrow.connect(runner.addresses[0][:2])
    try:
        async with connect(url, subprotocols=["ocpp1.6"], compression=None, proxy=None, sock=narrow) as station:
            yield server, station
    finally:
        await runner.cleanup()


async def _answer(station):
    return await asyncio.wait_for(station.recv(decode=False), 5)


def test_texts_are_handed_over_past_receive_and_in_order():
    async def run():
        async with ends() as (server, station):
            texts = [b"%d" % n for n in range(500)]
            for text in texts:
                await station.send(text, text=True)
            assert [await _answer(station) for _ in texts] == texts
            assert server.taken == texts
            assert server.received == []
            await station.close()
            await until(lambda: server.received == [(WSMsgType.CLOSE, 1000)])

    asyncio.run(run())


def test_what_may_not_be_utf8_goes_through_receive_and_keeps_its_place():
    async def run():
        async with ends() as (server, station):
            texts = [b"one", "zwölf".encode(), b"two", b"three", b"\xff", b"four"]
            for text in texts:
                await station.send(text, text=True)
            assert [await _answer(station) for _ in texts] == texts
            assert server.received[0] == (WSMsgType.TEXT, "zwölf".encode())

    asyncio.run(run())


def test_pings_and_fragments_between_texts():
    async def run():
        async with ends() as (server, station):
            await station.send(b"before", text=True)
            pong = await station.ping(b"still there?")
            await station.send([b"in ", b"three ", b"pieces"], text=True)
            assert [await _answer(station), await _answer(station)] == [b"before", b"in three pieces"]
            await asyncio.wait_for(pong, 5)
            assert server.taken == [b"before", b"in three pieces"]
            assert all(kind is WSMsgType.TEXT for kind, _ in server.received)  # a text may wait behind the ping

    asyncio.run(run())


def test_a_fault_of_the_taker_comes_out_of_receive_while_the_socket_is_open():
    async def run():
        async with ends() as (server, station):
            for text in (b"good", b"fail", b"too late"):
                await station.send(text, text=True)
            await until(lambda: server.received)
            ((kind, fault),) = server.received
            assert (kind, str(fault)) == (WSMsgType.ERROR, "of ours")
            assert server.taken == [b"good"]

    asyncio.run(run())


def test_while_the_station_does_not_read_its_texts_wait_and_then_go_on_in_order():
    async def run():
        async with ends() as (server, station):
            station.transport.pause_reading()
            texts = [b"%d " % n + b"x" * 2000 for n in range(400)]
            sending = asyncio.create_task(_send_all(station, texts))
            seen = -1
            while seen != len(server.taken) or not seen:
                seen = len(server.taken)
                await asyncio.sleep(0.2)
            assert seen < len(texts)
            station.transport.resume_reading()
            assert [await _answer(station) for _ in texts] == texts
            await sending
            assert server.taken == texts
            assert server.received  # some had to wait
            assert {kind for kind, _ in server.received} == {WSMsgType.TEXT}

    asyncio.run(run())


async def _send_all(station, texts):
    for text in texts:
        await station.send(text, text=True)


def test_after_a_close_of_ours_nothing_is_heard():
    async def run():
        async with ends() as (server, station):
            await station.send(b"heard", text=True)
            assert await _answer(station) == b"heard"
            closing = asyncio.create_task(server.socket.close(code=1001, message=b"we go"))
            await asyncio.sleep(0)
            assert await closed(station) == (1001, "we go")
            await closing
            assert server.taken == [b"heard"]

    asyncio.run(run())


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_frames_of_every_length_as_an_independent_reader_sees_them(size):
    text = os.urandom(size).hex()[:size].encode()
    client = Protocol(CLIENT, state=OPEN, max_size=None)
    client.receive_data(text_frame(text))
    (frame,) = client.events_received()
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, text)
