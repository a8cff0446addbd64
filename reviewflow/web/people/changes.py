"""What an administrator changes about a person: name and address, roles, leaving, coming back."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from reviewflow import invitations
from reviewflow.access import ADMINISTRATOR
from reviewflow.people import Agency, Person, RoleHolding, roles
from reviewflow.people.roles import NotPossible
from reviewflow.web import clock
from reviewflow.web.database import reading, writing
from reviewflow.web.page import show
from reviewflow.web.people.asking import (
    agency_choices,
    area_asked,
    area_choices,
    page_about,
    person_or_404,
    role_choices,
)
from reviewflow.web.people.forms import ChangePersonForm, ConfirmForm, EndRoleForm, GiveRoleForm
from reviewflow.web.people.titles import role_title
from reviewflow.web.signed_in import current_person, require_role

pages = Blueprint("person", __name__, url_prefix="/people")

Shown = Response | tuple[str, int]


def _back_to(person: Person, news: str) -> Response:
    flash(news, "success")
    return redirect(url_for("people.one", person_id=person.public_id), 303)


@pages.route("/<person_id>/change", methods=["GET", "POST"])
def change(person_id: str) -> Shown:
    """Change somebody's name, address or agency."""
    areas = require_role(ADMINISTRATOR)
    with reading() as session:
        person = person_or_404(session, person_id, areas)
        form = ChangePersonForm(
            answers={
                "name": person.name,
                "email": person.email,
                "agency": person.agency.public_id if person.agency else None,
            }
        )
        form.agency.choices = agency_choices(session, areas)
    page = page_about(person, "change-person", "Change name, address or agency", form, "Save")
    if request.method == "GET" or not form.validate():
        return show("people/form.html", page)
    try:
        with writing() as session:
            agency = session.scalars(select(Agency).where(Agency.public_id == form.agency.data)).one()
            changed = session.get_one(Person, person.id)
            roles.change_person(
                session, changed, form.name.data, form.email.data, agency, current_person().id, clock.now()
            )
    except NotPossible as reason:
        form.refuse("email", str(reason))
        return show("people/form.html", page, 409)
    return _back_to(person, "The change is saved.")


# Roles


@pages.route("/<person_id>/give-role", methods=["GET", "POST"])
def give_role(person_id: str) -> Shown:
    """Give somebody a role, from today or from a day ahead."""
    areas = require_role(ADMINISTRATOR)
    with reading() as session:
        person = person_or_404(session, person_id, areas)
        form = GiveRoleForm().offer(role_choices(), area_choices(session, areas))
    page = page_about(person, "give-role", "Give a role", form, "Give this role")
    if request.method == "GET" or not form.validate():
        return show("people/form.html", page)
    try:
        with writing() as session:
            _give(session, session.get_one(Person, person.id), form, areas)
    except NotPossible as reason:
        form.refuse("role", str(reason))
        return show("people/form.html", page, 409)
    return _back_to(person, f"{person.name} has been given the role. They have to sign in again.")


def _give(session: Session, person: Person, form: GiveRoleForm, areas: frozenset[int]) -> None:
    days = (form.from_on.data, form.until_on.data)
    area = area_asked(session, form, areas)
    roles.give_role(session, person, form.role.data, area, days, current_person().id, clock.now())


@pages.route("/<person_id>/roles/<int:holding_id>/end", methods=["GET", "POST"])
def end_role(person_id: str, holding_id: int) -> Shown:
    """End a role somebody holds or is to hold: at once, or with a day."""
    areas = require_role(ADMINISTRATOR)
    with reading() as session:
        person = person_or_404(session, person_id, areas)
        holding = session.get(RoleHolding, holding_id)
    if holding is None or holding.person_id != person.id or holding.area_id not in areas:
        abort(404)
    form = EndRoleForm()
    title = f"End the role: {role_title(holding.role)}"
    page = page_about(person, "end-role", title, form, "End this role", warning=True)
    if request.method == "GET" or not form.validate():
        return show("people/form.html", page)
    last_on = clock.today() - timedelta(days=1) if form.at_once.data else form.last_on.data
    try:
        with writing() as session:
            held = session.get_one(RoleHolding, holding_id)
            roles.end_role(session, held, last_on, current_person().id, clock.now())
    except NotPossible as reason:
        form.refuse("last_on", str(reason))
        return show("people/form.html", page, 409)
    return _back_to(person, f"The role of {person.name} ends. They have to sign in again.")


# Leaving and coming back


@pages.route("/<person_id>/leave", methods=["GET", "POST"])
def leave(person_id: str) -> Shown:
    """Record that somebody has left: at once no sign-in and no role."""
    areas = require_role(ADMINISTRATOR)
    with reading() as session:
        person = person_or_404(session, person_id, areas)
    form = ConfirmForm()
    page = page_about(
        person, "leave", "Record that this person has left", form, "They have left", warning=True
    )
    if request.method == "GET" or not form.validate():
        return show("people/leave.html", page)
    with writing() as session:
        leaver = session.get_one(Person, person.id)
        if leaver.left_at is None:
            roles.leave(session, leaver, current_person().id, clock.now(), clock.today())
    return _back_to(person, f"{person.name} has left: they cannot sign in, and hold no role.")


@pages.post("/<person_id>/come-back")
def come_back(person_id: str) -> Shown:
    """Record that somebody who had left is back; roles follow, an invitation is sent."""
    areas = require_role(ADMINISTRATOR)
    with writing() as session:
        person = person_or_404(session, person_id, areas)
        if person.left_at is None:
            abort(409)
        roles.come_back(session, person, current_person().id, clock.now())
        invitations.invite(session, person, clock.now())
    return _back_to(person, f"{person.name} is back, and an invitation is on its way. Give them a role.")
