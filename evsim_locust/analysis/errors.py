"""Why there is no report. The text is one line for the user, the status the program's exit code."""

from __future__ import annotations

from typing import ClassVar


class AnalysisError(Exception):
    """Base of all errors of the analysis."""

    status: ClassVar[int]


class NothingThere(AnalysisError):
    """There is no database, or no such run in it."""

    status = 1


class Unreadable(AnalysisError):
    """The database cannot be read or is none of ours, or the report cannot be written."""

    status = 2
