"""What every test may ask for: a database of its own, on both engines, and the review definitions."""

from __future__ import annotations

import itertools
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from reviewflow import db
from reviewflow.db import Sessions
from reviewflow.migrating import migrate_up
from reviewflow.settings import resource_folder
from reviewflow.workflow.definition import Definitions
from reviewflow.workflow.load import load_all
from tests.databases import Postgres, postgres_server
from tests.making import Partnership, make_partnership

ENGINES = ("sqlite", "postgresql")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def closed_sockets() -> Iterator[None]:
    """No test talks to another machine."""
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise AssertionError(f"A test tried to reach {address}.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_nearby)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for this run."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of a database with every table in it, to be copied."""
    postgres.create("migrated")
    engine = db.connect(postgres.url("migrated"))
    migrate_up(engine)
    engine.dispose()
    return "migrated"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table in it, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "reviewflow.db"
    engine = db.connect(f"sqlite:///{path}")
    migrate_up(engine)
    engine.dispose()
    return path


@pytest.fixture(params=ENGINES)
def dialect(request: pytest.FixtureRequest) -> str:
    """A test that asks for a database runs once on each of these."""
    return request.param


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"empty_{next(_numbers)}"
    server.create(name)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the test's own, with every table and no row."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "reviewflow.db")
        yield f"sqlite:///{tmp_path / 'reviewflow.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    server.create(name, copied_from=request.getfixturevalue("migrated_postgres"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """A database of the test's own, with every table and no row."""
    engine = db.connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(database: Engine) -> Sessions:
    """Sessions on a database of the test's own."""
    return db.make_sessions(database)


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    """Every review definition that is shipped."""
    return load_all([resource_folder("workflows")])


@pytest.fixture
def partnership(sessions: Sessions, definitions: Definitions) -> Partnership:
    """Everybody of the fifteen days, on a database of the test's own."""
    return make_partnership(sessions, definitions)
