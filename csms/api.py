"""The control endpoints: what the central system knows, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from csms.central_system import CentralSystem

_ROWS_AT_ONCE = 500  # about 1 ms of encoding between two turns of the event loop
_HIGHEST_NUMBER = 2**63

_encode = msgspec.json.Encoder().encode


def error(status: int, detail: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A refusal as every client of this server sees it."""
    return web.Response(
        body=_encode({"detail": detail}), status=status, content_type="application/json", headers=headers
    )


class Api:
    """Handlers for GET requests that the guard has let through."""

    def __init__(self, system: CentralSystem) -> None:
        self._system = system

    def routes(self) -> list[web.RouteDef]:
        """What is served where."""
        return [
            web.get("/healthz", self._health, allow_head=False),
            web.get("/api/v1/stations", self._stations, allow_head=False),
            web.get("/api/v1/transactions", self._transactions, allow_head=False),
            web.get("/api/v1/messages", self._messages, allow_head=False),
        ]

    async def _health(self, _request: web.Request) -> web.StreamResponse:
        counts = {
            "status": "ok",
            "stations_connected": self._system.connected_count,
            "transactions_open": self._system.book.open_count,
        }
        return web.Response(body=_encode(counts), content_type="application/json")

    async def _stations(self, request: web.Request) -> web.StreamResponse:
        return await _send_rows(request, self._system.station_rows())

    async def _transactions(self, request: web.Request) -> web.StreamResponse:
        return await _send_rows(request, self._system.book.rows(request.query.get("station_id")))

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        try:
            after, limit = _number(request, "after", least=0), _number(request, "limit", least=1)
        except ValueError as wrong:
            return error(422, str(wrong))
        rows = self._system.messages.rows(request.query.get("station_id"), after or 0, limit)
        return await _send_rows(request, rows)


async def _send_rows(request: web.Request, rows: Sequence[Any]) -> web.StreamResponse:
    """A JSON list, written in pieces so that a long one does not hold up the stations."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Cache-Control": "no-store"})
    await response.prepare(request)
    await response.write(b"[")
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        piece = _encode(rows[start : start + _ROWS_AT_ONCE])[1:-1]
        await response.write(b"," + piece if start else piece)
        await asyncio.sleep(0)
    await response.write(b"]")
    await response.write_eof()
    return response


def _number(request: web.Request, name: str, least: int) -> int | None:
    """A whole number of the query; raises ValueError naming it."""
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text[:20]) < _HIGHEST_NUMBER):
        raise ValueError(f"{name}: {text[:40]!r} is not a whole number of at least {least}")
    return int(text)
