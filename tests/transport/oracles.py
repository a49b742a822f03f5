"""Two other readers of RFC 6455 (websockets and wsproto), and where they are known to differ from ours."""

from __future__ import annotations

from typing import NamedTuple

from websockets.frames import Close as WebsocketsClose
from websockets.protocol import CLIENT, OPEN, Protocol
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, TextMessage
from wsproto.events import Ping as WsprotoPing
from wsproto.events import Pong as WsprotoPong
from wsproto.utilities import RemoteProtocolError

from evsim_locust.transport.frames import Close, FrameReader, Ping, Pong, Violation

from .random_streams import MAX


class Fail(NamedTuple):
    """The reader gave up with this close code."""

    code: int


Seen = str | bytes | Ping | Pong | Close | Fail


def ours(parts: list[bytes]) -> list[Seen]:
    reader = FrameReader(MAX)
    events = [event for part in parts for event in reader.feed(part)]
    return [Fail(event.code) if isinstance(event, Violation) else event for event in events]


def by_websockets(parts: list[bytes]) -> list[Seen]:
    """websockets' client core; it leaves UTF-8 and shortest lengths to others."""
    core, out, message = Protocol(CLIENT, state=OPEN, max_size=MAX), [], b""
    for part in parts:
        core.receive_data(part)
    for frame in core.events_received():
        if frame.opcode in (1, 0):
            message = (b"" if frame.opcode else message) + bytes(frame.data)
            if frame.fin:
                out.append(message)
        elif frame.opcode in (9, 10):
            out.append((Ping if frame.opcode == 9 else Pong)(bytes(frame.data)))
        elif frame.opcode == 8:
            close = WebsocketsClose.parse(frame.data)
            out.append(Close(int(close.code), close.reason))
        else:
            return [*out, Fail(1003)]
    if core.parser_exc is not None:
        out.append(Fail(int(core.close_sent.code)))
    return out


def by_wsproto(parts: list[bytes]) -> list[Seen]:
    """wsproto's client core; it has no size limit."""
    core, out = Connection(ConnectionType.CLIENT), []
    message = ""
    try:
        for part in parts:
            if core.state is not ConnectionState.OPEN:
                break
            core.receive_data(part)
            for event in core.events():
                if isinstance(event, TextMessage):
                    message += event.data
                    if event.message_finished:
                        out.append(message)
                        message = ""
                else:
                    out.append(_from_wsproto(event))
                    if isinstance(out[-1], Close | Fail):
                        return out
    except RemoteProtocolError as error:
        out.append(Fail(int(error.event_hint.code) if error.event_hint else 1002))
    return out


def _from_wsproto(event: Event) -> Seen:
    if isinstance(event, BytesMessage):
        return Fail(1003)
    if isinstance(event, CloseConnection):
        return Close(int(event.code), event.reason or "")
    if isinstance(event, WsprotoPing):
        return Ping(bytes(event.payload))
    assert isinstance(event, WsprotoPong)
    return Pong(bytes(event.payload))


# Where an oracle is laxer, stricter or later than RFC 6455 and ours: (oracle, our event, its event) -> why
KNOWN = {
    ("websockets", Fail(1007), "text"): "leaves UTF-8 to its user",
    ("websockets", Fail(1002), "text"): "takes lengths not in their shortest form",
    ("websockets", Fail(1002), "Ping"): "takes lengths not in their shortest form, in a control frame too",
    ("websockets", Fail(1002), "Pong"): "takes lengths not in their shortest form, in a control frame too",
    ("websockets", Fail(1002), Fail(1009)): "looks at the size before the header is judged",
    ("websockets", Fail(1002), Fail(1007)): "looks at the reason before the code",
    ("websockets", "Close", Fail(1002)): "refuses a close between fragments; section 5.4 allows control frames there",
    ("wsproto", Fail(1009), "nothing"): "has no size limit",
    ("wsproto", Fail(1009), Fail(1002)): "has no size limit, fails on what follows",
    ("wsproto", Fail(1009), Fail(1007)): "has no size limit, reads what follows as text",
    ("wsproto", Fail(1002), Fail(1007)): "checks UTF-8 per fragment, the later fault is ours",
    ("wsproto", "Ping", Fail(1007)): "checks UTF-8 per fragment, we per message",
    ("wsproto", "Pong", Fail(1007)): "checks UTF-8 per fragment, we per message",
    ("wsproto", "Close", Fail(1007)): "checks UTF-8 per fragment, we per message",
    ("wsproto", "nothing", Fail(1007)): "checks UTF-8 per fragment, we per message",
}


def difference(mine: list[Seen], other: list[Seen], oracle: str) -> tuple[str, object, object] | None:
    """None when equal, else the first difference in the words of `KNOWN`."""
    other = [seen.decode(errors="surrogateescape") if isinstance(seen, bytes) else seen for seen in other]
    if mine == other:
        return None
    at = next((i for i, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), min(len(mine), len(other)))
    theirs = _shape(other, at)
    if oracle == "wsproto" and theirs == "Close":  # it reports a violation as a close with that code
        theirs = Fail(other[at].code)
        if _shape(mine, at) == theirs:
            return None
    return oracle, _shape(mine, at), theirs


def _shape(seen: list[Seen], index: int) -> object:
    if index >= len(seen):
        return "nothing"
    event = seen[index]
    if isinstance(event, Fail):
        return event
    return "text" if isinstance(event, str) else type(event).__name__
