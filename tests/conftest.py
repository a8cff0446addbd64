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
from tests.databases import Postgres, postgres_server, quick_folder
from tests.making import Partnership, find_partnership, make_everybody

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
def quick() -> Iterator[Path]:
    """A folder for this run's databases."""
    folder = quick_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for this run."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_templates(postgres: Postgres) -> dict[str, str]:
    """The names of two databases to be copied: with every table, and with everybody of the fifteen days."""
    postgres.create("bare")
    _fill(postgres.url("bare"))
    postgres.create("peopled", copied_from="bare")
    _fill(postgres.url("peopled"), with_people=True)
    return {"bare": "bare", "peopled": "peopled"}


@pytest.fixture(scope="session")
def sqlite_templates(quick: Path) -> dict[str, Path]:
    """The same two as files."""
    templates = {"bare": quick / "bare.db", "peopled": quick / "peopled.db"}
    _fill(f"sqlite:///{templates['bare']}")
    shutil.copy(templates["bare"], templates["peopled"])
    _fill(f"sqlite:///{templates['peopled']}", with_people=True)
    return templates


def _fill(url: str, *, with_people: bool = False) -> None:
    engine = db.connect(url)
    migrate_up(engine)
    if with_people:
        make_everybody(db.make_sessions(engine))
    engine.dispose()


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
def database_url(request: pytest.FixtureRequest, dialect: str, quick: Path) -> Iterator[str]:
    """The address of a database with every table; with everybody, where the test asks for them."""
    template = "peopled" if "partnership" in request.fixturenames else "bare"
    if dialect == "sqlite":
        path = quick / f"test_{next(_numbers)}.db"
        shutil.copy(request.getfixturevalue("sqlite_templates")[template], path)
        yield f"sqlite:///{path}"
        for file in quick.glob(f"{path.name}*"):
            file.unlink()
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{next(_numbers)}"
    server.create(name, copied_from=request.getfixturevalue("postgres_templates")[template])
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """A database of the test's own, with every table."""
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
    return find_partnership(sessions, definitions)
