"""One page for every act: what a definition lets somebody do on a case is asked, checked and done here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from reviewflow import acts, documents
from reviewflow.casefile.record import MovedOn, NotYours, Refused
from reviewflow.casefile.tables import Case
from reviewflow.db import public_id
from reviewflow.engine import Command, perform
from reviewflow.guards import parts_needed, reasons_against
from reviewflow.people import AGENCY_ROLES, Person
from reviewflow.situation import Actor, look, roles_in
from reviewflow.uploads import UploadRefused
from reviewflow.web import clock
from reviewflow.web.base_form import BaseForm
from reviewflow.web.case_file import find_case, note_reading
from reviewflow.web.database import definitions, reading, writing
from reviewflow.web.fields import FileField
from reviewflow.web.forms import form_for
from reviewflow.web.forms.case_form import CaseForm, FormContext
from reviewflow.web.page import Link, Page, show
from reviewflow.workflow.definition import Definition, Trigger

acting = Blueprint("acting", __name__)


@dataclass(frozen=True, kw_only=True)
class ActPage(Page):
    """The page of one act: its form, what stands against it now, and where it is sent."""

    trigger: str
    button: str
    draft_url: str
    reasons: tuple[str, ...]
    subject: Any
    case: Case


@dataclass(frozen=True)
class _Place:
    """Where somebody is about to act."""

    session: Session
    case: Case
    definition: Definition
    trigger: Trigger
    about: acts.Subject | None
    subject: Any
    subject_id: str | None
    person: Person
    now: datetime

    @property
    def draft_place(self) -> str:
        return ":".join((self.case.public_id, self.trigger.name, self.subject_id or ""))

    @property
    def draft_owner(self) -> str:
        """What is typed about a request is shared within its agency; anything else is its author's."""
        if self.about is acts.Subject.REQUEST and self.subject.agency_id == self.person.agency_id:
            return f"agency:{self.person.agency_id}"
        return f"person:{self.person.id}"

    @property
    def version(self) -> int | None:
        """The version a reader of this page saw: of the subject, or of the case that will move."""
        if not self.trigger.same:
            return self.case.version
        version: int | None = getattr(self.subject, "version", None)
        return version

    @property
    def back(self) -> str:
        """Where one goes from here: an agency to its request, everybody else to the case."""
        case = f"/cases/{self.case.public_id}"
        if self.about is acts.Subject.REQUEST and set(self.trigger.roles()) <= set(AGENCY_ROLES):
            return f"{case}/requests/{self.subject_id}"
        return case


@acting.route("/cases/<case_id>/do/<trigger>", methods=["GET", "POST"])
@acting.route("/cases/<case_id>/do/<trigger>/<subject_id>", methods=["GET", "POST"])
def act(case_id: str, trigger: str, subject_id: str | None = None) -> Any:
    """Ask what the act needs to know, and do it."""
    with reading() as session:
        place = _place(session, case_id, trigger, subject_id)
        form = _form(place)
        if request.method == "GET":
            note_reading(session, place.person, place.case, f"form: {place.trigger.title}")
            return _page(place, form)
        if form.only_changes_rows:
            return _page(place, form)
        if form.only_saves:
            if not _keep_draft(place, form):
                return _page(place, form, 409)
            flash("What you typed is saved. Nothing has been sent yet.", "success")
            return redirect(place.back)
        if not form.validate():
            _keep_draft(place, form)
            return _page(place, form)
        refused = _do(place, form)
        if refused:
            _keep_draft(place, form)
            return _page(place, form, refused)
        flash(place.trigger.done, "success")
        return redirect(place.back, 303)


@acting.post("/cases/<case_id>/draft/<trigger>")
@acting.post("/cases/<case_id>/draft/<trigger>/<subject_id>")
def keep_draft(case_id: str, trigger: str, subject_id: str | None = None) -> tuple[Response, int]:
    """Keep what has been typed so far; sent by the page every ten seconds."""
    with reading() as session:
        place = _place(session, case_id, trigger, subject_id)
        form = _form(place)
        if not _keep_draft(place, form):
            return jsonify(not_saved=str(form.form_errors[0])), 409
    return jsonify(saved_at=clock.now().isoformat(), draft_version=form.draft_version.data), 200


def _place(session: Session, case_id: str, name: str, subject_id: str | None) -> _Place:
    file, now = find_case(session, case_id), clock.now()
    case, person = file.case, file.person
    definition = definitions()[case.review, case.definition_version]
    trigger = definition.act(name)
    if trigger is None:
        abort(404)
    if not set(trigger.roles()) & roles_in(session, case, person, now):
        abort(403)
    about = acts.FORMS[trigger.form].about if trigger.form else None
    subject = acts.subject_of(session, case, about, subject_id or "") if about else None
    if about and not _may_see(about, subject, trigger, person):
        abort(404)
    return _Place(session, case, definition, trigger, about, subject, subject_id, person, now)


