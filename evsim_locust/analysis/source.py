"""The history is opened, looked at and read in one piece, and never written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from evsim_locust.analysis.errors import NothingThere, Unreadable
from evsim_locust.history.database import open_for_reading
from evsim_locust.history.errors import HistoryRefused, NoHistory
from evsim_locust.history.location import parse_location

_OLDEST: Final = 1  # the first version of the tables that tells runs apart


@contextmanager
def opened(location: str) -> Iterator[Connection]:
    """A connection that sees the history as it is now, also while a run goes on; `location` is a path or has `://`.

    Raises NothingThere, Unreadable; errors of the database in the block become Unreadable.
    """
    engine = _engine(location)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        place = parse_location(location)
        raise Unreadable(f"{place.shown} cannot be read: {place.words(error)}") from None
    finally:
        engine.dispose()


def _engine(location: str) -> Engine:
    try:
        return open_for_reading(location, oldest=_OLDEST)
    except NoHistory as error:
        raise NothingThere(str(error)) from None
    except HistoryRefused as error:
        raise Unreadable(str(error)) from None
