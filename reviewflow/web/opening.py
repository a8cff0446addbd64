"""Opening a case: which review, in which area; its form; and whether it may have been referred before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from reviewflow import access, documents, engine, openings
from reviewflow.casefile.duplicates import Duplicate, duplicates_of
from reviewflow.casefile.record import MovedOn, NotYours, Refused
from reviewflow.casefile.tables import Case
from reviewflow.db import public_id
from reviewflow.people import AGENCY_ROLES, Area, Person
from reviewflow.web import clock
from reviewflow.web.base_form import BaseForm
from reviewflow.web.database import definitions, reading, writing
from reviewflow.web.fields import HiddenField
from reviewflow.web.forms import FORMS
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.web.page import Link, Page, show
from reviewflow.web.signed_in import current_person, current_roles
from reviewflow.workflow.definition import OPENED, Definition

opening = Blueprint("opening", __name__)

SENT = "Sent. The reference of the case is {}."


@dataclass(frozen=True, kw_only=True)
class ChoicePage(Page):
    """What can be opened, and where."""

    choices: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class OpeningPage(Page):
    """The form that opens a case. Its names are those of the page of any act, whose template it shares."""

    trigger: str
    button: str
    draft_url: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DuplicatePage(Page):
    """The cases that may be about the same incident, before another one is opened."""

    duplicates: tuple[Duplicate, ...]
    go_on_url: str


@dataclass(frozen=True)
class _Place:
    """Where somebody is about to open a case."""

    session: Session
    area: Area
    review: str
    definition: Definition
    person: Person
    now: datetime

    @property
    def draft_place(self) -> str:
        return f"open:{self.area.code}:{self.review}"

    @property
    def draft_owner(self) -> str:
        return f"person:{self.person.id}"

    def url(self, endpoint: str) -> str:
        return url_for(endpoint, area_code=self.area.code, review=self.review)


class GoOnForm(BaseForm):
    """The button that opens the case although another one may be about the same incident.

    What it carries is called as in the form it stands for.
    """

    version = HiddenField()


@opening.get("/cases/new")
def choose() -> Any:
    """What the person may open, and in which area; straight on where there is no choice."""
    with reading() as session:
        places = _places(session, current_person())
        if not places:
            abort(403)
        if len(places) == 1:
            return redirect(places[0].url("opening.open_case"))
        choices = tuple(
            Link(text=f"{one.definition.title}, {one.area.name}", href=one.url("opening.open_case"))
            for one in places
        )
        page = ChoicePage(name="new-case", title="Open a case", back=CASES, choices=choices)
    return show("cases/new.html", page)


@opening.route("/cases/new/<area_code>/<review>", methods=["GET", "POST"])
def open_case(area_code: str, review: str) -> Any:
    """Ask what the opening form asks, and open the case."""
    with reading() as session:
        place = _place(session, area_code, review)
        form = _form(place)
        if request.method == "GET" or form.only_changes_rows:
            return _page(place, form)
        _keep_draft(place, form)
        if form.only_saves:
            flash("What you typed is saved. Nothing has been sent yet.", "success")
            return redirect(CASES.href)
        if not form.validate():
            return _page(place, form)
        duplicates = () if _is_sent(session, form.version.data) else _known_duplicates(place, form)
        if duplicates:
            return _ask_whether_to_go_on(place, form.version.data or "", duplicates)
        return _open(place, form, form.version.data)


@opening.post("/cases/new/<area_code>/<review>/go-on")
def go_on(area_code: str, review: str) -> Any:
    """Open the case with what was typed, although another one may be about the same incident."""
    with reading() as session:
        place, pressed = _place(session, area_code, review), GoOnForm()
        draft = documents.draft_of(session, place.draft_place, place.draft_owner)
        if draft is None or not pressed.validate():
            return redirect(place.url("opening.open_case"), 303)
        form = _form(place, MultiDict(draft.content))
        if not form.validate():
            return _page(place, form)
        return _open(place, form, pressed.version.data)


@opening.post("/cases/new/<area_code>/<review>/draft")
def keep_draft(area_code: str, review: str) -> Response:
    """Keep what has been typed so far; sent by the page every ten seconds."""
    with reading() as session:
        place = _place(session, area_code, review)
        _keep_draft(place, _form(place))
    return jsonify(saved_at=clock.now().isoformat())


CASES = Link(text="Back to the cases", href="/cases")


def _places(session: Session, person: Person) -> list[_Place]:
    """Where the person may open what: where they hold a role; an agency's people, in every area."""
    now, held = clock.now(), current_roles()
    of_agency = {one.role for one in held if one.role in AGENCY_ROLES}
    found = []
    for area in session.scalars(select(Area).order_by(Area.name)):
        roles = of_agency | {one.role for one in held if one.area_id == area.id}
        found += [
            _Place(session, area, review, definition, person, now)
            for review, definition in openings.reviews_to_open(session, definitions(), area.id, now)
            if roles & set(definition.roles) and definition.opens_with in FORMS
        ]
    home = {one.area_id for one in held}
    return sorted(found, key=lambda place: place.area.id not in home)


