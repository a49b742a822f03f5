"""Which workers told the secret of this swarm: leases carry passwords, and reports fill the totals."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterator

from evsim_locust.plugin.ramp import LOCAL

_log = logging.getLogger("evsim_locust")


class Trusted:
    """The names of those who did, and of this process itself."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._known = {LOCAL}
        self._strangers: set[str] = set()

    def __contains__(self, worker: object) -> bool:
        return worker in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def admits(self, secret: str, worker: str) -> bool:
        """Whether that is the secret; who told it is trusted from then on, who did not is named once in the log."""
        if hmac.compare_digest(secret.encode(), self._secret):
            self._known.add(worker)
            return True
        if worker not in self._strangers:
            self._strangers.add(worker)
            _log.error("worker %s does not know this master's EVSIM_CLUSTER_SECRET: it gets no stations", worker)
        return False
