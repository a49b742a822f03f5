"""Questions of the master to one worker, and their answers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from gevent import Timeout
from gevent.event import AsyncResult
from msgspec import structs

from evsim_locust.control.errors import Refused
from evsim_locust.control.messages import Answer, Ask
from evsim_locust.plugin.post import Post

_PATIENCE_S = 2.0


class Questions:
    """Each is asked once; an answer that comes too late is nobody's, unless the asker said what to do then."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._numbers = count(1)
        self._open: dict[int, AsyncResult[Answer]] = {}
        self._late: dict[int, Callable[[], object]] = {}
        post.receive(Answer, self._on_answer)

    def ask(self, worker: str, question: Ask, if_done_late: Callable[[], object] | None = None) -> Any:
        """The answer's body; raises `Refused` with the worker's reason, or 504 when it says nothing for 2 s.

        A worker that stood still does what it was asked when it goes on; `if_done_late` is called when it tells so.
        """
        number = next(self._numbers)
        self._open[number] = waiting = AsyncResult()
        try:
            self._post.send(structs.replace(question, number=number), to=worker)
            answer = waiting.get(timeout=_PATIENCE_S)
        except Timeout:
            if if_done_late is not None:
                self._late[number] = if_done_late
            raise Refused(504, f"the worker did not answer within {_PATIENCE_S:g} s") from None
        finally:
            del self._open[number]
        if answer.status != 200:
            raise Refused(answer.status, str(answer.body))
        return answer.body

    def forget_late(self) -> None:
        """Whatever was asked so far is of no account any more."""
        self._late.clear()

    def _on_answer(self, answer: Answer, _worker: str) -> None:
        waiting, late = self._open.get(answer.number), self._late.pop(answer.number, None)
        if waiting is not None:
            waiting.set(answer)
        elif late is not None and answer.status == 200:
            late()