def _place(session: Session, area_code: str, review: str) -> _Place:
    places = _places(session, current_person())
    found = next((one for one in places if (one.area.code, one.review) == (area_code, review)), None)
    if found is None:
        abort(404)
    return found


def _form(place: _Place, sent: MultiDict[str, str] | None = None) -> CaseForm:
    """The opening form; the version it carries is the public id of the case it will open."""
    draft = documents.draft_of(place.session, place.draft_place, place.draft_owner)
    named = FORMS[place.definition.opens_with or ""]
    kept = draft.content if draft else None
    form = named(now=place.now, typed=kept, **({"formdata": sent} if sent else {}))
    if request.method == "GET":
        form.version.take(public_id())
    criteria = definitions().criteria.get(place.definition.criteria or "")
    context = FormContext(
        place.session, place.definition, criteria, None, place.area, place.person, None, place.now
    )
    form.prepare(context)
    return form


def _known_duplicates(place: _Place, form: CaseForm) -> tuple[Duplicate, ...]:
    """The likely duplicates this person may know of; the coordinator is shown every one, on the case."""
    found = duplicates_of(place.session, form.answers())
    visible = access.visible_to(place.person, place.now)
    mine = place.session.scalars(select(Case.id).where(Case.id.in_([one.case_id for one in found]), visible))
    known = set(mine)
    return tuple(one for one in found if one.case_id in known)


def _is_sent(session: Session, wanted_id: str | None) -> bool:
    """Whether this very form has opened its case already; the engine says so once more."""
    return session.scalar(select(Case.id).where(Case.public_id == (wanted_id or ""))) is not None


def _open(place: _Place, form: CaseForm, wanted_id: str | None) -> Any:
    wanted = wanted_id if wanted_id and len(wanted_id) == len(public_id()) else None
    asked = engine.Opening(place.review, place.area.id, place.person.id, form.answers(), wanted)
    try:
        with writing() as session:
            done = engine.open_case(session, definitions(), asked, place.now)
            documents.drop_draft(session, place.draft_place, place.draft_owner)
            reference = session.scalars(select(Case.reference).where(Case.public_id == done.case_id)).one()
    except MovedOn:
        return redirect(f"/cases/{wanted}/referral", 303)
    except NotYours as refused:
        form.refuse(None, *refused.reasons)
        return _page(place, form, 403)
    except Refused as refused:
        form.refuse(None, *refused.reasons)
        return _page(place, form, 409)
    flash(SENT.format(reference), "success")
    return redirect(f"/cases/{done.case_id}/referral", 303)


def _keep_draft(place: _Place, form: CaseForm) -> None:
    owner, person = place.draft_owner, place.person.id
    with writing() as session:
        documents.keep_draft(session, place.draft_place, owner, form.typed(), person, place.now)


def _page(place: _Place, form: CaseForm, status: int = 200) -> tuple[str, int]:
    page = OpeningPage(
        name="open-case",
        title=f"Open a case: {place.definition.title.lower()}",
        caption=place.area.name,
        back=CASES,
        form=form,
        trigger=OPENED,
        button="Send",
        draft_url=place.url("opening.keep_draft"),
    )
    return show(form.template, page, status)


def _ask_whether_to_go_on(place: _Place, case_id: str, duplicates: tuple[Duplicate, ...]) -> tuple[str, int]:
    form = GoOnForm(formdata=None)
    form.version.take(case_id)
    page = DuplicatePage(
        name="may-be-a-duplicate",
        title="This may already have been referred",
        caption=place.area.name,
        back=Link(text="Back to what you typed", href=place.url("opening.open_case")),
        form=form,
        duplicates=duplicates,
        go_on_url=place.url("opening.go_on"),
    )
    return show("cases/duplicate.html", page)
