"""A program: a central system whose every text is HTML, turns the direction of writing, and is 10 kB long."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

MARKUP = "<img src=x onerror=alert(1)>"
TEXT = f"{MARKUP}<script>alert(2)</script>\u202eturned round\u2067 🔌⚡️ "
LONG = TEXT + "long " * 2000
TAG = "<b onclick=alert(1)>"  # the 20 characters that an idToken may have

_ids = count(1)


def _answers(action: str) -> dict[str, Any] | None:
    """Its payload; None for a CALLERROR."""
    now = datetime.now(UTC).isoformat()
    known: dict[str, dict[str, Any]] = {
        "BootNotification": {"currentTime": now, "interval": 60, "status": "Accepted"},
        "Heartbeat": {"currentTime": now},
        "StatusNotification": {},
        "Authorize": {"idTagInfo": {"status": "Accepted", "parentIdTag": TAG}},
        "StartTransaction": {"transactionId": next(_ids), "idTagInfo": {"status": "Accepted", "parentIdTag": TAG}},
        "StopTransaction": {},
        "DataTransfer": {"status": "Accepted", "data": LONG},
    }
    return known.get(action)


async def _station(connection: ServerConnection) -> None:
    try:
        async for text in connection:
            kind, message_id, *rest = json.loads(text)
            if kind == 2:
                await _answer(connection, message_id, rest[0])
    except ConnectionClosed:
        return


async def _answer(connection: ServerConnection, message_id: str, action: str) -> None:
    payload = _answers(action)
    if payload is None:
        await connection.send(_text([4, message_id, "InternalError", LONG, {MARKUP: LONG}]))
    else:
        await connection.send(_text([3, message_id, payload]))
    if action == "DataTransfer":
        call = {"vendorId": TEXT, "messageId": TAG, "data": LONG}
        await connection.send(_text([2, f"{MARKUP}{next(_ids)}"[:36], "DataTransfer", call]))


def _text(frame: list[Any]) -> str:
    """With the characters themselves."""
    return json.dumps(frame, ensure_ascii=False)


async def _main() -> None:
    async with serve(_station, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        sys.stdout.write(f"CSMS listening on ws://127.0.0.1:{port}/ocpp/<station_id>\n")
        sys.stdout.flush()
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
