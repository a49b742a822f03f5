"""Who may charge: the tag records, and the judgement on a presented tag (OCPP 1.6, sections 4.1 and 7, IdTagInfo)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import UNSET, Struct

from evsim_locust.ocppj import timestamps
from evsim_locust.ocppj.v16.messages import IdTagInfo

TagStatus = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]

_UNLISTED = IdTagInfo(status="Accepted")
_UNKNOWN = IdTagInfo(status="Invalid")


class Tag(Struct, frozen=True, kw_only=True):
    """One record; `expiry_s` is seconds since the epoch."""

    id_tag: str
    status: TagStatus = "Accepted"
    parent_id_tag: str | None = None
    expiry_s: float | None = None


class Tags:
    """All records, found without regard to case, since an IdToken is a CiString20Type.

    `strict` makes unlisted tags Invalid and lets a listed tag have one transaction at a time.
    """

    def __init__(self, tags: Iterable[Tag] = (), strict: bool = False) -> None:
        self._tags = {tag.id_tag.lower(): tag for tag in tags}
        self._strict = strict

    def judge(self, id_tag: str, now: float, in_use: bool = False) -> IdTagInfo:
        """The IdTagInfo for a tag presented at `now`; `in_use`: an earlier transaction of the tag is open.

        ConcurrentTx is only for StartTransaction (section 7.2), so other callers leave `in_use` out.
        """
        tag = self._tags.get(id_tag.lower())
        if tag is None:
            return _UNKNOWN if self._strict else _UNLISTED
        return IdTagInfo(
            status=self._status(tag, now, in_use),
            parent_id_tag=UNSET if tag.parent_id_tag is None else tag.parent_id_tag,
            expiry_date=UNSET if tag.expiry_s is None else timestamps.write(tag.expiry_s),
        )

    def _status(self, tag: Tag, now: float, in_use: bool) -> TagStatus:
        if tag.status != "Accepted":
            return tag.status
        if tag.expiry_s is not None and now >= tag.expiry_s:
            return "Expired"
        return "ConcurrentTx" if in_use and self._strict else "Accepted"
