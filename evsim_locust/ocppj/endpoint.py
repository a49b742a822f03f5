"""One end of an OCPP-J connection, without I/O: for the charging station and for the central system alike.

At most one CALL of ours is in flight, later ones wait in order (OCPP-J 1.6, section 4.1.1); answers are matched by
id, CALLs that get no answer end at their deadline. The owner calls the verbs and drains `take_outbox` and
`take_events` after each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, cast

from msgspec import Raw, Struct

from evsim_locust.ocppj import frames
from evsim_locust.ocppj.errors import ErrorCode, FrameRefused, PayloadRefused, bounded_code
from evsim_locust.ocppj.events import TIMEOUT, CallEnded, CallReceived, CallRefused, Event, FrameIgnored
from evsim_locust.ocppj.frames import Call, CallError, CallResult, encode_call
from evsim_locust.ocppj.version import Version

_NEVER = float("inf")
_LOST = "connection lost"
_LATE_KEPT = 64  # ids given up on that are still told apart from duplicates
_DESCRIPTION_MAX = 255  # section 4.2.3
_UNREADABLE_ID = "-1"  # a CALLERROR to a text without a readable id


class Endpoint:
    """Sends CALLs one at a time, answers the peer's, and says what became of each.

    `prefix` (at most 24 characters) makes message ids unique for this peer across connections and restarts;
    `timeout_s` is how long an answer may take. `answers_unreadable` is for the central system: a text without a
    readable id gets a CALLERROR with id `-1`, so that the author of a station sees the fault; a station stays
    silent, since two ends that did this could go on for ever. `due_at` is `next_deadline`, for owners in a hurry.
    """

    __slots__ = (
        "_answers_unreadable",
        "_count",
        "_events",
        "_late",
        "_outbox",
        "_prefix",
        "_queue",
        "_sent",
        "_sent_id",
        "_timeout_s",
        "_version",
        "due_at",
    )

    def __init__(
        self, version: Version, prefix: str, timeout_s: float = 30.0, answers_unreadable: bool = False
    ) -> None:
        self._version = version
        self._prefix = prefix
        self._timeout_s = timeout_s
        self._answers_unreadable = answers_unreadable
        self._count = 0
        self._queue: deque[tuple[Struct, Any]] | None = None
        self._sent: tuple[str, Struct, Any, float] | None = None  # action, request, token, when
        self._sent_id = ""
        self.due_at = _NEVER
        self._late: deque[str] | None = None
        self._outbox: list[bytes] = []
        self._events: list[Event] = []

    # ---- our CALLs

    def call(self, request: Struct, now: float, token: Any = None) -> None:
        """Send `request` now, or when those before it have ended; `CallEnded` hands `token` back."""
        if self._sent is None:
            self._send(request, token, now)
        else:
            if self._queue is None:
                self._queue = deque()
            self._queue.append((request, token))

    @property
    def idle(self) -> bool:
        """No CALL of ours is in flight or waiting."""
        return self._sent is None

    def wake(self, now: float) -> None:
        """Time has passed: a CALL over its deadline ends as `Timeout`, the next one is sent."""
        if now >= self.due_at:
            self._give_up()
            self._events.append(self._end(None, TIMEOUT, f"no answer in {self._timeout_s:g} s", 0, now))

    def next_deadline(self) -> float:
        """When `wake` has something to do; infinity when never."""
        return self.due_at

    def disconnected(self, now: float, code: str) -> None:
        """The connection is gone: all CALLs end with the close `code`, in order, and no text of it is sent later."""
        self._outbox.clear()
        if self._sent is None:
            return
        self._give_up()
        waiting, self._queue = self._queue, None
        self._events.append(self._end(None, code, _LOST, 0, now))
        for request, token in waiting or ():
            self._events.append(CallEnded(type(request).__name__, request, None, code, _LOST, None, 0, token))

    # ---- the peer's frames

    def receive(self, text: str | bytes, now: float) -> None:
        """One text from the peer."""
        self._events.append(self.hear(text, now))

    def hear(self, text: str | bytes, now: float) -> Event:
        """As `receive`, for an owner in a hurry: a text is one event, which is returned and not kept."""
        try:
            frame = frames.decode(text)
        except FrameRefused as refused:
            return self._hear_broken(refused, len(text), now)
        if type(frame) is CallResult:
            if frame.unique_id == self._sent_id and self._sent is not None:
                return self._hear_result(self._sent[0], frame.payload, len(text), now)
            return self._stray(frame.unique_id)
        if type(frame) is Call:
            return self._hear_call(frame)
        return self._hear_error(cast(CallError, frame), len(text), now)

    def answer(self, unique_id: str, answer: Struct) -> None:
        """The CALLRESULT for a `CallReceived`."""
        self._outbox.append(frames.encode_result(unique_id, answer))

    def refuse(self, unique_id: str, code: ErrorCode, description: str = "") -> None:
        """The CALLERROR for a `CallReceived`."""
        self._outbox.append(frames.encode_error(unique_id, code, description))

    # ---- what came of it

    def take_outbox(self) -> Sequence[bytes]:
        """Texts to send, in order, as UTF-8."""
        if not self._outbox:
            return ()
        outbox, self._outbox = self._outbox, []
        return outbox

    def take_events(self) -> Sequence[Event]:
        """What happened since the last call, in order."""
        if not self._events:
            return ()
        events, self._events = self._events, []
        return events

    # ---- inside

    def _send(self, request: Struct, token: Any, now: float) -> None:
        self._count += 1
        self._sent_id = unique_id = f"{self._prefix}{self._count}"
        action = type(request).__name__
        self._sent = action, request, token, now
        self.due_at = now + self._timeout_s
        self._outbox.append(encode_call(unique_id, action, request))

    def _hear_result(self, action: str, payload: Raw, size: int, now: float) -> Event:
        try:
            answer = self._version.read_answer(action, payload)
        except PayloadRefused as refused:
            return self._end(None, refused.code, refused.detail, size, now)
        return self._end(answer, None, "", size, now)

    def _hear_error(self, frame: CallError, size: int, now: float) -> Event:
        if frame.unique_id != self._sent_id or self._sent is None:
            return self._stray(frame.unique_id)
        description = frame.description[:_DESCRIPTION_MAX]
        return self._end(None, bounded_code(frame.code), description, size, now, by_peer=True)

    def _hear_call(self, frame: Call) -> Event:
        try:
            request = self._version.read_request(frame.action, frame.payload)
        except PayloadRefused as refused:
            self.refuse(frame.unique_id, refused.code, refused.detail)
            action = frame.action if self._version.knows(frame.action) else "UnknownAction"
            return CallRefused(action, refused.code, refused.detail)
        return CallReceived(frame.unique_id, frame.action, request)

    def _hear_broken(self, refused: FrameRefused, size: int, now: float) -> Event:
        """A text that is no frame: matched or answered as far as it can be read."""
        kind, unique_id = refused.message_type, refused.unique_id
        if kind in (frames.CALL_RESULT, frames.CALL_ERROR) and self._sent and unique_id == self._sent_id:
            return self._end(None, ErrorCode.FORMATION_VIOLATION, refused.detail, size, now)
        if kind is not None and kind not in (frames.CALL, frames.CALL_RESULT, frames.CALL_ERROR):
            # Section 4.1.3: a message type we do not know is ignored.
            return FrameIgnored("UnknownMessageType", refused.detail)
        self._answer_broken(kind, unique_id, refused.detail)
        return FrameIgnored("MalformedFrame", refused.detail)

    def _answer_broken(self, kind: int | None, unique_id: str | None, detail: str) -> None:
        if kind == frames.CALL and unique_id is not None:
            self.refuse(unique_id, ErrorCode.FORMATION_VIOLATION, detail)
        elif self._answers_unreadable and kind not in (frames.CALL_RESULT, frames.CALL_ERROR):
            self.refuse(_UNREADABLE_ID, ErrorCode.FORMATION_VIOLATION, detail)

    def _give_up(self) -> None:
        """An answer to the CALL in flight would be late from now on, on this connection or the next."""
        if self._late is None:
            self._late = deque(maxlen=_LATE_KEPT)
        self._late.append(self._sent_id)

    def _stray(self, unique_id: str) -> Event:
        """An answer to nothing that is in flight."""
        if self._late is not None and unique_id in self._late:
            self._late.remove(unique_id)
            return FrameIgnored("LateAnswer", unique_id)
        if self._was_ours(unique_id):
            return FrameIgnored("DuplicateAnswer", unique_id)
        return FrameIgnored("UnknownAnswer", unique_id[:36])

    def _was_ours(self, unique_id: str) -> bool:
        number = unique_id.removeprefix(self._prefix)
        return (
            number.isdecimal()
            and len(number) < 19
            and f"{self._prefix}{int(number)}" == unique_id
            and (0 < int(number) <= self._count)
        )

    def _end(
        self,
        answer: Struct | None,
        error: str | None,
        description: str,
        size: int,
        now: float,
        by_peer: bool = False,
    ) -> Event:
        """The CALL in flight has come to its end; the next one is sent."""
        assert self._sent is not None
        action, request, token, sent_at = self._sent
        self._sent = None
        self.due_at = _NEVER
        if self._queue:
            self._send(*self._queue.popleft(), now)
        return CallEnded(action, request, answer, error, description, now - sent_at, size, token, by_peer)
