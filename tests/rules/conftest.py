"""Rules are tested without a database: touching one raises."""

import pytest
from sqlalchemy import Engine


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("A test of rules touched a database.")

    for way_in in ("connect", "begin", "raw_connection"):
        monkeypatch.setattr(Engine, way_in, refuse)
