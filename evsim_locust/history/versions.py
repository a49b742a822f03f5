"""Which version of the tables a database has, and how it comes to ours. Migrations are numbered: 0000, 0001 ...

Version 0000 is the schema of the simulator that this one follows, whose databases carry no number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, column, inspect, select, table

from evsim_locust.history.errors import HistoryRefused

_VERSION_TABLE: Final = "history_version"
_MIGRATIONS: Final = Path(__file__).with_name("migrations")
_ORIGINAL_COLUMNS: Final = {
    "station_logs": {"id", "timestamp", "station_id", "message"},
    "session_history": {"id", "session_id", "station_id", "start_time", "stop_time", "energy_kwh"},
    "energy_snapshots": {"id", "station_id", "timestamp", "energy_delivered_kwh"},
    "charging_profiles": {"id", "station_id", "profile_id", "profile_json", "created_at"},
}


def latest() -> int:
    """The version that this program writes."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None, "the package holds its migrations"
    return int(head)


def version_of(connection: Connection) -> int:
    """-1 for a database without tables; raises `HistoryRefused` for one that is no history, or a newer one."""
    tables = set(inspect(connection).get_table_names())
    if _VERSION_TABLE in tables:
        return _number_in(connection)
    if not tables:
        return -1
    if not _is_original(connection, tables):
        names = ", ".join(sorted(tables)[:3])
        raise HistoryRefused(f"a database of another program (tables {names}); give a new or an empty one")
    return 0


def upgrade(connection: Connection) -> None:
    """Bring any older version to ours, or make the tables, within the transaction that is on."""
    config = _config()
    config.attributes.update(connection=connection, version_table=_VERSION_TABLE)
    command.upgrade(config, "head")


def _number_in(connection: Connection) -> int:
    wanted = select(column("version_num", String)).select_from(table(_VERSION_TABLE))
    found = connection.execute(wanted).scalars().all()
    if len(found) != 1 or not str(found[0]).isdecimal():
        raise HistoryRefused("a history without a version; give a new one, or restore this one from a copy")
    number = int(found[0])
    if number > latest():
        raise HistoryRefused(
            f"written by a newer version of this program (its tables are version {number}, here {latest()} is known);"
            " use that program, or give a new history"
        )
    return number


def _is_original(connection: Connection, tables: set[str]) -> bool:
    columns = inspect(connection).get_columns
    return tables <= _ORIGINAL_COLUMNS.keys() and all(
        _ORIGINAL_COLUMNS[name] == {column["name"] for column in columns(name)} for name in tables
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
