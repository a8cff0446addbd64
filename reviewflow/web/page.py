"""What a page shows: the object every template is given, and the shapes of the parts it may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app, render_template

from reviewflow.web.base_form import BaseForm


@dataclass(frozen=True, kw_only=True)
class Link:
    """Words to press and where they lead."""

    text: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the layout needs of every page; a page adds its own fields.

    `name` stands in `<main data-page>` and never changes; `title` is the heading and the browser's title,
    `caption` the line above it, `back` the link back, `form` the form whose errors stand on top; a `wide`
    page is one of tables.
    """

    name: str
    title: str
    caption: str = ""
    back: Link | None = None
    form: BaseForm | None = None
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class NavLink:
    """A place in the navigation; `active` when this page is there or below it."""

    text: str
    href: str
    active: bool = False


@dataclass(frozen=True, kw_only=True)
class Nav:
    """What surrounds every page: where one can go, who is signed in, and a warning for everybody."""

    links: Sequence[NavLink] = ()
    home: str = "/"
    person: str = ""
    sign_out: str = ""
    warning: str = ""


@dataclass(frozen=True, kw_only=True)
class StripDay:
    """One day of a limit. `state` is done, today, ahead, late or off; `milestone` is what is due then."""

    number: int
    on: date
    state: str
    milestone: str = ""

    @property
    def state_words(self) -> str:
        """The state for somebody who does not see the colour."""
        words = {
            "done": "past",
            "today": "today",
            "ahead": "to come",
            "late": "overdue",
            "off": "not counted",
        }
        return words[self.state]


@dataclass(frozen=True, kw_only=True)
class Strip:
    """The days of a limit as a picture, with its words: "Day 9 of 15. Due on Friday 15 January 2027."."""

    title: str
    words: str
    days: Sequence[StripDay]

    @property
    def milestones(self) -> list[StripDay]:
        """The days on which something is due."""
        return [day for day in self.days if day.milestone]


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """Something that happened, who did it and when."""

    title: str
    by: str
    at: datetime
    words: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to do and how it stands. `tone` is done, now, waiting, risk or late; none for plain words."""

    title: str
    status: str
    href: str = ""
    hint: str = ""
    tone: str = ""


NavGiver = Callable[[], Nav]


def nowhere() -> Nav:
    """The navigation of somebody who is not signed in."""
    return Nav()


def offer_navigation(app: Flask, giver: NavGiver) -> None:
    """From now on every page of `app` is surrounded by what `giver` says for the request."""
    app.extensions["reviewflow.nav"] = giver


def register(app: Flask) -> None:
    """Templates of `app` ask for the navigation when they print it, so that a failure page need not."""
    offer_navigation(app, nowhere)
    app.add_template_global(current_nav)


def current_nav() -> Nav:
    """The navigation for this request."""
    nav: Nav = current_app.extensions["reviewflow.nav"]()
    return nav


def show(template: str, page: Page, status: int = 200, **extra: Any) -> tuple[str, int]:
    """The page as HTML with its status; a form with errors and no status of its own answers 400."""
    if status == 200 and page.form is not None and page.form.errors:
        status = 400
    return render_template(template, page=page, **extra), status
