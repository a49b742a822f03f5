"""Typed messages over Locust's runners, master to worker and back; in a single process they come back at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from locust.exception import RPCError
from msgspec import Struct

from evsim_locust.control.messages import NAMES, MessageRefused, decode, encode

_log = logging.getLogger(__name__)
M = TypeVar("M", bound=Struct)


class Post:
    """One process's; `send` names a worker by its id, without one it reaches all workers, or the master."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner

    def receive(self, kind: type[M], handle: Callable[[M, str], None], may_wait: bool = False) -> None:
        """Call `handle` with each message of that kind and its sender's id.

        Locust reads messages in one loop, which its heartbeats need too: a handler that `may_wait` gets a greenlet of
        its own.
        """

        def listen(environment: Any, msg: Any, **_kwargs: Any) -> None:  # noqa: ARG001  # Locust's names
            try:
                message = decode(msg.data, kind)
            except MessageRefused as refused:
                _log.error("a message from %s was ignored: %s", msg.node_id, refused)
                return
            handle(message, msg.node_id)

        self._runner.register_message(NAMES[kind], listen, concurrent=may_wait)

    def send(self, message: Struct, to: str | None = None) -> None:
        """A connection that is down loses it, as it loses Locust's own messages; who needs it asks again."""
        try:
            self._runner.send_message(NAMES[type(message)], encode(message), client_id=to)
        except RPCError as error:
            _log.warning("%s was not sent: %s", type(message).__name__, error)
