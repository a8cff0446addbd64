"""The whole site with everybody of the fifteen days, each in a browser of their own, at a chosen time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from flask import Flask
from sqlalchemy import event

from reviewflow.app import create_app
from reviewflow.db import transaction
from reviewflow.people import signing_in
from reviewflow.settings import Settings
from tests.making import Partnership, london
from tests.pages.reading import read_our_page

KEY = "a-key-for-tests-only-0123456789abcdef"


@dataclass
class Site:
    """The service on a partnership's database. `at` is the time it is."""

    partnership: Partnership
    app: Flask
    at: datetime = field(default_factory=lambda: london("2026-12-07 17:00"))
    statements: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app.extensions["reviewflow.clock"] = lambda: self.at
        self.app.config["WTF_CSRF_ENABLED"] = False
        event.listen(self.engine, "before_cursor_execute", self._count)

    @property
    def engine(self) -> Any:
        return self.app.extensions["reviewflow.sessions"].kw["bind"]

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.statements.append(statement)

    def browser(self, first_name: str) -> Any:
        """A browser in which this person is signed in; nobody's name gives one without."""
        browser = self.app.test_client()
        if first_name:
            with transaction(self.partnership.sessions) as session:
                secret = signing_in.start(session, self.partnership[first_name], self.at, timedelta(hours=10))
            browser.set_cookie("sign-in", secret)
        return browser

    def page(self, first_name: str, path: str, status: int = 200) -> Element:
        """A page of ours as this person sees it, found without fault."""
        answer = self.browser(first_name).get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return read_our_page(answer.text)

    def statements_of(self, first_name: str, path: str) -> list[str]:
        """What the database was asked for one page, sign-in and all."""
        browser = self.browser(first_name)
        self.statements.clear()
        assert browser.get(path).status_code == 200
        return [one for one in self.statements if not one.startswith("BEGIN")]


def open_site(partnership: Partnership, url: str, folder: Path) -> Site:
    """The site on this database."""
    settings = Settings(secret_key=KEY, data_folder=folder, database_url=url, cheap_passwords=True)
    return Site(
        partnership, create_app(settings, lambda: london("2026-12-07 17:00"), partnership.definitions)
    )