def _may_see(about: acts.Subject, subject: Any, trigger: Trigger, person: Person) -> bool:
    """An agency's people answer their own agency's request, and know of no other."""
    if subject is None:
        return False
    is_agency_act = about is acts.Subject.REQUEST and set(trigger.roles()) <= set(AGENCY_ROLES)
    return not is_agency_act or subject.agency_id == person.agency_id


def _form(place: _Place) -> CaseForm:
    draft = _draft(place.session, place)
    form = form_for(place.trigger)(now=place.now, typed=draft.content if draft else None)
    if request.method == "GET":
        form.version.take(place.version)
        form.sent_from.take(public_id())
        form.draft_version.take(draft.version if draft else 0)
    criteria = definitions().criteria.get(place.definition.criteria or "")
    form.prepare(
        FormContext(
            place.session,
            place.definition,
            criteria,
            place.case,
            place.case.area,
            place.person,
            place.subject,
            place.now,
        )
    )
    return form


def reasons_now(place: _Place) -> tuple[str, ...]:
    """What stands against this act now: the same rules that are asked when it is done."""
    if place.case.state not in place.trigger.sources:
        title = place.definition.states[place.case.state].title
        return (f"The case is now at “{title}”, so this cannot be done any more.",)
    role = next(
        one
        for one in place.trigger.roles()
        if one in roles_in(place.session, place.case, place.person, place.now)
    )
    situation = look(
        place.session,
        place.case,
        place.definition,
        Actor(place.person.id, place.person.agency_id, role),
        place.now,
        parts_needed(place.trigger.requires),
        place.subject_id,
    )
    return tuple(reasons_against(place.trigger.requires, situation))


def _do(place: _Place, form: CaseForm) -> int | None:
    """Do it, or note on the form why not: the status of the refusal."""
    try:
        with writing() as session:
            answers = form.answers() | _kept_files(session, place, form)
            command = Command(
                place.case.public_id,
                place.trigger.name,
                place.person.id,
                subject_id=place.subject_id,
                version_seen=_number(form.version.data),
                sent_from=form.sent_from.data or None,
                answers=answers,
            )
            documents.refuse_unseen(session, _draft(session, place), place.person.id, _draft_seen(form))
            perform(session, definitions(), command, place.now)
            documents.drop_draft(session, place.draft_place, place.draft_owner)
    except NotYours as refused:
        form.refuse(None, *refused.reasons)
        return 403
    except Refused as refused:
        form.refuse(None, *refused.reasons)
        return 409
    except UploadRefused as refused:
        form.refuse(None, str(refused))
        return 400
    return None


def _kept_files(session: Session, place: _Place, form: BaseForm) -> dict[str, str]:
    kept = {}
    for field in form:
        if isinstance(field, FileField) and field.data is not None:
            name = field.data.filename or ""
            content = field.data.read()
            document = documents.keep_upload(session, place.case.id, content, name, place.person, place.now)
            kept[field.short_name] = document.public_id
    return kept


def _keep_draft(place: _Place, form: CaseForm) -> bool:
    """Keep what was typed; False, and a sentence on the form, when a colleague has saved since.

    Either way the page that comes back knows of the latest draft, so that going on takes its place.
    """
    person = place.person
    try:
        with writing() as session:
            draft = documents.keep_draft(
                session,
                place.draft_place,
                place.draft_owner,
                form.typed(),
                person.id,
                place.now,
                place.case.id,
                _draft_seen(form),
            )
            form.draft_version.take(draft.version)
    except MovedOn as moved_on:
        with reading() as session:
            latest = _draft(session, place)
        form.draft_version.take(latest.version if latest else 0)
        if not set(moved_on.reasons) & set(form.form_errors):
            form.refuse(None, *moved_on.reasons)
        return False
    return True


def _draft(session: Session, place: _Place) -> documents.Draft | None:
    return documents.draft_of(session, place.draft_place, place.draft_owner)


def _draft_seen(form: CaseForm) -> int | None:
    return _number(form.draft_version.data)


def _page(place: _Place, form: CaseForm, status: int = 200) -> tuple[str, int]:
    trigger, case = place.trigger, place.case
    reasons = () if form.errors else reasons_now(place)
    page = ActPage(
        name="act",
        title=trigger.title,
        caption=case.reference,
        back=Link(text="Back to the case", href=place.back),
        form=form,
        trigger=trigger.name,
        button=trigger.title if not form.questions else "Continue",
        draft_url=url_for(
            "acting.keep_draft", case_id=case.public_id, trigger=trigger.name, subject_id=place.subject_id
        ),
        reasons=reasons,
        subject=place.subject,
        case=case,
    )
    return show(form.template, page, status)


def _number(text: Any) -> int | None:
    return int(text) if str(text or "").isdigit() else None
