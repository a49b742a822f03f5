"""The central system on aiohttp: stations' WebSockets and the control endpoints on one port."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from csms.api import Api, error
from csms.central_system import CentralSystem, Session
from csms.events import Event
from csms.guard import Guard, Refusal
from csms.sockets import CLOSE_TIMEOUT_S, ERROR, TEXT, StationSocket, Take
from csms.stations import is_station_id
from evsim_locust.ocppj.v16 import V16

_MOST_BYTES = 1 << 20  # of a request's body
_STATION_PATH = "/ocpp/"

_log = logging.getLogger(__name__)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """`clock` gives seconds since the epoch; `publish` takes the events of the sessions."""

    def __init__(
        self,
        system: CentralSystem,
        guard: Guard,
        clock: Callable[[], float],
        publish: Callable[[Sequence[Event]], None],
    ) -> None:
        self._system, self._guard, self._clock, self._publish = system, guard, clock, publish
        self._sockets: dict[str, StationSocket] = {}
        self._closings: set[asyncio.Task[Any]] = set()
        self._stopping = False

    def application(self) -> web.Application:
        """What aiohttp serves."""
        app = web.Application(middlewares=[self._check], client_max_size=_MOST_BYTES)
        app.add_routes(Api(self._system).routes())
        app.router.add_get(_STATION_PATH + "{station_id}", self._station, allow_head=False)
        return app

    async def close(self) -> None:
        """Tell every station that the central system goes (RFC 6455, section 7.4.1: 1001)."""
        self._stopping = True
        for socket in list(self._sockets.values()):
            self._close_aside(socket, WSCloseCode.GOING_AWAY, b"the central system is stopping")
        if self._closings:
            await asyncio.wait(self._closings, timeout=CLOSE_TIMEOUT_S + 1)

    # ---- every request

    @web.middleware
    async def _check(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """The guard before each handler, and JSON for every error."""
        try:
            refusal = self._refuse(request)
            if refusal is not None:
                challenge = {} if refusal.challenge is None else {"WWW-Authenticate": refusal.challenge}
                return error(refusal.status, refusal.detail, challenge)
            return await handler(request)
        except web.HTTPException as http:
            allowed = {"Allow": http.headers[hdrs.ALLOW]} if hdrs.ALLOW in http.headers else {}
            return error(http.status, http.text or http.reason, allowed)
        except ConnectionError:
            raise
        except Exception:
            _log.exception("a request to %s failed", request.path)
            return error(500, "internal error")

    def _refuse(self, request: web.Request) -> Refusal | None:
        station_id = request.match_info.get("station_id")
        if station_id is None:
            return self._guard.refuse_control(request.remote, request.headers)
        if not is_station_id(station_id):
            return Refusal(404, "no station id: use 1 to 48 of A-Z a-z 0-9 *+=:|@._-")
        if self._stopping:
            return Refusal(503, "the central system is stopping")
        return self._guard.refuse_station(station_id, request.headers)

    # ---- one station

    async def _station(self, request: web.Request) -> web.StreamResponse:
        station_id = request.match_info["station_id"]
        socket = StationSocket((V16.subprotocol,))
        try:
            await socket.prepare(request)
        except ConnectionError:
            return web.Response()  # the station went while it was let in; aiohttp would log the error
        if socket.ws_protocol is None:
            # OCPP-J 1.6, section 3.1.2: complete the handshake without the header, then close.
            await socket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"subprotocol ocpp1.6 is needed")
            return socket
        session = self._connected(station_id, socket)
        try:
            await self._serve(socket, self._taker(session, socket))
        except ConnectionError:
            pass  # the station went while we were answering
        except Exception:
            _log.exception("the session of %s failed", station_id)
            await socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"internal error")
        finally:
            if self._sockets.get(station_id) is socket:
                del self._sockets[station_id]
            session.disconnected(self._clock(), str(socket.close_code or WSCloseCode.ABNORMAL_CLOSURE))
            self._publish(session.take_events())
        return socket

    def _connected(self, station_id: str, socket: StationSocket) -> Session:
        """A second connection is the station's own after a broken line, so it replaces the first."""
        replaced = self._sockets.get(station_id)
        if replaced is not None:
            self._close_aside(replaced, WSCloseCode.POLICY_VIOLATION, b"replaced by a newer connection")
        self._sockets[station_id] = socket
        return self._system.connected(station_id, self._clock())

    def _taker(self, session: Session, socket: StationSocket) -> Take:
        """The hot path: what answers one text."""
        say, clock, publish = socket.say, self._clock, self._publish

        def take(text: bytes) -> None:
            session.receive(text, clock())
            for answer in session.take_outbox():
                say(answer)
            events = session.take_events()
            if events:
                publish(events)

        return take

    async def _serve(self, socket: StationSocket, take: Take) -> None:
        """Until the connection ends; here come the texts that could not be taken while they were read."""
        socket.hand_over(take)
        while (message := await socket.receive()).type is TEXT:
            if not _is_utf8(message.data):
                await socket.close(code=WSCloseCode.INVALID_TEXT, message=b"not UTF-8")
                return
            take(message.data)
            if not await socket.writable():
                return
        if message.type is WSMsgType.BINARY:
            await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"OCPP-J is text")
        elif message.type is ERROR and not socket.closed:
            raise message.data

    def _close_aside(self, socket: StationSocket, code: int, why: bytes) -> None:
        """Close without waiting; the task is kept, as the event loop holds tasks weakly."""
        task = asyncio.ensure_future(socket.close(code=code, message=why))
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
