"""The stations' WebSockets: aiohttp's, except that a text is handed over while it is read.

A task that waits in `receive` is woken once for every text, which costs as much as all that the central system does
with it. So only what is no plain text, or comes while the station does not read, goes that way.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any, Literal

from aiohttp import WSMessage, WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader

TEXT, ERROR = WSMsgType.TEXT, WSMsgType.ERROR  # looked up once: Python 3.11 searches the enum's metaclass each time
_MOST_BYTES = 1 << 20  # of one message
_QUEUE_BYTES = 1 << 18  # of what waits for `receive`; twice as much makes aiohttp stop reading
CLOSE_TIMEOUT_S = 2.0  # for the peer's close frame

Take = Callable[[bytes], None]


class _Queue(WebSocketDataQueue):
    """What was read and waits for `receive`; texts pass by it while `take` is there and nothing waits."""

    take: Take | None = None

    def feed_data(self, data: Any, size: int) -> None:
        """aiohttp's reader has a message, given as its type, content and detail."""
        take = self.take
        if (
            take is None
            or data[0] is not TEXT
            or self._buffer  # first come, first served
            or not data[1].isascii()  # may not be UTF-8 at all, and the connection be closed for it
            or self._protocol.writing_paused  # the station does not read: its texts must fill the queue
        ):
            super().feed_data(data, size)
            return
        try:
            take(data[1])
        except Exception as error:  # the reader is compiled code, which would print and forget it
            self.take = None
            super().feed_data(WSMessage(ERROR, error, None), 0)


class StationSocket(web.WebSocketResponse[Literal[False]]):
    """A server's WebSocket for texts in one of `protocols`, as bytes."""

    _transport: asyncio.Transport

    def __init__(self, protocols: tuple[str, ...]) -> None:
        super().__init__(
            protocols=protocols,
            compress=False,
            decode_text=False,
            max_msg_size=_MOST_BYTES,
            timeout=CLOSE_TIMEOUT_S,
        )

    def hand_over(self, take: Take) -> None:
        """Give texts to `take` from now on, in order with those that come out of `receive` nevertheless.

        An exception of `take` comes out of `receive` as an ERROR while the socket is still open.
        """
        if isinstance(self._reader, _Queue):
            self._reader.take = take

    def say(self, text: bytes) -> None:
        """Send a text; what the station does not read now is kept, one that has gone hears nothing."""
        if not self._transport.is_closing():
            self._transport.write(text_frame(text))

    async def writable(self) -> bool:
        """Wait until the station has read most of what was sent; false when the connection is over.

        To be called when a text out of `receive` has been dealt with: one that came later may be handed over meanwhile.
        """
        assert self._payload_writer is not None
        await self._payload_writer.drain()
        return not self.closed and not self._transport.is_closing()

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        """Close; what the station still says is not heard."""
        if isinstance(self._reader, _Queue):
            self._reader.take = None
        return await super().close(code=code, message=message, drain=drain)

    def _post_start(self, request: web.BaseRequest, protocol: str | None, writer: Any) -> None:
        """As aiohttp's, with our queue; if a later aiohttp does not call it, all texts come out of `receive`."""
        self._ws_protocol, self._writer, self._transport = protocol, writer, writer.transport
        assert self._loop is not None
        self._reader = _Queue(request.protocol, _QUEUE_BYTES, loop=self._loop)
        self._parser = WebSocketReader(self._reader, _MOST_BYTES, compress=False, decode_text=False)
        request.protocol.set_parser(self._parser)
        request.protocol.keep_alive(False)


_SHORT = tuple(bytes((0x80 | TEXT, size)) for size in range(126))
_MEDIUM, _LONG = struct.Struct("!BBH").pack, struct.Struct("!BBQ").pack


def text_frame(text: bytes) -> bytes:
    """One whole text in one frame, as a server sends it (RFC 6455, section 5.2)."""
    size = len(text)
    if size < 126:
        return _SHORT[size] + text
    return (_MEDIUM(0x80 | TEXT, 126, size) if size < 1 << 16 else _LONG(0x80 | TEXT, 127, size)) + text
