"""Random WebSocket streams as a server might send them, now and then broken."""

from __future__ import annotations

import random
from itertools import pairwise

MAX = 70_000  # the size limit under test


def server_frame(rng: random.Random, opcode: int, payload: bytes, fin: bool = True, broken: bool = False) -> bytes:
    """An unmasked frame; `broken` changes one thing that a client must refuse."""
    mutation = rng.choice(["rsv", "opcode", "mask", "long", "fin", "big"]) if broken else ""
    head = _head(rng, (0x80 if fin else 0) | opcode, mutation)
    return bytes([head]) + _length(len(payload), mutation) + payload


def _head(rng: random.Random, head: int, mutation: str) -> int:
    if mutation == "rsv":
        return head | rng.choice([0x10, 0x20, 0x40])
    if mutation == "opcode":
        return head & 0x80 | rng.choice([3, 4, 5, 6, 7, 11, 15, 0, 1, 2, 8])
    return head ^ 0x80 if mutation == "fin" else head


def _length(size: int, mutation: str) -> bytes:
    flag = 0x80 if mutation == "mask" else 0
    if mutation == "big":
        return bytes([flag | 127]) + (MAX + 1).to_bytes(8, "big")
    if mutation == "long" or size >= 1 << 16:
        return bytes([flag | 127]) + size.to_bytes(8, "big")
    if size >= 126:
        return bytes([flag | 126]) + size.to_bytes(2, "big")
    return bytes([flag | size])


def random_text(rng: random.Random) -> bytes:
    """UTF-8 of sizes around the limits of each length form, now and then broken."""
    sizes = [0, 1, 5, 60, 124, 125, 126, 127, 300, 5000, 65535, 65536] if rng.random() < 0.3 else [8, 40]
    size = rng.choice(sizes)
    text = ("".join(rng.choice('aé€😀"{}') for _ in range(size)) if size < 500 else "x" * size).encode()
    if rng.random() < 0.04:
        middle = len(text) // 2
        text = text[:middle] + rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"]) + text[middle:]
    return text


def random_stream(rng: random.Random) -> bytes:
    """Messages whole and in pieces, control frames between the pieces, now and then a fault, often a close."""
    out = bytearray()
    for _ in range(rng.randint(1, 8)):
        out += _whole(rng) if rng.random() < 0.5 else _fragmented(rng)
        if rng.random() < 0.2:
            out += _control(rng)
    if rng.random() < 0.5:
        out += _close(rng) + server_frame(rng, 1, b"after")
    return bytes(out)


def _whole(rng: random.Random) -> bytes:
    text = random_text(rng)
    return server_frame(rng, 1, text, broken=rng.random() < 0.05)


def _fragmented(rng: random.Random) -> bytes:
    out, text = bytearray(), random_text(rng)
    cuts = sorted(rng.randint(0, len(text)) for _ in range(rng.randint(1, 5)))
    for number, (a, b) in enumerate(pairwise([0, *cuts, len(text)])):
        last = number == len(cuts)
        out += server_frame(rng, 0 if number else 1, text[a:b], last, rng.random() < 0.02)
        if rng.random() < 0.3:
            out += _control(rng)
    return bytes(out)


def _control(rng: random.Random) -> bytes:
    payload = rng.randbytes(rng.choice([0, 4, 125]))
    return server_frame(rng, rng.choice([9, 10]), payload, broken=rng.random() < 0.02)


def _close(rng: random.Random) -> bytes:
    number = rng.choice([1000, 1001, 1002, 1011, 1012, 3000, 4999, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
    code = number.to_bytes(2, "big")
    bodies = [b"", b"\x03", code, code + "schluß".encode(), b"\x03\xe8\xff\xfe", b"\x03\xe8" + b"r" * 123]
    return server_frame(rng, 8, rng.choice(bodies))


def chunks(rng: random.Random, data: bytes) -> list[bytes]:
    """The stream as a network might cut it, down to single bytes."""
    if len(data) < 3000 and rng.random() < 0.3:
        return [data[i : i + 1] for i in range(len(data))]
    cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.randint(0, 12)))
    return [data[a:b] for a, b in pairwise([0, *cuts, len(data)])]
