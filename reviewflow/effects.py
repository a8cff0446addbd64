"""What follows an act by its definition: people are told, documents asked for, agencies asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from reviewflow import alerts, clocks, requests
from reviewflow.acts import DOCUMENTS
from reviewflow.casefile.record import Act
from reviewflow.casefile.tables import CaseMember
from reviewflow.clocks import Clock
from reviewflow.people import AGENCY_ROLES, Person, RoleHolding, holders, holding_on
from reviewflow.requests import InformationRequest
from reviewflow.workflow.definition import Effect, EffectKind
from reviewflow.working_days import Calendar, in_words, london_date


def follow(act: Act, effect: Effect) -> None:
    """Afterwards the effect's rows are written, in the transaction of the act it follows."""
    if effect.kind is EffectKind.MAKE:
        DOCUMENTS[effect.target[0]](act)
    elif effect.kind is EffectKind.REQUEST:
        requests.ask(act, act.definition.requests[effect.target[0]])
    else:
        _tell(act, effect)


def _tell(act: Act, effect: Effect) -> None:
    message = effect.message or effect.inline or ""
    variables = about(act)
    for person in audience(act, effect.target):
        if act.actor is None or person.id != act.actor.id:
            alerts.write(
                act.session,
                key=f"{act.case.public_id}:{act.event.number}:{person.id}:{message}",
                person_id=person.id,
                message=message,
                variables=variables,
                now=act.now,
                case_id=act.case.id,
                event_id=act.event.id,
            )


def audience(act: Act, roles: Sequence[str]) -> list[Person]:
    """Everybody who holds one of these roles for this case now, each once.

    Of agencies, the people of the agency the act is about; of those just asked; or of all asked.
    """
    today = london_date(act.now)
    of_area = [role for role in roles if role not in AGENCY_ROLES]
    of_agency = [role for role in roles if role in AGENCY_ROLES]
    found: dict[int, Person] = {}
    if of_area:
        rows = act.session.execute(holders(of_area, [act.case.area_id], today))
        found |= {person.id: person for person, _role in rows}
        found |= {person.id: person for person in act.session.scalars(_held_for_case(act, of_area))}
    if of_agency:
        query = (
            select(Person)
            .join(RoleHolding, RoleHolding.person_id == Person.id)
            .where(
                RoleHolding.role.in_(of_agency),
                holding_on(today),
                Person.left_at.is_(None),
                Person.agency_id.in_(list(_agencies(act))),
            )
        )
        found |= {person.id: person for person in act.session.scalars(query)}
    return list(found.values())


def _held_for_case(act: Act, roles: list[str]) -> Select[Person]:
    return (
        select(Person)
        .join(CaseMember, CaseMember.person_id == Person.id)
        .where(
            CaseMember.case_id == act.case.id,
            CaseMember.role.in_(roles),
            CaseMember.from_at <= act.now,
            CaseMember.until_at.is_(None) | (CaseMember.until_at > act.now),
            Person.left_at.is_(None),
        )
    )


def _agencies(act: Act) -> Iterable[int]:
    asked = select(InformationRequest.agency_id).where(InformationRequest.case_id == act.case.id)
    about = act.session.scalars(asked.where(InformationRequest.public_id == (act.subject_id or ""))).all()
    just_asked = act.session.scalars(asked.where(InformationRequest.event_id == act.event.id)).all()
    return about or just_asked or act.session.scalars(asked).all()


def about(act: Act) -> dict[str, str]:
    """The variables of a message about an act: reference, what happened, next limit, link; never a name."""
    return {
        "reference": act.case.reference,
        "review": act.definition.title,
        "what": act.definition.triggers[act.trigger].done,
        "link": f"/cases/{act.case.public_id}",
        **limit(clocks.running(act.session, [act.case.id]), act.now, act.calendar),
    }


def limit(running: Sequence[Clock], now: datetime, calendar: Calendar) -> dict[str, str]:
    """The next limit in words: its day, and how many working days are left."""
    if not running:
        return {"due": "", "days_left": ""}
    due = london_date(running[0].ends_at - timedelta(microseconds=1))
    return {"due": in_words(due), "days_left": alerts.days_left(due, london_date(now), calendar)}
