"""A group of greenlets that gives the newest first: Locust stops those that it meets first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet

from gevent import Greenlet
from gevent.pool import Group


class _NewestFirst(MutableSet[Greenlet]):
    """A set that remembers the order in which its members came."""

    def __init__(self) -> None:
        self._members: dict[Greenlet, None] = {}

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def __iter__(self) -> Iterator[Greenlet]:
        return iter(reversed(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def add(self, value: Greenlet) -> None:
        self._members[value] = None

    def discard(self, value: Greenlet) -> None:
        self._members.pop(value, None)


class NewestFirstGroup(Group):  # type: ignore[misc]  # gevent has no types
    """Used as `runner.user_greenlets`, it makes a ramp-down end the stations that began last.

    gevent's own group is a set: there Locust would end stations at random, in the middle of long sessions.
    """

    def __init__(self, greenlets: Iterable[Greenlet] = ()) -> None:
        super().__init__()
        self.greenlets = _NewestFirst()
        for greenlet in greenlets:
            self.add(greenlet)
