"""The WebSocket wire format (RFC 6455), client side, without I/O.

`FrameReader.feed(data)` turns bytes from the server into events; the `encode_*` functions turn ours into bytes.
Text messages are plain `str`, so the common case costs no event object.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from random import getrandbits
from typing import NamedTuple

try:
    from websockets.speedups import apply_mask
except ImportError:  # websockets was installed without a compiler
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_FIN, _RSV, _CONTROL, _OPCODE, _MASKED = 0x80, 0x70, 0x08, 0x0F, 0x80
_WHOLE_TEXT = _FIN | TEXT
_LONE_HEADS = {2 + size: bytes((_WHOLE_TEXT, size)) for size in range(126)}  # by the size of the whole frame

# Close codes, section 7.4.1
NORMAL = 1000
GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
UNSUPPORTED_DATA = 1003
NO_STATUS = 1005  # never on the wire: the close frame had no code
ABNORMAL = 1006  # never on the wire: no close frame came
INVALID_TEXT = 1007
TOO_BIG = 1009
_CODES_ON_THE_WIRE = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))


class Ping(NamedTuple):
    """The server asks for a pong with the same payload."""

    payload: bytes


class Pong(NamedTuple):
    """The server answered a ping of ours."""

    payload: bytes


class Close(NamedTuple):
    """The server closes; `code` is 1005 when its frame had none."""

    code: int
    reason: str


class Violation(NamedTuple):
    """The server broke the protocol; close with `code`. Always the last event."""

    code: int
    reason: str


Event = str | Ping | Pong | Close | Violation


class _Broken(Exception):
    """Carries close code and reason from a check to `feed`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class FrameReader:
    """Collects bytes until frames, and frames until messages, are whole."""

    __slots__ = ("_between", "_finished", "_max_size", "_message", "_partial")

    def __init__(self, max_size: int = 1 << 20) -> None:
        """`max_size` (at least 125) bounds one message in bytes, in one frame or many."""
        self._max_size = max_size
        self._partial: bytearray | None = None  # the start of a frame
        self._message: bytearray | None = None  # the start of a fragmented message
        self._finished = False  # after Close or Violation nothing counts
        self._between = True  # nothing is begun, and nothing at its end

    def lone_text(self, data: bytes) -> str | None:
        """The text, when the next bytes of the stream are a short one, whole and alone; else `feed` must take them.

        They nearly always are, and what follows here is not needed.
        """
        if self._between and data[:2] == _LONE_HEADS.get(len(data)):
            try:
                return data[2:].decode()
            except UnicodeDecodeError:
                pass
        return None

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes of the stream, return what they complete, in order."""
        text = self.lone_text(data)
        return self._feed(data) if text is None else [text]

    def _feed(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        if self._finished:
            return events
        if self._partial is not None:
            self._partial += data
        try:
            used = self._read_frames(self._partial or data, events)
        except _Broken as broken:
            self._finished = True
            events.append(Violation(broken.code, broken.reason))
        if self._finished:
            self._partial = self._message = None
        elif self._partial is not None:
            del self._partial[:used]
            self._partial = self._partial or None
        elif used < len(data):
            self._partial = bytearray(data[used:])
        self._between = self._partial is None and self._message is None and not self._finished
        return events

    def _read_frames(self, buffer: bytes | bytearray, events: list[Event]) -> int:
        """Append the events of all whole frames, return the number of bytes they took."""
        start, available = 0, len(buffer)
        while available - start >= 2 and not self._finished:
            head, length = buffer[start], buffer[start + 1]
            payload = start + 2
            if head != _WHOLE_TEXT or length > 125 or self._message is not None:
                self._check_header(head, length)  # also refuses the mask bit, as length > 125
                if length > 125:
                    payload += 2 if length == 126 else 8
                    if available < payload:
                        return start
                    length = _long_length(buffer[start + 2 : payload])
                self._check_size(head, length)
            end = payload + length
            if available < end:
                return start
            if head == _WHOLE_TEXT:
                events.append(_text(buffer[payload:end]))
            else:
                self._take(head, buffer[payload:end], events)
            start = end
        return start

    def _check_header(self, head: int, length: int) -> None:
        """Refuse what sections 5.2 to 5.5 let us refuse on the first two bytes."""
        opcode = head & _OPCODE
        if head & _RSV:
            raise _Broken(PROTOCOL_ERROR, "reserved bits are set but no extension was agreed")
        if length & _MASKED:
            raise _Broken(PROTOCOL_ERROR, "a server must not mask")
        if opcode in (CLOSE, PING, PONG):
            if not head & _FIN or length > 125:
                raise _Broken(PROTOCOL_ERROR, "control frame fragmented or over 125 bytes")
        elif opcode not in (CONTINUATION, TEXT, BINARY):
            raise _Broken(PROTOCOL_ERROR, f"reserved opcode {opcode:#x}")
        elif (opcode == CONTINUATION) != (self._message is not None):
            raise _Broken(PROTOCOL_ERROR, "a message begins inside another or goes on without a beginning")
        elif opcode == BINARY:  # OCPP-J 1.6 section 4: JSON texts only
            raise _Broken(UNSUPPORTED_DATA, "binary message")

    def _check_size(self, head: int, length: int) -> None:
        """Refuse a message over the limit on its header, before its payload is collected."""
        if not head & _CONTROL and length + len(self._message or b"") > self._max_size:
            raise _Broken(TOO_BIG, f"message over {self._max_size} bytes")

    def _take(self, head: int, payload: bytes | bytearray, events: list[Event]) -> None:
        """Handle one whole frame that is not a text message of its own."""
        opcode = head & _OPCODE
        if opcode == PING:
            events.append(Ping(bytes(payload)))
        elif opcode == PONG:
            events.append(Pong(bytes(payload)))
        elif opcode == CLOSE:
            events.append(_close(payload))
            self._finished = True
        else:
            self._message = bytearray() if self._message is None else self._message
            self._message += payload
            if head & _FIN:
                message, self._message = self._message, None
                events.append(_text(message))


def _long_length(field: bytes | bytearray) -> int:
    """Section 5.2: the shortest form must be used, the top bit of 64 must be 0."""
    length = int.from_bytes(field, "big")
    if length < (126 if len(field) == 2 else 1 << 16) or length >> 63:
        raise _Broken(PROTOCOL_ERROR, "length not in its shortest form")
    return length


def _text(payload: bytes | bytearray) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise _Broken(INVALID_TEXT, "text is not UTF-8") from None  # section 8.1


def _close(payload: bytes | bytearray) -> Close:
    """Sections 5.5.1 and 7.4: no body at all, or two bytes of code and a UTF-8 reason."""
    if not payload:
        return Close(NO_STATUS, "")
    code = int.from_bytes(payload[:2], "big")  # a single byte makes a code below 1000
    if not (code in _CODES_ON_THE_WIRE or 3000 <= code < 5000):
        raise _Broken(PROTOCOL_ERROR, "bad close code")
    return Close(code, _text(payload[2:]))


_SHORT, _MEDIUM, _LONG = struct.Struct("!BB"), struct.Struct("!BBH"), struct.Struct("!BBQ")


@lru_cache(maxsize=2048)  # a swarm's messages have few sizes
def _head(opcode: int, size: int) -> bytes:
    if size < 126:
        return _SHORT.pack(_FIN | opcode, _MASKED | size)
    if size < 1 << 16:
        return _MEDIUM.pack(_FIN | opcode, _MASKED | 126, size)
    return _LONG.pack(_FIN | opcode, _MASKED | 127, size)


def encode(opcode: int, payload: bytes) -> bytes:
    """One whole frame, masked."""
    # The mask guards proxies against hostile payloads (section 10.3); ours are not, so no system call for entropy.
    mask = getrandbits(32).to_bytes(4, "little")
    return _head(opcode, len(payload)) + mask + apply_mask(payload, mask)


def encode_ping(payload: bytes = b"") -> bytes:
    """A ping; the payload may have at most 125 bytes."""
    return encode(PING, payload)


def encode_pong(payload: bytes) -> bytes:
    """The answer to a ping, with its payload."""
    return encode(PONG, payload)


def encode_close(code: int = NORMAL, reason: str = "") -> bytes:
    """A close frame; 1005 means one without a code; the reason is cut to 123 bytes at a character."""
    if code == NO_STATUS:
        return encode(CLOSE, b"")
    return encode(CLOSE, code.to_bytes(2, "big") + reason.encode()[:123].decode(errors="ignore").encode())
