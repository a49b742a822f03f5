"""What keeps the central system from starting, or its records from being kept; each text says what would be right."""

from __future__ import annotations


class CsmsError(Exception):
    """The root of this room's errors; the text is for the person who started the program."""


class FileRefused(CsmsError):
    """A users, tags or certificate file that cannot be used."""


class StoreRefused(CsmsError):
    """A store file that is missing its folder, locked, damaged or somebody else's."""


class StoreFailed(CsmsError):
    """Records could not be written; `unwritten` is how many were lost."""

    def __init__(self, detail: str, unwritten: int) -> None:
        super().__init__(f"{detail} ({unwritten} changes not written)")
        self.unwritten = unwritten


class PortRefused(CsmsError):
    """The address cannot be listened on."""
