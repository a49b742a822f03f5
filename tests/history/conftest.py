"""A real PostgreSQL server for the tests that ask for one."""

from __future__ import annotations

from tests.postgres_server import server, url

__all__ = ["server", "url"]
