"""What a run leaves behind in a database: logs, sessions, energy, prices, runs."""

from __future__ import annotations

import logging

# Alembic tells of its plugins while it is imported, and of every step: no news for those who run a load test.
logging.getLogger("alembic").setLevel(logging.WARNING)
