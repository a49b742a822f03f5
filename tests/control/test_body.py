"""A body that never ends, one that breaks off, and the socket of a WebSocket."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from evsim_locust.control.body import Body, bound
from evsim_locust.control.guard import BODY_LIMIT


class Endless:
    """What a client that sends chunks for ever looks like."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int) -> bytes:
        self.given += size
        return b"x" * size


class Broken:
    """A client that goes away."""

    def read(self, size: int) -> bytes:
        raise OSError("unexpected end of file")


def test_an_endless_body_is_given_up_soon_after_the_limit() -> None:
    stream = Endless()
    body = Body(stream)
    with pytest.raises(RequestEntityTooLarge):
        body.read()
    assert body.failed
    assert BODY_LIMIT < stream.given <= BODY_LIMIT + 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, BODY_LIMIT])
def test_up_to_the_limit_it_is_whole(size: int) -> None:
    body = Body(io.BytesIO(b"x" * size))
    assert len(body.read()) == size
    assert not body.failed


def test_a_client_that_goes_away_is_the_clients_error() -> None:
    body = Body(Broken())
    with pytest.raises(ClientDisconnected):
        body.read(1)
    assert body.failed


@given(st.binary(max_size=200), st.integers(1, 50))
def test_it_reads_as_a_file_does(data: bytes, size: int) -> None:
    body = Body(io.BytesIO(data))
    assert b"".join(iter(lambda: body.read(size), b"")) == data
    assert list(Body(io.BytesIO(data))) == list(io.BytesIO(data))
    assert Body(io.BytesIO(data)).readline() == io.BytesIO(data).readline()


def test_the_stream_of_a_websocket_stays_where_it_is() -> None:
    stream = io.BytesIO()
    environ: dict[str, Any] = {"wsgi.input": stream, "wsgi.input_terminated": False}
    assert bound(environ, is_upgrade=True) is None
    assert environ == {"wsgi.input": stream}


def test_only_a_stream_that_ends_by_itself_is_called_so() -> None:
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b"x"), "wsgi.input_terminated": True}
    body = bound(environ, is_upgrade=False)
    assert environ == {"wsgi.input": body, "wsgi.input_terminated": True}
    environ = {"wsgi.input": io.BytesIO(b"x"), "wsgi.input_terminated": False}  # gevent, for "Connection: upgrade"
    assert bound(environ, is_upgrade=False) is not None
    assert "wsgi.input_terminated" not in environ
