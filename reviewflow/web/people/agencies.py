"""Agencies: which there are in one's areas, who answers for them, and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from reviewflow.access import ADMINISTRATOR
from reviewflow.people import AGENCY_ROLES, Agency, Area, Person, RoleHolding, holding_on
from reviewflow.people.agencies import add_agency, change_agency
from reviewflow.people.roles import NotPossible
from reviewflow.web import clock
from reviewflow.web.database import reading, writing
from reviewflow.web.page import Link, Page, show
from reviewflow.web.people.asking import MAY_LOOK, FormPage, area_asked, area_choices, holds_any
from reviewflow.web.people.forms import PARTNERS, AgencyForm, ChangeAgencyForm
from reviewflow.web.signed_in import current_person, require_role

pages = Blueprint("agencies", __name__, url_prefix="/agencies")

Shown = Response | tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class AgencyLine:
    """An agency in the list."""

    public_id: str
    name: str
    area: str
    kind: str
    partner: str
    answering: int
    has_ended: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class AgenciesPage(Page):
    """Which agencies there are."""

    agencies: Sequence[AgencyLine]
    several_areas: bool
    may_add: bool


@pages.get("")
def listed() -> Shown:
    """The agencies of one's areas; those that have ended come last."""
    areas = require_role(*MAY_LOOK)
    administers = require_role(ADMINISTRATOR) if holds_any(ADMINISTRATOR) else frozenset()
    with reading() as session:
        answering = _people_answering(session)
        rows = session.execute(
            select(Agency, Area.name)
            .join(Area, Area.id == Agency.area_id)
            .where(Agency.area_id.in_(areas))
            .order_by(Agency.ended_on.is_not(None), Area.name, Agency.name)
        ).all()
    lines = [
        AgencyLine(
            public_id=agency.public_id,
            name=agency.name,
            area=area,
            kind=agency.kind,
            partner=PARTNERS[agency.partner] if agency.partner else "",
            answering=answering.get(agency.id, 0),
            has_ended=agency.ended_on is not None,
            may_change=agency.area_id in administers,
        )
        for agency, area in rows
    ]
    page = AgenciesPage(
        name="agencies",
        title="Agencies",
        wide=True,
        agencies=lines,
        several_areas=len(areas) > 1,
        may_add=bool(administers),
    )
    return show("agencies/list.html", page)


def _people_answering(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(Person.agency_id, func.count(Person.id.distinct()))
        .join(RoleHolding, RoleHolding.person_id == Person.id)
        .where(RoleHolding.role.in_(AGENCY_ROLES), holding_on(clock.today()), Person.left_at.is_(None))
        .group_by(Person.agency_id)
    )
    return {agency_id: number for agency_id, number in rows if agency_id is not None}


@pages.route("/add", methods=["GET", "POST"])
def add() -> Shown:
    """Add an agency to an area one administers."""
    areas = require_role(ADMINISTRATOR)
    with reading() as session:
        form = AgencyForm().offer(area_choices(session, areas))
    page = FormPage(
        name="add-agency", title="Add an agency", form=form, back=_back(), button="Add this agency"
    )
    if request.method == "GET" or not form.validate():
        return show("people/form.html", page)
    try:
        with writing() as session:
            area, said = area_asked(session, form, areas), (form.name.data, form.kind.data)
            add_agency(session, area, *said, form.partner.data, current_person().id, clock.now())
    except NotPossible as reason:
        form.refuse("name", str(reason))
        return show("people/form.html", page, 409)
    flash(f"{form.name.data} has been added. Invite somebody who answers for it.", "success")
    return redirect(url_for("agencies.listed"), 303)


@pages.route("/<agency_id>/change", methods=["GET", "POST"])
def change(agency_id: str) -> Shown:
    """Change an agency of an area one administers, or record that it has ended."""
    areas = require_role(ADMINISTRATOR)
    with reading() as session:
        agency = _agency(session, agency_id, areas)
    form = ChangeAgencyForm(
        answers={
            "name": agency.name,
            "kind": agency.kind,
            "partner": agency.partner,
            "ended_on": agency.ended_on,
        }
    )
    del form.area
    page = FormPage(
        name="change-agency",
        title="Change an agency",
        caption=agency.name,
        form=form,
        back=_back(),
        button="Save",
    )
    if request.method == "GET" or not form.validate():
        return show("people/form.html", page)
    try:
        with writing() as session:
            change_agency(
                session,
                _agency(session, agency_id, areas),
                form.name.data,
                form.kind.data,
                form.partner.data,
                form.ended_on.data,
                current_person().id,
                clock.now(),
            )
    except NotPossible as reason:
        form.refuse("name", str(reason))
        return show("people/form.html", page, 409)
    flash("The change is saved.", "success")
    return redirect(url_for("agencies.listed"), 303)


def _agency(session: Session, agency_id: str, areas: frozenset[int]) -> Agency:
    agency = session.scalar(select(Agency).where(Agency.public_id == agency_id, Agency.area_id.in_(areas)))
    return agency or abort(404)


def _back() -> Link:
    return Link(text="Agencies", href=url_for("agencies.listed"))
