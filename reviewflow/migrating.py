"""Migrations: the database brought to a version of its tables and back, each time as one transaction."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from reviewflow.settings import resource_folder

LOCK_TIMEOUT = "10s"
"""How long a migration waits for the people at work, before it gives up and leaves them alone."""
STATEMENT_TIMEOUT = "5min"
ONE_AT_A_TIME = 5_207_415
"""The number of the lock that lets one process migrate at a time; any number nobody else uses."""


class BrokenReferences(Exception):
    """A migration on SQLite would have left rows that refer to nothing."""


def migrate_up(engine: Engine, to: str = "head") -> None:
    """Afterwards the tables are those of version `to`. Nothing happens when they already are."""
    _run(engine, command.upgrade, to)


def migrate_down(engine: Engine, to: str) -> None:
    """Afterwards the tables are those of the earlier version `to`; `base` is an empty database."""
    _run(engine, command.downgrade, to)


def version_of(engine: Engine) -> str | None:
    """The version the tables are at; None for an empty database."""
    with engine.connect().execution_options(reading=True) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str | None:
    """The version the code was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource_folder("migrations")).replace("%", "%%"))
    return config


def _run(engine: Engine, change: Any, to: str) -> None:
    config = _config()
    if engine.dialect.name == "sqlite":
        _run_on_sqlite(engine, config, change, to)
        return
    with engine.begin() as connection:
        for setting, value in (("lock_timeout", LOCK_TIMEOUT), ("statement_timeout", STATEMENT_TIMEOUT)):
            connection.exec_driver_sql(f"SET LOCAL {setting} = '{value}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        _change(connection, config, change, to)


def _run_on_sqlite(engine: Engine, config: Config, change: Any, to: str) -> None:
    """SQLite changes a table by copying it, which foreign keys would forbid: they are checked at the end."""
    with engine.connect() as connection:
        _set_foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                _change(connection, config, change, to)
                if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise BrokenReferences(f"rows that would refer to nothing: {broken[:10]}")
        finally:
            _set_foreign_keys(connection, "ON")


def _set_foreign_keys(connection: Connection, on_or_off: str) -> None:
    # Inside a transaction SQLite ignores this, so it is said to the driver before one begins.
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(f"PRAGMA foreign_keys={on_or_off}")


def _change(connection: Connection, config: Config, change: Any, to: str) -> None:
    config.attributes["connection"] = connection
    change(config, to)
