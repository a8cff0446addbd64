"""What the form of every act on a case is given, and what it carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Case
from reviewflow.people import Agency, Area, Person, RoleHolding, holding_on
from reviewflow.web.base_form import BaseForm
from reviewflow.web.fields import Choice, HiddenField
from reviewflow.workflow.definition import Criteria, Definition
from reviewflow.working_days import london_date


@dataclass(frozen=True)
class FormContext:
    """Where a form is being answered: the case (none yet when one is being opened), by whom, about what."""

    session: Session
    definition: Definition
    criteria: Criteria | None
    case: Case | None
    area: Area
    person: Person
    subject: Any
    now: datetime

    def agencies(self) -> list[Choice]:
        """Every agency that can be named, under its area; the case's own area first."""
        rows = self.session.execute(
            select(Agency.public_id, Agency.name, Area.name)
            .join(Area, Area.id == Agency.area_id)
            .where(Agency.ended_on.is_(None))
            .order_by(Area.id != self.area.id, Area.name, Agency.name)
        )
        return [Choice(public_id, name, group=area) for public_id, name, area in rows]

    def people(self, *roles: str) -> list[Choice]:
        """Everybody who holds one of these roles in the area today (any role, when none is named)."""
        query = (
            select(Person.public_id, Person.name, Agency.name)
            .join(RoleHolding, RoleHolding.person_id == Person.id)
            .outerjoin(Agency, Agency.id == Person.agency_id)
            .where(
                RoleHolding.area_id == self.area.id,
                holding_on(london_date(self.now)),
                Person.left_at.is_(None),
            )
            .distinct()
            .order_by(Person.name)
        )
        if roles:
            query = query.where(RoleHolding.role.in_(roles))
        return [
            Choice(public_id, f"{name}, {agency}" if agency else name)
            for public_id, name, agency in self.session.execute(query)
        ]


class CaseForm(BaseForm):
    """The form of an act on a case; it carries the versions its reader saw, of the case and of the draft.

    `sent_from` names this one page, so that what is sent twice from it is done once.
    """

    version = HiddenField(required=False)
    draft_version = HiddenField(required=False)
    sent_from = HiddenField(required=False)
    template: ClassVar[str] = "cases/act.html"

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been typed yet, so that the page may begin with what is on file."""
        return not self.is_submitted() and self.draft is None

    def prepare(self, context: FormContext) -> None:
        """Offer what depends on the case; called once the form is filled, before it is judged."""
