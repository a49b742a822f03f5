"""What the control plane refuses."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be met; `status` is the HTTP status, `detail` one short line for whoever asked."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status, self.detail = status, detail
