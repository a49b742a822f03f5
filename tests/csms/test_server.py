"""The server on real sockets, with clients that are not ours."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket

import pytest
from aiohttp import WSMsgType
from websockets.exceptions import ConnectionClosed

from csms.central_system import CentralSystem
from csms.events import TransactionChanged
from csms.guard import Guard
from tests.csms.running import SMALL, ask, closed, rejected, serving, until
from tests.csms.wire import BOOT, NOW, call, start, stop

pytestmark = pytest.mark.loopback


# ---- stations


def test_a_session_as_the_api_shows_it():
    async def run():
        async with serving() as running:
            async with running.station("PY-SIM%3A0001") as station:
                assert station.subprotocol == "ocpp1.6"
                assert (await ask(station, "BootNotification", BOOT))["status"] == "Accepted"
                assert (await ask(station, "StartTransaction", start(meter=5)))["transactionId"] == 1
                (row,) = await running.get("/api/v1/transactions?station_id=PY-SIM:0001")
                assert row == {
                    "transaction_id": 1,
                    "station_id": "PY-SIM:0001",
                    "connector_id": 1,
                    "id_tag": "ABC123",
                    "meter_start": 5,
                    "meter_stop": None,
                    "start_time": "2026-11-22T13:00:00.000Z",
                    "stop_time": None,
                    "reason": None,
                    "status": "open",
                }
                health = await running.get("/healthz")
                assert health == {"status": "ok", "stations_connected": 1, "transactions_open": 1}
                await ask(station, "StopTransaction", stop(1, 105, reason="Remote"))
            await until(lambda: not running.system.connected_count)
            (row,) = await running.get("/api/v1/transactions")
            assert (row["meter_stop"], row["reason"], row["status"]) == (105, "Remote", "stopped")
            (row,) = await running.get("/api/v1/stations")
            assert (row["station_id"], row["connected"], row["model"]) == ("PY-SIM:0001", False, "PY-SIM")
            assert await running.get("/api/v1/transactions?station_id=CP9") == []
            assert [type(event) for event in running.events] == [TransactionChanged] * 2

    asyncio.run(run())


def test_frames_are_answered_in_order():
    async def run():
        async with serving() as running, running.station() as station:
            for n in range(200):
                await station.send(call("Heartbeat", {}, str(n)))
            answers = [json.loads(await asyncio.wait_for(station.recv(), 5))[1] for _ in range(200)]
            assert answers == [str(n) for n in range(200)]

    asyncio.run(run())


def test_the_messages_endpoint_reads_on_from_a_number():
    async def run():
        async with serving() as running:
            async with running.station("CP1") as one, running.station("CP2") as two:
                await ask(one, "Heartbeat", {}, "a")
                await ask(two, "Heartbeat", {}, "b")
                rows = await running.get("/api/v1/messages")
                assert [(row["n"], row["station_id"], row["direction"]) for row in rows] == [
                    (1, "CP1", "in"),
                    (2, "CP1", "out"),
                    (3, "CP2", "in"),
                    (4, "CP2", "out"),
                ]
                assert rows[0]["frame"] == '[2, "a", "Heartbeat", {}]'
                assert await running.get("/api/v1/messages?after=1&limit=2") == rows[1:3]
                assert await running.get("/api/v1/messages?station_id=CP2&after=3") == rows[3:]
            for query in ("after=-1", "after=x", "limit=0", "limit=", "after=" + "9" * 40):
                body = await running.get(f"/api/v1/messages?{query}", status=422)
                assert body["detail"].startswith(query.partition("=")[0])

    asyncio.run(run())


def test_long_lists_arrive_whole():
    async def run():
        async with serving() as running:
            for n in range(1_201):
                running.system.connected(f"CP{n}", NOW)
            rows = await running.get("/api/v1/stations")
            assert [row["station_id"] for row in rows] == [f"CP{n}" for n in range(1_201)]

    asyncio.run(run())


@pytest.mark.parametrize("offered", [(), ("ocpp2.0.1",), ("OCPP1.6", "ocpp1.5")])
def test_without_the_subprotocol_the_handshake_is_completed_and_then_closed(offered):
    async def run():
        async with serving() as running:
            url = f"http://127.0.0.1:{running.port}/ocpp/CP1"
            async with running.http.ws_connect(url, protocols=offered) as station:
                assert station.protocol is None
                message = await asyncio.wait_for(station.receive(), 5)
                assert (message.type, message.data, message.extra) == (
                    WSMsgType.CLOSE,
                    1002,
                    "subprotocol ocpp1.6 is needed",
                )
            assert await running.get("/api/v1/stations") == []

    asyncio.run(run())


def test_ours_is_chosen_among_several_subprotocols():
    async def run():
        async with serving() as running, running.station(subprotocols=("ocpp2.0.1", "ocpp1.6")) as station:
            assert station.subprotocol == "ocpp1.6"

    asyncio.run(run())


def test_a_second_connection_replaces_the_first():
    async def run():
        async with serving() as running, running.station() as first:
            await ask(first, "BootNotification", BOOT)
            async with running.station() as second:
                assert await closed(first) == (1008, "replaced by a newer connection")
                await ask(second, "Heartbeat", {})
                (row,) = await running.get("/api/v1/stations")
                assert (row["connected"], row["connections"]) == (True, 2)

    asyncio.run(run())


@pytest.mark.parametrize("path", ["a%2Fb", "a%20b", "-a", "X" * 49, "a%00", "%C3%A4", ".."])
def test_an_id_that_cannot_be_is_not_found(path):
    async def run():
        async with serving() as running:
            if path == "..":
                await running.get("/ocpp/%2E%2E", status=404)
                return
            status, detail, _ = await rejected(running, path)
            assert (status, detail) == (404, "no station id: use 1 to 48 of A-Z a-z 0-9 *+=:|@._-")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("data", "code"), [(b"\x00", (1003, "OCPP-J is text")), ("x" * (1 << 20), (1009, None)), ("x", None)]
)
def test_what_is_no_text_of_a_sane_size_ends_the_connection(data, code):
    async def run():
        async with serving() as running, running.station(max_size=None) as station:
            await station.send(data)
            if code is None:
                assert json.loads(await station.recv())[:3] == [4, "-1", "FormationViolation"]
            else:
                found = await closed(station)
                assert found[0] == code[0]
                assert code[1] in (None, found[1])

    asyncio.run(run())


def test_a_text_that_is_not_utf8_ends_the_connection():
    async def run():
        async with serving() as running, running.station() as station:
            await station.send('[2,"1","DataTransfer",{"vendorId":"é"}]')
            assert json.loads(await station.recv()) == [3, "1", {"status": "UnknownVendorId"}]
            await station.send(b'[2,"1","DataTransfer",{"vendorId":"\xff"}]', text=True)
            assert await closed(station) == (1007, "not UTF-8")

    asyncio.run(run())


def test_a_station_that_is_cut_off_is_gone():
    async def run():
        async with serving() as running:
            async with running.station() as station:
                await ask(station, "StartTransaction", start())
                station.transport.abort()
            await until(lambda: not running.system.connected_count)
            assert len(await running.get("/api/v1/transactions")) == 1

    asyncio.run(run())


def _narrow(port):
    """A connection that takes in little while nobody reads it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    sock.connect(("127.0.0.1", port))
    return sock


