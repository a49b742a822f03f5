"""Who runs which station: every id belongs to one worker at most, at every moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evsim_locust.behaviour.errors import SettingRefused
from evsim_locust.behaviour.identity import Lease, Naming, StationRow, check_station_id
from evsim_locust.control.errors import Refused
from evsim_locust.control.places import Places

_LARGEST_INDEX: Final = 2**31  # an id that is a longer number is outside of the numbering: it would not fit a message


class Leases:
    """The master's book of ids: those of the numbering, lowest free first, or with `rows` theirs, in their order.

    An owner is a worker's name. `profile_for_new` is the profile of the leases that `take` gives from now on; empty:
    the row's own, else by the mix.
    """

    def __init__(self, naming: Naming, rows: Sequence[StationRow] = ()) -> None:
        self.profile_for_new = ""
        self._naming = naming
        self._rows = tuple(rows)
        self._index_of_row = {row.station_id: index for index, row in enumerate(rows)}
        self._places = Places(len(rows) if rows else None)
        self._owner: dict[str, str] = {}
        self._held: dict[str, dict[str, None]] = {}  # by owner, in the order of leasing
        self._profiles: dict[str, str] = {}  # of what is leased, and of what a lost worker had
        self._wished: dict[str, str] = {}  # id and profile, none of them leased

    def __len__(self) -> int:
        """How many are leased now."""
        return len(self._owner)

    def take(self, owner: str) -> Lease | None:
        """The next id for a station of this owner; None when the rows are used up.

        An id that a lost worker had comes back with the profile that it had there.
        """
        if self._wished:
            station_id = next(iter(self._wished))
            return self._claimed(owner, station_id, self._wished[station_id])
        index = self._places.take()
        if index is None:
            return None
        station_id = self._id_at(index)
        return self._leased(owner, station_id, index, self._profiles.get(station_id, self.profile_for_new))

    def claim(self, owner: str, station_id: str, profile: str = "") -> Lease:
        """This one for this owner, also outside of the numbering; raises Refused (422, with rows 404; 409: leased)."""
        self._check_free(station_id)
        return self._claimed(owner, station_id, profile)

    def wish(self, station_id: str, profile: str = "") -> None:
        """Have `take` give this one next, after earlier wishes; raises Refused as `claim` does."""
        self._check_free(station_id)
        self._wished[station_id] = profile

    def release(self, owner: str, station_id: str) -> bool:
        """Free an id, its profile is forgotten; False, and nothing has changed, when this owner does not hold it."""
        if self._owner.get(station_id) != owner:
            return False
        held = self._held[owner]
        del held[station_id]
        if not held:
            del self._held[owner]
        self._free(station_id)
        del self._profiles[station_id]
        return True

    def release_all(self, owner: str) -> list[str]:
        """Free all ids of an owner that was lost, in the order they were leased in; their profiles are kept."""
        ids = list(self._held.pop(owner, ()))
        for station_id in ids:
            self._free(station_id)
        return ids

    def owner_of(self, station_id: str) -> str | None:
        """Who holds this id; None for nobody."""
        return self._owner.get(station_id)

    def held_by(self, owner: str) -> frozenset[str]:
        """The ids that this owner holds."""
        return frozenset(self._held.get(owner, ()))

    def _check_free(self, station_id: str) -> None:
        try:
            check_station_id(station_id)
        except SettingRefused as refused:
            raise Refused(422, str(refused)) from None
        if self._rows and station_id not in self._index_of_row:
            raise Refused(404, f"no station {station_id} in the stations file")
        if station_id in self._owner:
            raise Refused(409, f"station {station_id} runs already")

    def _claimed(self, owner: str, station_id: str, profile: str) -> Lease:
        index = self._index_of(station_id)
        if index is not None:
            self._places.claim(index)
        return self._leased(owner, station_id, index or 0, profile)

    def _leased(self, owner: str, station_id: str, index: int, profile: str) -> Lease:
        row = self._rows[index] if self._rows else None
        lease = Lease(station_id, index, profile or (row.profile if row else ""), row)
        self._owner[station_id] = owner
        self._held.setdefault(owner, {})[station_id] = None
        self._profiles[station_id] = lease.profile
        self._wished.pop(station_id, None)
        return lease

    def _free(self, station_id: str) -> None:
        del self._owner[station_id]
        index = self._index_of(station_id)
        if index is not None:
            self._places.give_back(index)

    def _id_at(self, index: int) -> str:
        return self._rows[index].station_id if self._rows else self._naming.id_of(self._naming.start + index)

    def _index_of(self, station_id: str) -> int | None:
        """Its place in the run; None outside of the numbering."""
        if self._rows:
            return self._index_of_row[station_id]
        number = self._naming.number_of(station_id)
        index = -1 if number is None else number - self._naming.start
        return index if 0 <= index < _LARGEST_INDEX else None
