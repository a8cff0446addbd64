"""People: who there is, who holds which role, who is invited, who has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from reviewflow import invitations
from reviewflow.access import ADMINISTRATOR
from reviewflow.people import Agency, Area, Person, RoleHolding, roles
from reviewflow.people.roles import NotPossible
from reviewflow.web import clock
from reviewflow.web.database import reading, writing
from reviewflow.web.page import Link, Page, show
from reviewflow.web.people import listing
from reviewflow.web.people.asking import (
    COORDINATOR,
    MAY_LOOK,
    FormPage,
    agency_choices,
    area_asked,
    area_choices,
    areas_to_invite_in,
    holds_any,
    person_or_404,
    role_choices,
)
from reviewflow.web.people.forms import InviteForm
from reviewflow.web.people.titles import role_title
from reviewflow.web.signed_in import current_person, current_roles, require_role

pages = Blueprint("people", __name__, url_prefix="/people")

Shown = Response | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class HoldingLine:
    """A role somebody holds, held or will hold."""

    id: int
    role: str
    area: str
    from_on: date
    until_on: date | None
    standing: str
    may_end: bool


@dataclass(frozen=True, kw_only=True)
class PersonPage(Page):
    """One person."""

    public_id: str
    email: str
    agency: str
    standing: str
    left_at: datetime | None
    holdings: Sequence[HoldingLine]
    may_change: bool
    may_send_invitation: bool


# Looking


@pages.get("")
def listed() -> Shown:
    """The people of one's areas."""
    areas = require_role(*MAY_LOOK)
    with reading() as session:
        page = listing.people_page(
            session, areas, request.args, clock.today(), may_invite=holds_any(ADMINISTRATOR, COORDINATOR)
        )
    return show("people/list.html", page)


@pages.get("/<person_id>")
def one(person_id: str) -> Shown:
    """One person, with every role they hold, held or will hold."""
    areas = require_role(*MAY_LOOK)
    with reading() as session:
        person = person_or_404(session, person_id, areas)
        return show("people/person.html", _person_page(session, person, areas))


def _person_page(session: Session, person: Person, areas: frozenset[int]) -> PersonPage:
    administers = frozenset(held.area_id for held in current_roles() if held.role == ADMINISTRATOR)
    may_change = listing.person_of(session, person.public_id, administers) is not None
    is_here = person.left_at is None
    return PersonPage(
        name="person",
        wide=True,
        title=person.name,
        back=Link(text="People", href=url_for("people.listed")),
        public_id=person.public_id,
        email=person.email,
        agency=person.agency.name if person.agency else "None",
        standing=listing.standing_of(person),
        left_at=person.left_at,
        holdings=[
            _holding_line(holding, area, is_here and area.id in administers)
            for holding, area in _holdings(session, person, areas)
        ],
        may_change=may_change,
        may_send_invitation=(
            is_here and person.password_hash is None and holds_any(ADMINISTRATOR, COORDINATOR)
        ),
    )


def _holdings(session: Session, person: Person, areas: frozenset[int]) -> list[tuple[RoleHolding, Area]]:
    rows = session.execute(
        select(RoleHolding, Area)
        .join(Area, Area.id == RoleHolding.area_id)
        .where(RoleHolding.person_id == person.id, RoleHolding.area_id.in_(areas))
        .order_by(RoleHolding.from_on.desc(), RoleHolding.id.desc())
    )
    return [(holding, area) for holding, area in rows]


def _holding_line(holding: RoleHolding, area: Area, may_change: bool) -> HoldingLine:
    today = clock.today()
    is_past = holding.until_on is not None and holding.until_on < today
    is_planned = holding.from_on > today
    return HoldingLine(
        id=holding.id,
        role=role_title(holding.role),
        area=area.name,
        from_on=holding.from_on,
        until_on=holding.until_on,
        standing="Ended" if is_past else "Planned" if is_planned else "Now",
        may_end=may_change and not is_past,
    )


# Inviting


@pages.route("/invite", methods=["GET", "POST"])
def invite() -> Shown:
    """Add somebody, with one role to begin with, and send them a link."""
    areas = areas_to_invite_in()
    with reading() as session:
        form = InviteForm().offer(
            agency_choices(session, areas), role_choices(), area_choices(session, areas)
        )
    back = Link(text="People", href=url_for("people.listed"))
    page = FormPage(
        name="invite", title="Invite somebody", form=form, back=back, button="Send the invitation"
    )
    if request.method == "GET" or not form.validate():
        return show("people/form.html", page)
    try:
        invited = _invite(form, areas)
    except NotPossible as reason:
        form.refuse("email", str(reason))
        return show("people/form.html", page, 409)
    flash(f"An invitation is on its way to {invited.email}.", "success")
    return redirect(url_for("people.one", person_id=invited.public_id), 303)


def _invite(form: InviteForm, areas: frozenset[int]) -> Person:
    now, today, by = clock.now(), clock.today(), current_person()
    with writing() as session:
        agency = session.scalars(select(Agency).where(Agency.public_id == form.agency.data)).one()
        area = area_asked(session, form, areas)
        person = roles.add_person(session, form.name.data, form.email.data, agency, by.id, now)
        roles.give_role(session, person, form.role.data, area, (today, None), by.id, now)
        session.refresh(person)
        invitations.invite(session, person, now)
    return person


@pages.post("/<person_id>/invite-again")
def invite_again(person_id: str) -> Shown:
    """Send a new link to somebody who has not chosen a password yet."""
    areas = areas_to_invite_in()
    with writing() as session:
        person = person_or_404(session, person_id, areas)
        if person.left_at is not None or person.password_hash is not None:
            abort(409)
        invitations.invite(session, person, clock.now())
    flash(f"A new invitation is on its way to {person.email}.", "success")
    return redirect(url_for("people.one", person_id=person_id), 303)
