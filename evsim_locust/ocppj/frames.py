"""OCPP-J frames (OCPP-J 1.6, section 4.2): CALL, CALLRESULT and CALLERROR, with the payload left unread.

Decoding is done in two stages: the envelope here, the payload by a `Version` once its type is known, from the
action of a CALL or from the request that a CALLRESULT answers.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from evsim_locust.ocppj.errors import FrameRefused

CALL, CALL_RESULT, CALL_ERROR = 2, 3, 4
UniqueId = Annotated[str, Meta(max_length=36)]  # OCPP-J 4.1.4


class Call(Struct, array_like=True, tag=CALL, forbid_unknown_fields=True, gc=False):
    """`[2, unique_id, action, payload]`"""

    unique_id: UniqueId
    action: str
    payload: Raw


class CallResult(Struct, array_like=True, tag=CALL_RESULT, forbid_unknown_fields=True, gc=False):
    """`[3, unique_id, payload]`"""

    unique_id: UniqueId
    payload: Raw


class CallError(Struct, array_like=True, tag=CALL_ERROR, forbid_unknown_fields=True, gc=False):
    """`[4, unique_id, code, description, details]`"""

    unique_id: UniqueId
    code: str
    description: str
    details: dict[str, Any]


Frame = Call | CallResult | CallError

_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Call | CallResult | CallError)
_encode = msgspec.json.Encoder().encode


def decode(text: str | bytes) -> Frame:
    """The frame in `text`; raises `FrameRefused` with whatever could be read."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise _refusal(text, str(error)) from error


def encode_call(unique_id: str, action: str, payload: object) -> bytes:
    """A CALL as UTF-8 JSON."""
    return _encode((CALL, unique_id, action, payload))


def encode_result(unique_id: str, payload: object) -> bytes:
    """A CALLRESULT as UTF-8 JSON."""
    return _encode((CALL_RESULT, unique_id, payload))


def encode_error(unique_id: str, code: str, description: str) -> bytes:
    """A CALLERROR as UTF-8 JSON; the description is cut to the 255 characters that section 4.2.3 allows."""
    return _encode((CALL_ERROR, unique_id, code, description[:255], {}))


def _refusal(text: str | bytes, detail: str) -> FrameRefused:
    """Save the message type and the id of a broken frame, so that it can be answered or matched."""
    try:
        loose = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return FrameRefused(detail)
    if not isinstance(loose, list):
        return FrameRefused(detail)
    message_type = loose[0] if loose and type(loose[0]) is int else None
    unique_id = loose[1] if len(loose) > 1 and isinstance(loose[1], str) else None
    return FrameRefused(detail, message_type, unique_id)
