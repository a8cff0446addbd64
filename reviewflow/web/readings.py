"""For the scrutineer: who opened which part of a case file, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, request, url_for
from sqlalchemy import select

from reviewflow.access import Relation
from reviewflow.casefile.tables import Reading
from reviewflow.people import Agency, Person
from reviewflow.web.case_file import CaseFile, opened_case
from reviewflow.web.page import Link, Page, show

pages = Blueprint("readings", __name__)

A_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class ReadingLine:
    """Somebody opened a part of the file."""

    at: datetime
    who: str
    agency: str
    what: str


@dataclass(frozen=True, kw_only=True)
class ReadingsPage(Page):
    """Who looked at what, the latest first."""

    readings: Sequence[ReadingLine]
    previous: str = ""
    next: str = ""


@pages.get("/cases/<case_id>/readings")
def listed(case_id: str) -> tuple[str, int]:
    """Who opened this case file; for the scrutineer alone."""
    with opened_case(case_id, "readings") as file:
        if file.relation is not Relation.SCRUTINEER:
            abort(403)
        return show("cases/readings.html", _page(file, request.args.get("before", "")))


def _page(file: CaseFile, before: str) -> ReadingsPage:
    asked = (
        select(Reading.id, Reading.at, Person.name, Agency.name, Reading.what)
        .join(Person, Person.id == Reading.person_id)
        .outerjoin(Agency, Agency.id == Person.agency_id)
        .where(Reading.case_id == file.case.id)
        .order_by(Reading.id.desc())
    )
    if before.isascii() and before.isdigit():
        asked = asked.where(Reading.id < min(int(before), 2**31 - 1))
    found = file.session.execute(asked.limit(A_PAGE + 1)).all()
    case_id = file.case.public_id
    return ReadingsPage(
        name="readings",
        title="Who opened this file",
        caption=file.case.reference,
        back=Link(text="The case", href=f"/cases/{case_id}"),
        wide=True,
        readings=[
            ReadingLine(at=at, who=who, agency=agency or "None", what=what[:1].upper() + what[1:])
            for _, at, who, agency, what in found[:A_PAGE]
        ],
        previous=url_for("readings.listed", case_id=case_id) if before else "",
        next=_after(case_id, found[A_PAGE - 1][0]) if len(found) > A_PAGE else "",
    )


def _after(case_id: str, last: int) -> str:
    return url_for("readings.listed", case_id=case_id, before=last)
