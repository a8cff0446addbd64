"""A PostgreSQL server of our own for the tests, and databases copied from one that is already migrated."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ON_PARENTS_DEATH = 1
QUICK = (
    "fsync=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=60",
)
"""Nothing of a test has to outlive a power cut, and nobody else may connect."""


ROOMY = 2 * 1024**3


def quick_folder() -> Path:
    """A new folder in memory, where the machine has the room: what a test writes is not to be kept."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOMY
    return Path(tempfile.mkdtemp(prefix="reviewflow-", dir=memory if roomy else None))


class Postgres:
    """A running server, reached through a socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://test@/{database}?host={self.folder}"

    def say(self, statement: str) -> None:
        with psycopg.connect(f"user=test dbname=postgres host={self.folder}", autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, database: str, copied_from: str = "template1") -> None:
        self.say(f"CREATE DATABASE {database} TEMPLATE {copied_from} STRATEGY FILE_COPY")

    def drop(self, database: str) -> None:
        self.say(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server for as long as the block runs. It refuses to be root, so as root it runs as `postgres`."""
    folder = quick_folder()
    server = None
    try:
        another = _somebody_else(folder)
        options = [word for setting in QUICK for word in ("-c", setting)]
        _programme("initdb", "-D", folder / "data", "-U", "test", "-A", "trust", "-N", **another).wait()
        server = _programme("postgres", "-D", folder / "data", "-k", folder, *options, **another)
        _wait_until_ready(Postgres(folder), server)
        yield Postgres(folder)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _somebody_else(folder: Path) -> dict:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programme(name: str, *words: object, **another: object) -> subprocess.Popen:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    programme = str(found[-1]) if found else shutil.which(name)
    assert programme, "PostgreSQL is not installed: the tests need it. `make test` installs it."
    return subprocess.Popen(
        [programme, *map(str, words)],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_end_with_the_tests,
        **another,
    )


def _end_with_the_tests() -> None:
    ctypes.CDLL(None).prctl(ON_PARENTS_DEATH, signal.SIGINT)


def _wait_until_ready(postgres: Postgres, server: subprocess.Popen) -> None:
    for _ in range(600):
        try:
            postgres.say("SELECT 1")
        except psycopg.OperationalError:
            assert server.poll() is None, "PostgreSQL did not start"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL was not ready after 30 seconds")
