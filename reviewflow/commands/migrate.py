"""`reviewflow migrate`: the tables of the database, version by version."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from alembic.util import CommandError
from sqlalchemy import Engine

from reviewflow import db, migrating
from reviewflow.commands.speaking import SubCommand, complain, say
from reviewflow.settings import BadSetting, read_settings


def _migrate_up_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", default="head", metavar="VERSION", help="such as 0001; the newest if not given"
    )


def _migrate_down_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True, metavar="VERSION", help="such as 0001, or base for no tables")


def migrate_up(options: argparse.Namespace) -> int:
    """Brings the database's tables to a version, and says which it is."""
    return _migrate(migrating.migrate_up, options.to)


def migrate_down(options: argparse.Namespace) -> int:
    """Takes the database's tables back to an earlier version, and says which it is."""
    return _migrate(migrating.migrate_down, options.to)


def _migrate(change: Callable[[Engine, str], None], to: str) -> int:
    try:
        engine = db.connect(read_settings().database_url)
    except BadSetting as fault:
        return complain(str(fault))
    try:
        change(engine, to)
        say(f"The database is at version {migrating.version_of(engine) or 'base: it has no tables'}.")
    except CommandError as fault:
        return complain(f"The database was not changed. {fault}")
    finally:
        engine.dispose()
    return 0


SUB_COMMANDS = (
    SubCommand(
        ("migrate", "up"), "bring the database to the newest version", _migrate_up_options, migrate_up
    ),
    SubCommand(
        ("migrate", "down"), "take the database back to a version", _migrate_down_options, migrate_down
    ),
)
