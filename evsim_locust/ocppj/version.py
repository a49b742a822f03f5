"""One version of OCPP as data: its payload types, how to read them and where their schemas are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Raw, Struct

from evsim_locust.ocppj.errors import ErrorCode, PayloadRefused
from evsim_locust.ocppj.explain import explain

_Decode = Callable[[Raw], Struct]
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeError)


class Version:
    """Typed reading of payloads; `subprotocol` is its WebSocket name (OCPP-J 1.6, section 3.1.2)."""

    def __init__(
        self,
        subprotocol: str,
        folder: str,
        requests: Mapping[str, type[Struct]],
        answers: Mapping[str, type[Struct]],
    ) -> None:
        self.subprotocol = subprotocol
        self._folder = folder
        self._requests: dict[str, _Decode] = {a: msgspec.json.Decoder(kind).decode for a, kind in requests.items()}
        self._answers: dict[str, _Decode] = {a: msgspec.json.Decoder(kind).decode for a, kind in answers.items()}

    def knows(self, action: str) -> bool:
        """Whether `action` is one of this version's."""
        return action in self._requests

    def read_request(self, action: str, payload: Raw) -> Struct:
        """The payload of a CALL; raises `PayloadRefused`."""
        decode = self._requests.get(action)
        if decode is None:
            raise PayloadRefused(ErrorCode.NOT_IMPLEMENTED, f"unknown action {action[:50]!r}")
        try:
            return decode(payload)
        except _UNREADABLE as error:
            raise explain(self._folder, action, payload, str(error)) from error

    def read_answer(self, action: str, payload: Raw) -> Struct:
        """The payload of the CALLRESULT to a request of `action`; raises `PayloadRefused`."""
        try:
            return self._answers[action](payload)
        except _UNREADABLE as error:
            raise explain(self._folder, f"{action}Response", payload, str(error)) from error
