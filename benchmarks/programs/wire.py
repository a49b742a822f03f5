"""WebSocket frames for the measuring programs (RFC 6455), as cheap as Python allows and no more than they need.

The product's own codec is under test, so nothing here uses it.
"""

from __future__ import annotations

import base64
import hashlib
import socket

from websockets.speedups import apply_mask

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
HOST = "127.0.0.1"
SUBPROTOCOL = "ocpp1.6"
_FIN, _MASKED = 0x80, 0x80
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
_MASK = bytes.fromhex("37fa213d")  # constant: entropy is no part of what is measured


def frame(opcode: int, payload: bytes, masked: bool) -> bytes:
    """One unfragmented frame with at most 65535 bytes of payload."""
    size, bit = len(payload), _MASKED if masked else 0
    head = bytes((_FIN | opcode, bit | size)) if size < 126 else bytes((_FIN | opcode, bit | 126)) + size.to_bytes(2)
    return head + _MASK + apply_mask(payload, _MASK) if masked else head + payload


def read_frame(data: bytes, start: int) -> tuple[int, bytes, int] | None:
    """Opcode, unmasked payload and end of the frame at `start`; None while it is not whole."""
    if len(data) - start < 2:
        return None
    length, at = data[start + 1] & 0x7F, start + 2
    if length > 125:
        width = 2 if length == 126 else 8
        if len(data) < at + width:
            return None
        length, at = int.from_bytes(data[at : at + width]), at + width
    masked = data[start + 1] & _MASKED
    end = at + length + (4 if masked else 0)
    if len(data) < end:
        return None
    payload = apply_mask(data[at + 4 : end], data[at : at + 4]) if masked else data[at:end]
    return data[start] & 0x0F, payload, end


def connect(port: int, station_id: str) -> socket.socket:
    """An upgraded, blocking socket to the server on `port`; raises OSError or ConnectionError."""
    sock = socket.create_connection((HOST, port), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(_upgrade_request(port, station_id))
    head = b""
    while b"\r\n\r\n" not in head:
        data = sock.recv(4096)
        if not data:
            raise ConnectionError("the server closed the connection during the upgrade")
        head += data
    if not head.startswith(b"HTTP/1.1 101 ") or _accept(_KEY) not in head:
        raise ConnectionError(f"the upgrade was refused: {head[:80]!r}")
    return sock


def _upgrade_request(port: int, station_id: str) -> bytes:
    lines = (
        f"GET /ocpp/{station_id} HTTP/1.1",
        f"Host: {HOST}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {_KEY.decode()}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def upgrade_answer(head: bytes) -> bytes:
    """The 101 for a whole request head; raises ValueError when it has no key."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"sec-websocket-key":
            return (
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: %b\r\nSec-WebSocket-Protocol: %b\r\n\r\n"
                % (_accept(value.strip()), SUBPROTOCOL.encode())
            )
    raise ValueError("an upgrade without Sec-WebSocket-Key")


def _accept(key: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(key + _GUID).digest())
