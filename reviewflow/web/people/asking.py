"""What the pages about people have in common: whom they are for, and what their forms offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.access import ADMINISTRATOR, SCRUTINEER
from reviewflow.people import AGENCY_ROLES, Agency, Area, Person
from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import Choice
from reviewflow.web.page import Link, Page
from reviewflow.web.people import listing
from reviewflow.web.people.titles import role_titles
from reviewflow.web.signed_in import current_roles, require_role

COORDINATOR = "coordinator"
MAY_LOOK = (ADMINISTRATOR, COORDINATOR, SCRUTINEER)


@dataclass(frozen=True, kw_only=True)
class FormPage(Page):
    """A page of one form; `name` is what it does."""

    button: str
    warning: bool = False


def holds_any(*names: str) -> bool:
    """Whether the person who is asking holds one of these roles today, in whichever area."""
    return any(held.role in names for held in current_roles())


def areas_to_invite_in() -> frozenset[int]:
    """The areas to which the person who is asking may invite somebody; without any, 403."""
    return require_role(ADMINISTRATOR if holds_any(ADMINISTRATOR) else COORDINATOR)


def person_or_404(session: Session, person_id: str, areas: frozenset[int]) -> Person:
    """The person with this public id, if they belong to one of these areas."""
    return listing.person_of(session, person_id, areas) or abort(404)


def page_about(
    person: Person, name: str, title: str, form: BaseForm, button: str, *, warning: bool = False
) -> FormPage:
    """A page on which something about `person` is changed."""
    back = Link(text=person.name, href=url_for("people.one", person_id=person.public_id))
    return FormPage(
        name=name, title=title, caption=person.name, form=form, back=back, button=button, warning=warning
    )


def agency_choices(session: Session, areas: frozenset[int]) -> list[Choice]:
    """The agencies of these areas that have not ended."""
    rows: Sequence[tuple[str, str, str]] = [
        (public_id, name, area)
        for public_id, name, area in session.execute(
            select(Agency.public_id, Agency.name, Area.name)
            .join(Area, Area.id == Agency.area_id)
            .where(Agency.area_id.in_(areas), Agency.ended_on.is_(None))
            .order_by(Area.name, Agency.name)
        )
    ]
    several = len(areas) > 1
    return [Choice(public_id, name, group=area if several else "") for public_id, name, area in rows]


def area_choices(session: Session, areas: frozenset[int]) -> list[Choice]:
    """These areas by name."""
    rows = session.execute(select(Area.code, Area.name).where(Area.id.in_(areas)).order_by(Area.name))
    return [Choice(code, name) for code, name in rows]


def role_choices() -> list[Choice]:
    """The roles that the person who is asking may give: a coordinator, those of agencies only."""
    gives_all = holds_any(ADMINISTRATOR)
    return [Choice(role, title) for role, title in role_titles().items() if gives_all or role in AGENCY_ROLES]


def area_asked(session: Session, form: BaseForm, areas: frozenset[int]) -> Area:
    """The area chosen in the form; where only one could be, that one."""
    asked = select(Area).where(Area.id.in_(areas))
    if "area" in form:
        asked = asked.where(Area.code == form["area"].data)
    return session.scalars(asked).one()