def test_a_station_that_does_not_read_is_read_no_further_and_may_go(caplog):
    async def flood(station):
        await station.send(call("StartTransaction", start()))
        with contextlib.suppress(ConnectionClosed):
            while True:
                await station.send(call("Heartbeat", {}))
                await asyncio.sleep(0)

    async def run():
        async with serving() as running, running.station(sock=_narrow(running.port)) as station:
            station.transport.pause_reading()
            flooding = asyncio.create_task(flood(station))
            await until(lambda: running.system.connected_count)
            counted, seen = running.system.session("CP1").station, 0
            while counted.received != seen or not seen:
                seen = counted.received
                await asyncio.sleep(0.3)
            station.transport.abort()
            await until(lambda: not running.system.connected_count)
            await flooding
            assert [event.transaction.station_id for event in running.events] == ["CP1"]

    asyncio.run(run())
    assert caplog.messages == []


def test_a_fault_of_ours_ends_one_connection_and_is_logged(caplog):
    class Broken(CentralSystem):
        def connected(self, station_id, now):
            session = super().connected(station_id, now)
            if station_id == "CP1":
                session._endpoint = None
            return session

    async def run():
        async with serving(system=Broken()) as running, running.station("CP1") as one, running.station("CP2") as two:
            await one.send(call("Heartbeat", {}))
            with pytest.raises(ConnectionClosed) as raised:
                await one.recv()
            assert raised.value.rcvd.code == 1011
            await ask(two, "Heartbeat", {})

    asyncio.run(run())
    assert "the session of CP1 failed" in caplog.messages


def test_stations_are_told_when_the_central_system_stops():
    async def run():
        async with serving() as running, running.station("CP1") as one, running.station("CP2") as two:
            told = asyncio.gather(closed(one), closed(two))
            await running.server.close()
            assert await told == [(1001, "the central system is stopping")] * 2
            status, detail, _ = await rejected(running, "CP3")
            assert (status, detail) == (503, "the central system is stopping")

    asyncio.run(run())


# ---- passwords


def _basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_stations_show_their_password():
    async def run():
        async with serving(Guard("127.0.0.1", users={"CP1": "secret"})) as running:
            for headers in ({}, _basic("CP1", "wrong"), _basic("CP2", "secret")):
                status, detail, answer = await rejected(running, additional_headers=headers)
                assert (status, detail) == (401, "unknown station or wrong password")
                assert answer["WWW-Authenticate"].startswith('Basic realm="OCPP"')
            async with running.station(additional_headers=_basic("CP1", "secret")) as station:
                await ask(station, "Heartbeat", {})

    asyncio.run(run())


# ---- the control endpoints


def test_every_control_endpoint_is_guarded():
    """Each `get` asserts its status, and that an error is JSON with a detail."""

    async def run():
        async with serving(Guard("127.0.0.1", token="secret")) as running:
            for path in ("/healthz", "/api/v1/stations", "/api/v1/transactions", "/api/v1/messages", "/nothing"):
                await running.get(path, status=401)
                await running.get(path, status=404 if path == "/nothing" else 200, Authorization="Bearer secret")
        async with serving() as running:
            for path in ("/healthz", "/api/v1/stations", "/api/v1/transactions", "/api/v1/messages"):
                await running.get(path)
                await running.get(path, status=403, Host="evil.example")
                await running.get(path, status=403, Origin="http://evil.example")
                await running.get(path, status=403, Sec_Fetch_Site="cross-site")

    asyncio.run(run())


def test_a_web_page_cannot_connect_as_a_station():
    async def run():
        async with serving() as running:
            status, detail, _ = await rejected(running, origin="http://evil.example")
            assert (status, detail) == (403, "a web page of another host may not connect")

    asyncio.run(run())
