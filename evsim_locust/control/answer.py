"""An answer of the web application, held back until it is fit for others' eyes."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from evsim_locust.control.content_policy import admitted

_SWALLOWED_BY_LOCUST = b"Locust auth exception"  # under --web-login its routes answer 200 and this when they fail


class Answer:
    """Status, headers and body; the status is empty as long as nothing was answered."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.body: Iterable[bytes] = ()

    def start(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], object]:
        """WSGI's start_response."""
        self.status, self.headers = status, headers
        return self._write

    def tell(self, status: int, detail: str = "") -> None:
        """Answer with a reason instead."""
        self.replace(json.dumps({"detail": detail or _phrase(status)}).encode())
        self._set("Content-Type", "application/json")
        self.status = _status(status)

    def make_presentable(self, known: Collection[str]) -> list[str]:
        """Errors become JSON, whose words are not the exception's; gives the inline scripts that may run."""
        kind = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        status = int(self.status.split(" ", 1)[0])
        if status >= 400 and not kind.startswith("application/json"):
            self.tell(status)
        elif kind.startswith("text/html"):
            page = b"".join(self.body)
            self.replace(page)
            if not page.startswith(_SWALLOWED_BY_LOCUST):
                return admitted(page, known)
            self.tell(500)
        return []

    def replace(self, *body: bytes) -> None:
        """Send this body instead."""
        close = getattr(self.body, "close", None)
        if close is not None:
            close()
        self.body = body

    def _set(self, name: str, value: str) -> None:
        replaced = (name.lower(), "content-length")  # the server counts anew
        self.headers = [*(pair for pair in self.headers if pair[0].lower() not in replaced), (name, value)]

    def _write(self, data: bytes) -> None:
        raise NotImplementedError("Flask gives its body as an iterable")


def _status(code: int) -> str:
    return f"{code} {_phrase(code)}"


def _phrase(code: int) -> str:
    return HTTP_STATUS_CODES.get(code, "Error")
