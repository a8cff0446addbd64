"""The service as signed-in people use it in tests: a clock that is moved by hand, and a browser each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient

from reviewflow.app import create_app
from reviewflow.db import Sessions, transaction
from reviewflow.people import Person, signing_in
from reviewflow.settings import Settings
from reviewflow.workflow.definition import Definitions

KEY = "a-key-for-tests-only-0123456789abcdef"


@dataclass
class Time:
    """A clock that stands until it is moved on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def after(self, **length: int) -> None:
        self.now += timedelta(**length)


@dataclass
class Site:
    """The service on a database of the test's own."""

    app: Flask
    sessions: Sessions
    time: Time

    def browser(self) -> FlaskClient:
        """A browser nobody has signed in with."""
        return self.app.test_client()

    def browser_of(self, person: Person) -> FlaskClient:
        """A browser in which this person has just signed in."""
        with transaction(self.sessions) as session:
            secret = signing_in.start(session, person, self.time.now, timedelta(hours=10))
        browser = self.app.test_client()
        browser.set_cookie("sign-in", secret)
        return browser


def make_site(
    database_url: str, sessions: Sessions, definitions: Definitions, folder: object, now: datetime
) -> Site:
    """The service, its clock standing at `now`; forms need no token."""
    time = Time(now)
    settings = Settings(KEY, folder, database_url, cheap_passwords=True)
    app = create_app(settings, time, definitions)
    app.config["WTF_CSRF_ENABLED"] = False
    return Site(app, sessions, time)


def close(site: Site) -> None:
    """Afterwards the service holds no connection."""
    site.app.extensions["reviewflow.sessions"].kw["bind"].dispose()
