"""The Authorization Cache (OCPP 1.6, section 3.4.1): what the central system last said of each tag."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET

from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.v16.messages import IdTagInfo

AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
_MOST = 100


class AuthorizationCache:
    """At most 100 tags, the one that was told longest ago makes room. Tags are CiStrings: their case does not count."""

    __slots__ = ("_tags",)

    def __init__(self) -> None:
        self._tags: dict[str, IdTagInfo] | None = None

    def learn(self, id_tag: str, info: IdTagInfo) -> None:
        """Keep what Authorize, StartTransaction or StopTransaction answered."""
        if self._tags is None:
            self._tags = {}
        self._tags.pop(id_tag.casefold(), None)
        if len(self._tags) >= _MOST:
            del self._tags[next(iter(self._tags))]
        self._tags[id_tag.casefold()] = info

    def knows(self, id_tag: str) -> bool:
        """Whether anything was ever told of the tag."""
        return self._info(id_tag) is not None

    def accepts(self, id_tag: str, wall_s: float) -> bool:
        """Whether the tag is known, accepted and not expired."""
        info = self._info(id_tag)
        return info is not None and info.status == "Accepted" and not _expired(info, wall_s)

    def parent_of(self, id_tag: str) -> str | None:
        """The group the tag belongs to, as far as is known."""
        info = self._info(id_tag)
        return None if info is None else parent_of(info)

    def clear(self) -> None:
        """Forget all tags."""
        self._tags = None

    def _info(self, id_tag: str) -> IdTagInfo | None:
        return None if self._tags is None else self._tags.get(id_tag.casefold())


def parent_of(info: IdTagInfo) -> str | None:
    """The parentIdTag, None when there is none."""
    return None if info.parent_id_tag is UNSET else info.parent_id_tag or None


def _expired(info: IdTagInfo, wall_s: float) -> bool:
    if info.expiry_date is UNSET:
        return False
    try:
        return timestamps.read(info.expiry_date).timestamp() <= wall_s
    except ValueError:
        return False  # an unreadable date is the central system's fault and no reason to turn a driver away
