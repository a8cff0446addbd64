"""The database: one base class, one way to open it, one way to write to it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MILLISECONDS = 10_000

Sessions = sessionmaker[Session]


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC; a naive one is refused, for nobody could say what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of ReviewFlow; `metadata` is what the migrations are compared with."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


def table_of(model: type[Base]) -> Table:
    """The bare table of a model, for rows that are only written: that takes half the time of an object."""
    return Base.metadata.tables[model.__tablename__]


def one_of(column: str, values: type[StrEnum] | Iterable[str]) -> CheckConstraint:
    """The constraint that `column` holds one of `values`, or nothing where it may be empty."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def public_id() -> str:
    """A name for a row that may stand in a web address: 96 random bits, saying nothing."""
    return secrets.token_urlsafe(12)


def connect(url: str) -> Engine:
    """The database at `url`, with the settings that keep its promises put on every connection.

    SQLite: write-ahead log with full synchronising (a commit survives a power cut), foreign keys
    on, and a write lock taken at BEGIN by every transaction that was not opened for reading.
    PostgreSQL: synchronous commit as the server has it; `check_settings` refuses less.
    """
    if url.startswith("postgres://"):
        url = url.replace("postgres://", "postgresql://", 1)
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
        "recursive_triggers=ON",  # or INSERT OR REPLACE would remove a row past the trigger that refuses
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def make_sessions(engine: Engine) -> Sessions:
    """Sessions on `engine`; objects stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """One change, all or nothing: committed when the block ends, undone when it raises.

    On SQLite the write lock is taken at the start, so that what is read here is still true
    when it is written.
    """
    with sessions() as session, session.begin():
        yield session


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """A look at the database that changes nothing and waits for no writer; what was read stays readable."""
    with sessions() as session:
        session.connection(execution_options={"reading": True})
        yield session


def check_settings(engine: Engine) -> list[str]:
    """What is wrong with the settings of the database; an empty list when commits are safe."""
    with engine.connect().execution_options(reading=True) as connection:
        if engine.dialect.name == "sqlite":
            expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
            return [
                f"SQLite's {name} is {found}, not {wanted}"
                for name, wanted in expected.items()
                if (found := connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) != wanted
            ]
        safe = {"fsync": {"on"}, "synchronous_commit": {"on", "remote_apply", "remote_write", "local"}}
        return [
            f"PostgreSQL's {name} is {found}: a commit could be lost in a power cut"
            for name, wanted in safe.items()
            if (found := connection.execute(text(f"SHOW {name}")).scalar_one()) not in wanted
        ]
