"""The body of a request, bounded while it is read.

Flask's MAX_CONTENT_LENGTH is not enough: a body without a length is cut off there and taken for whole.
"""

from __future__ import annotations

import io
from typing import Any
from wsgiref.types import WSGIEnvironment

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from evsim_locust.control.guard import BODY_LIMIT


class Body(io.RawIOBase):
    """Reads from the server's stream, at most 1 MiB; raises werkzeug's 413, or its 400 when no more comes.

    `failed`: what is left of it cannot be told from the next request, so the connection has to end.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._count = 0
        self.failed = False

    def readable(self) -> bool:
        """For RawIOBase, which makes the other ways to read from `readinto`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there is something; 0 at the end."""
        try:
            data: bytes = self._stream.read(len(buffer))
        except (OSError, ValueError):  # the client went away, or its chunks are malformed
            self.failed = True
            raise ClientDisconnected() from None
        self._count += len(data)
        if self._count > BODY_LIMIT:
            self.failed = True
            raise RequestEntityTooLarge(f"the body is above {BODY_LIMIT} bytes")
        buffer[: len(data)] = data
        return len(data)


def bound(environ: WSGIEnvironment, is_upgrade: bool) -> Body | None:
    """Put a `Body` where the application reads, but for a WebSocket, whose route takes the bare socket from there."""
    if not environ.get("wsgi.input_terminated"):
        environ.pop("wsgi.input_terminated", None)  # werkzeug asks whether it is there, not whether it is true
    if is_upgrade:
        return None
    body = Body(environ["wsgi.input"])
    environ["wsgi.input"] = body
    return body
