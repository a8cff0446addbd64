"""A new case: under which definition it opens, its reference, its first event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow import acts
from reviewflow.casefile.record import Act, MovedOn, Refused
from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.db import public_id
from reviewflow.people import Area, AreaDefinition, Person
from reviewflow.workflow.definition import OPENED, Definition, Definitions
from reviewflow.working_days import london_date


@dataclass(frozen=True)
class Opening:
    """What somebody asks to be opened: a review of a type, in an area, with the opening form's answers.

    A page gives the case its public id, so that a form sent twice opens one case.
    """

    review: str
    area_id: int
    actor_id: int
    answers: Mapping[str, Any] = field(default_factory=dict)
    public_id: str | None = None


def definition_for(
    session: Session, definitions: Definitions, review: str, area_id: int, now: datetime
) -> Definition:
    """The definition an area uses for a review type today; the latest one unless the area chose another.

    Raises Refused when there is no such review.
    """
    chosen = session.scalar(
        select(AreaDefinition.definition)
        .where(
            AreaDefinition.area_id == area_id,
            AreaDefinition.review == review,
            AreaDefinition.from_on <= london_date(now),
        )
        .order_by(AreaDefinition.from_on.desc(), AreaDefinition.id.desc())
        .limit(1)
    )
    if (chosen or review) not in definitions.names():
        raise Refused("There is no such review.")
    return definitions.latest(chosen or review)


def reviews_to_open(
    session: Session, definitions: Definitions, area_id: int, now: datetime
) -> list[tuple[str, Definition]]:
    """The review types that can be opened in an area today by a form, each with its definition there.

    Those the area has chosen; every one, where it has chosen none.
    """
    chosen = session.scalars(
        select(AreaDefinition.review)
        .where(AreaDefinition.area_id == area_id, AreaDefinition.from_on <= london_date(now))
        .distinct()
        .order_by(AreaDefinition.review)
    ).all()
    names = chosen or sorted(definitions.names())
    found = [(name, definition_for(session, definitions, name, area_id, now)) for name in names]
    return [(name, definition) for name, definition in found if definition.opens_with]


def new_case(
    session: Session, definition: Definition, area_id: int, now: datetime, wanted_id: str | None = None
) -> Case:
    """A case of this definition with the area's next reference of the year; not yet in the database.

    The area is locked until the transaction ends, so that no reference is given twice. Raises MovedOn when
    there is a case with the public id that is wanted.
    """
    area = session.scalars(select(Area).where(Area.id == area_id).with_for_update()).one()
    if wanted_id and session.scalar(select(Case.id).where(Case.public_id == wanted_id)):
        raise MovedOn("This has already been sent.")
    start = f"{area.code}-{london_date(now).year}-"
    latest = session.scalar(
        select(Case.reference)
        .where(Case.reference.startswith(start, autoescape=True))
        .order_by(func.length(Case.reference).desc(), Case.reference.desc())
        .limit(1)
    )
    number = int(latest.removeprefix(start)) + 1 if latest else 1
    return Case(
        public_id=wanted_id or public_id(),
        reference=f"{start}{number:03d}",
        area_id=area_id,
        review=definition.name,
        definition_version=definition.version,
        definition_fingerprint=definition.fingerprint,
        state=definition.initial,
        event_count=0,
        chain_head="",
        version=1,
        opened_at=now,
        state_since=now,
    )


def first_event(
    session: Session,
    definition: Definition,
    case: Case,
    actor: Person | None,
    acting_as: str,
    answers: Mapping[str, Any],
    now: datetime,
    form: acts.FormRule = acts.NO_FORM,
) -> Act:
    """Afterwards the case is in the database with its first event."""
    session.add(case)
    session.flush()
    event = CaseEvent(
        trigger=OPENED,
        from_state="",
        to_state=case.state,
        actor_id=actor and actor.id,
        acting_as=acting_as,
        at=now,
    )
    return acts.begin(session, definition, case, event, actor, answers, now, form)


def open_linked(act: Act, definitions: Definitions, review: str) -> None:
    """Afterwards a case of another review type is open on the same incident, each naming the other."""
    definition = definition_for(act.session, definitions, review, act.case.area_id, act.now)
    case = new_case(act.session, definition, act.case.area_id, act.now)
    case.incident_id, case.opened_from_id = act.case.incident_id, act.case.id
    answers = {"opened_from": act.case.public_id}
    opened = first_event(act.session, definition, case, act.actor, act.event.acting_as, answers, act.now)
    acts.carry_out(opened, acts.NO_FORM)
