"""Random streams through our codec, websockets' and wsproto's: every difference must be explained."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from websockets.protocol import OPEN, SERVER, Protocol

from evsim_locust.transport import frames

from .oracles import KNOWN, Fail, by_websockets, by_wsproto, difference, ours
from .random_streams import chunks, random_stream, random_text

STREAMS = 800


@pytest.fixture(scope="module")
def streams():
    """(seed, stream, what ours sees) for each seed."""
    made = [(seed, random_stream(random.Random(seed))) for seed in range(STREAMS)]
    return [(seed, stream, ours([stream])) for seed, stream in made]


def test_the_streams_hold_every_kind_of_fault_and_clean_ones_too(streams):
    ends = Counter(seen[-1] if seen and isinstance(seen[-1], Fail) else "clean" for _, _, seen in streams)
    assert set(ends) == {"clean", Fail(1002), Fail(1003), Fail(1007), Fail(1009)}
    assert ends["clean"] > STREAMS // 3


def test_how_the_network_cuts_a_stream_does_not_matter(streams):
    for seed, stream, seen in streams:
        assert ours(chunks(random.Random(-seed), stream)) == seen, f"seed {seed}"


@pytest.mark.parametrize(("name", "oracle"), [("websockets", by_websockets), ("wsproto", by_wsproto)])
def test_every_difference_to_an_oracle_is_explained(streams, name, oracle):
    unexplained = {}
    agreed = 0
    for seed, stream, seen in streams:
        found = difference(seen, oracle(chunks(random.Random(-seed), stream)), name)
        agreed += found is None
        if found is not None and found not in KNOWN:
            unexplained[found] = seed
    assert not unexplained
    assert agreed > STREAMS // 2


def test_websockets_server_reads_back_what_we_encode():
    rng = random.Random(1)
    server = Protocol(SERVER, state=OPEN, max_size=None)
    for _ in range(300):
        text = random_text(rng).decode(errors="replace")
        payload = rng.randbytes(rng.randint(0, 125))
        data = frames.encode(frames.TEXT, text.encode())
        server.receive_data(data + frames.encode_ping(payload) + frames.encode_pong(payload))
        got = [(int(frame.opcode), bytes(frame.data)) for frame in server.events_received()]
        assert got == [(1, text.encode()), (9, payload), (10, payload)]


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1009, 3000, 4999])
def test_websockets_server_reads_our_close(code):
    for seed in range(20):
        reason = random_text(random.Random(seed)).decode(errors="replace")[:200]
        server = Protocol(SERVER, state=OPEN)
        server.receive_data(frames.encode_close(code, reason))
        assert server.close_rcvd.code == code
        assert reason.startswith(server.close_rcvd.reason)
        assert len(reason.encode()) < 124 or len(server.close_rcvd.reason.encode()) > 119
