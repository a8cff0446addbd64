"""The access table: every route, every way to stand to a case, and what each is answered."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from reviewflow import db
from reviewflow.app import create_app
from reviewflow.settings import Settings
from tests.pages.access_world import KEY, RELATIONS, World, clock, make_world

TABLE = Path(__file__).parent / "access.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
HEADINGS = ["method", "route", "path", "sends", *RELATIONS]
WITHOUT_A_PERSON = ("nobody", "leaver")
ABSENT = "AAAAAAAAAAAAAAAA"
WHAT_TO_DO = f"""Say who is answered what: add these lines to tests/pages/{TABLE.name}, each cell filled in
by hand, in the order {", ".join(RELATIONS)}.
303 is the way to the sign-in for {" and ".join(WITHOUT_A_PERSON)}; 404 is for whoever may not know of the
case; 403 for whoever may, but may not do this. What a POST sends stands in the fourth column, as in a query.
What stands in braces is made in access_world.py.
"""


def named(row: dict[str, str]) -> str:
    return f"{row['method']} {row['path']}"


@pytest.fixture(scope="session")
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict:
    return {}


@pytest.fixture
def world_url(
    request: pytest.FixtureRequest, dialect: str, definitions: object, worlds: dict, tmp_path: Path
) -> Iterator[tuple[World, str]]:
    """A copy, for this row alone, of a database in which everybody is signed in."""
    if dialect == "sqlite":
        if dialect not in worlds:
            home = request.getfixturevalue("tmp_path_factory").mktemp("world") / "world.db"
            shutil.copy(request.getfixturevalue("sqlite_templates")["peopled"], home)
            worlds[dialect] = (_made(f"sqlite:///{home}", definitions), home)
        world, home = worlds[dialect]
        shutil.copy(home, tmp_path / "row.db")
        yield world, f"sqlite:///{tmp_path / 'row.db'}"
        return
    server = request.getfixturevalue("postgres")
    if dialect not in worlds:
        server.create("world", copied_from=request.getfixturevalue("postgres_templates")["peopled"])
        worlds[dialect] = (_made(server.url("world"), definitions), "world")
    world, home = worlds[dialect]
    server.create("world_of_a_row", copied_from=home)
    yield world, server.url("world_of_a_row")
    server.drop("world_of_a_row")


def _made(url: str, definitions: object) -> World:
    engine = db.connect(url)
    world = make_world(db.make_sessions(engine), definitions)
    engine.dispose()
    return world


@pytest.fixture
def service(
    world_url: tuple[World, str], definitions: object, tmp_path: Path
) -> Iterator[tuple[World, Flask]]:
    world, url = world_url
    app = create_app(Settings(KEY, tmp_path, url, cheap_passwords=True), clock, definitions)
    app.config["WTF_CSRF_ENABLED"] = False
    yield world, app
    app.extensions["reviewflow.pdf_maker"].close()
    app.extensions["reviewflow.sessions"].kw["bind"].dispose()


def answer(world: World, app: Flask, row: dict[str, str], relation: str, **absent: str) -> TestResponse:
    browser = app.test_client()
    if secret := world.secrets.get(relation):
        browser.set_cookie("sign-in", secret)
    path = row["path"].format(**(world.names | absent))
    sent = dict(pair.split("=", 1) for pair in row["sends"].split("&") if pair)
    return browser.open(path, method=row["method"], data=sent or None)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_every_cell_of_the_access_table(service: tuple[World, Flask], row: dict[str, str]) -> None:
    world, app = service

    found = {relation: str(answer(world, app, row, relation).status_code) for relation in RELATIONS}

    assert found == {relation: row[relation] for relation in RELATIONS}


@pytest.mark.parametrize("row", [row for row in ROWS if "{case}" in row["path"]], ids=named)
def test_a_case_one_may_not_know_of_looks_like_one_that_does_not_exist(
    service: tuple[World, Flask], row: dict[str, str]
) -> None:
    world, app = service
    kept_from = [relation for relation in RELATIONS if row[relation] == "404"]

    for relation in kept_from:
        forbidden = answer(world, app, row, relation)
        absent = answer(world, app, row, relation, case=ABSENT, request=ABSENT, other_request=ABSENT)

        assert forbidden.status_code == absent.status_code == 404
        assert list(forbidden.headers.keys()) == list(absent.headers.keys())
        assert plain(forbidden) == plain(absent)


def plain(response: TestResponse) -> str:
    """The body without what is new in every answer."""
    return re.sub(r'nonce="[^"]*"|<input[^>]*csrf_token[^>]*>', "", response.text)


def test_every_route_is_in_the_access_table(definitions: object, tmp_path: Path) -> None:
    app = create_app(Settings(KEY, tmp_path, f"sqlite:///{tmp_path / 'none.db'}"), clock, definitions)
    there = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    listed = {(row["method"], row["route"]) for row in ROWS}
    blanks = "," * len(RELATIONS)

    missing = [f"{method},{route},{example(route)},{blanks}" for method, route in sorted(there - listed)]

    assert missing == [], WHAT_TO_DO + "\n".join(missing)
    assert sorted(listed - there) == [], "These routes of the table are gone: take their lines out."


def test_the_table_has_a_column_for_every_relation() -> None:
    assert list(ROWS[0]) == HEADINGS
    assert all(None not in row and None not in row.values() for row in ROWS)


def example(route: str) -> str:
    """The route with the names of the world in it."""
    return re.sub(r"<(?:\w+:)?(\w+?)(?:_id)?>", r"{\1}", route)
