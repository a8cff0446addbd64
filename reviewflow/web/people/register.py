"""The register for the scrutineer: every change of roles, access and calendar, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from reviewflow.access import SCRUTINEER
from reviewflow.people import Agency, Area, Person, RegisterEntry
from reviewflow.web.database import reading
from reviewflow.web.filters import weekday_date
from reviewflow.web.page import Page, show
from reviewflow.web.people.titles import role_title
from reviewflow.web.signed_in import require_role

pages = Blueprint("register", __name__, url_prefix="/register")

A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class EntryLine:
    """One change, who made it and when."""

    number: int
    at: datetime
    what: str
    details: Sequence[tuple[str, str]]
    by: str


@dataclass(frozen=True, kw_only=True)
class RegisterPage(Page):
    """What was changed."""

    entries: Sequence[EntryLine]
    previous: str = ""
    next: str = ""


@pages.get("")
def listed() -> tuple[str, int]:
    """The changes, a page at a time."""
    require_role(SCRUTINEER)
    before = request.args.get("before", "")
    with reading() as session:
        asked = select(RegisterEntry).order_by(RegisterEntry.number.desc())
        if before.isascii() and before.isdigit():
            asked = asked.where(RegisterEntry.number < min(int(before), 2**31))
        found = session.scalars(asked.limit(A_PAGE + 1)).all()
        entries = _lines(session, found[:A_PAGE])
    more = len(found) > A_PAGE
    page = RegisterPage(
        name="register",
        title="Register of changes",
        wide=True,
        entries=entries,
        previous=url_for("register.listed") if before else "",
        next=url_for("register.listed", before=entries[-1].number) if more else "",
    )
    return show("people/register.html", page)


def _lines(session: Session, entries: Sequence[RegisterEntry]) -> list[EntryLine]:
    names = _names(session, entries)
    by = {one.actor_id for one in entries}
    actors = _pairs(session, select(Person.id, Person.name).where(Person.id.in_(by)))
    return [
        EntryLine(
            number=one.number,
            at=one.at,
            what=one.what.capitalize(),
            details=_details(one.details, names),
            by=actors.get(one.actor_id or 0, "The service"),
        )
        for one in entries
    ]


def _names(session: Session, entries: Sequence[RegisterEntry]) -> dict[str, str]:
    """What the people, agencies and areas that these entries name are called now. Three queries."""
    named = {str(value) for one in entries for value in one.details.values() if value}
    found: dict[str, str] = {}
    for key, name, known in (
        (Person.public_id, Person.name, named),
        (Agency.public_id, Agency.name, named),
        (Area.code, Area.name, named),
    ):
        found |= _pairs(session, select(key, name).where(key.in_(known)))
    return found


def _pairs(session: Session, asked: Select[Any, str]) -> dict[Any, str]:
    return {key: name for key, name in session.execute(asked).all()}  # noqa: C416 # a row is no pair to dict()


def _details(details: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (key.replace("_", " ").capitalize(), _in_words(key, value, names))
        for key, value in details.items()
        if value not in (None, "", False)
    ]


def _in_words(key: str, value: Any, names: Mapping[str, str]) -> str:
    if key == "role":
        return role_title(str(value))
    if key in ("person", "agency", "area"):
        return names.get(str(value), str(value))
    if value is True:
        return "changed"
    try:
        return weekday_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
