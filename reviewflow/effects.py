"""What follows an act by its definition: people are told, documents asked for, agencies asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from reviewflow import alerts, clocks, requests
from reviewflow.acts import DOCUMENTS, Subject
from reviewflow.casefile.record import Act
from reviewflow.casefile.tables import CaseMember
from reviewflow.clocks import Clock
from reviewflow.people import AGENCY_ROLES, Person, holders
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
    asked = requests_of(act)
    for person in audience(act, effect.target):
        if act.actor is None or person.id != act.actor.id:
            alerts.write(
                act.session,
                key=f"{act.case.public_id}:{act.event.number}:{person.id}:{message}",
                person_id=person.id,
                message=message,
                variables=about(act, _request_for(person, asked)),
                now=act.now,
                case_id=act.case.id,
                event_id=act.event.id,
            )


def requests_of(act: Act) -> Sequence[InformationRequest]:
    """The request the act is about, or those it has just made; each with its agency."""
    if act.event.subject_kind == Subject.REQUEST:
        mine = InformationRequest.public_id == act.subject_id
    elif any(one.kind is EffectKind.REQUEST for one in act.step.effects):
        mine = InformationRequest.event_id == act.event.id
    else:
        return ()
    return act.session.scalars(
        select(InformationRequest)
        .where(InformationRequest.case_id == act.case.id, mine)
        .options(joinedload(InformationRequest.agency))
    ).all()


def _request_for(person: Person, asked: Sequence[InformationRequest]) -> InformationRequest | None:
    if len(asked) == 1:
        return asked[0]
    return next((one for one in asked if one.agency_id == person.agency_id), None)


def audience(act: Act, roles: Sequence[str]) -> list[Person]:
    """Everybody who holds one of these roles for this case now, each once.

    Of agencies, the people of the agency the act is about; of those just asked; or of all that take part.
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
        asked = requests_of(act) or _taking_part(act)
        found |= {one.id: one for _, one in requests.answering(act.session, asked, of_agency, today)}
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


def _taking_part(act: Act) -> Sequence[InformationRequest]:
    """Every request of the case but those of agencies that were not involved: they are told nothing more."""
    return act.session.scalars(
        select(InformationRequest).where(
            InformationRequest.case_id == act.case.id,
            InformationRequest.standing != requests.Standing.NOT_INVOLVED,
        )
    ).all()


def about(act: Act, request: InformationRequest | None = None) -> dict[str, str]:
    """The variables of a message about an act: reference, what happened, by when, link; never a name.

    About a request they say the request's own agency, day and page; otherwise the case's next limit.
    """
    link = f"/cases/{act.case.public_id}"
    said = {
        "reference": act.case.reference,
        "review": act.definition.title,
        "what": act.step.done,
        "agency": "",
    }
    if request is None:
        running = clocks.running(act.session, [act.case.id])
        return said | {"link": link} | limit(running, act.now, act.calendar)
    return said | {
        "agency": request.agency.name,
        "link": f"{link}/requests/{request.public_id}",
        "due": in_words(request.due_on),
        "days_left": alerts.days_left(request.due_on, london_date(act.now), act.calendar),
    }


def limit(running: Sequence[Clock], now: datetime, calendar: Calendar) -> dict[str, str]:
    """The next limit in words: its day, and how many working days are left."""
    if not running:
        return {"due": "", "days_left": ""}
    due = london_date(running[0].ends_at - timedelta(microseconds=1))
    return {"due": in_words(due), "days_left": alerts.days_left(due, london_date(now), calendar)}
