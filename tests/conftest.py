"""What holds for every test: nothing may fail unseen."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType

import pytest
from hypothesis import settings

# The machines are shared: hypothesis's time limit per example would judge the neighbours.
settings.register_profile("evsim", deadline=None, print_blob=True)
settings.load_profile("evsim")

# What locust, gevent, asyncio and aiohttp write when they swallow an exception.
_SWALLOWED = ("Uncaught exception", "Unhandled exception", "exception was never retrieved", "Error handling request")


class _Recorder(logging.Handler):
    """Keeps the texts of records that tell of a swallowed exception."""

    def __init__(self, found: list[str]) -> None:
        super().__init__()
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if any(words in text for words in _SWALLOWED):
            self._found.append(f"{record.name}: {text}\n{self.format(record)}")


@pytest.fixture(autouse=True)
def uncaught(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fails the test for each exception that was only logged or printed; who expects one looks and clears the list."""
    found: list[str] = []
    recorder = _Recorder(found)
    logging.getLogger().addHandler(recorder)
    hub = sys.modules.get("gevent.hub")  # pure tests do not import it
    if hub is not None:
        monkeypatch.setattr(hub.Hub, "print_exception", _hub_recorder(found))
    yield found
    logging.getLogger().removeHandler(recorder)
    if found:
        pytest.fail("swallowed exceptions:\n" + "\n".join(found))


def _hub_recorder(found: list[str]) -> Callable[..., None]:
    def record(
        _hub: object, context: object, kind: type, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        found.append(f"gevent hub, {context!r}:\n" + "".join(traceback.format_exception(kind, value, trace)))

    return record
