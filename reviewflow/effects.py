"""What follows an act by its definition: people are told, documents asked for, agencies asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, bindparam, select, union_all
from sqlalchemy.orm import joinedload

from reviewflow import alerts, requests
from reviewflow.acts import DOCUMENTS, Subject
from reviewflow.casefile.record import Act
from reviewflow.casefile.tables import CaseMember
from reviewflow.clocks import Clock
from reviewflow.db import UTCDateTime
from reviewflow.people import AGENCY_ROLES, Person, RoleHolding, holding_on
from reviewflow.requests import InformationRequest
from reviewflow.workflow.definition import Effect, EffectKind
from reviewflow.working_days import in_words, london_date


@dataclass(frozen=True)
class Told:
    """Somebody who holds a role for this case now."""

    role: str
    person_id: int
    agency_id: int | None


def follow(act: Act, effect: Effect) -> None:
    """Afterwards a document is asked for, or agencies are asked, in the transaction of the act."""
    if effect.kind is EffectKind.MAKE:
        DOCUMENTS[effect.target[0]](act)
    else:
        requests.ask(act, act.definition.requests[effect.target[0]])


def tell(act: Act, tellings: Sequence[Effect], running: Sequence[Clock]) -> None:
    """Afterwards everybody who holds a role that is told will be, once a message; never who acted.

    `running` are the clocks of the case as the act left them. However many are told, it takes the same few
    statements.
    """
    if not tellings:
        return
    asked = requests_of(act)
    audience = _audience(act, {role for effect in tellings for role in effect.target}, asked)
    words = {request: _Words(act, running).about(request) for request in (None, *asked)}
    letters: dict[str, alerts.Letter] = {}
    for effect in tellings:
        message = effect.message or effect.inline or ""
        for one in audience:
            if one.role in effect.target and one.person_id != act.event.actor_id:
                key = f"{act.case.public_id}:{act.event.number}:{one.person_id}:{message}"
                letters[key] = alerts.Letter(key, one.person_id, message, words[_request_for(one, asked)])
    alerts.write_all(act.session, letters.values(), act.now, act.case.id, act.event.id)


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


def _request_for(told: Told, asked: Sequence[InformationRequest]) -> InformationRequest | None:
    if len(asked) == 1:
        return asked[0]
    return next((one for one in asked if one.agency_id == told.agency_id), None)


def _audience(act: Act, roles: Collection[str], asked: Sequence[InformationRequest]) -> list[Told]:
    """Everybody who holds one of these roles for this case now, with the role.

    Of agencies, the people of the agency the act is about; of those just asked; or of all that take part.
    """
    today = london_date(act.now)
    of_area = [role for role in roles if role not in AGENCY_ROLES]
    of_agency = [role for role in roles if role in AGENCY_ROLES]
    found: list[Told] = []
    if of_area:
        here = {"area": act.case.area_id, "case": act.case.id, "now": act.now, "today": today}
        rows = act.session.execute(_HOLDERS, here | {"roles": of_area})
        found += [Told(role, person_id, agency_id) for role, person_id, agency_id in rows]
    for role in of_agency:
        answering = requests.answering(act.session, asked or _taking_part(act), [role], today)
        found += [Told(role, person.id, person.agency_id) for _, person in answering]
    return found


_HOLDERS = union_all(
    select(RoleHolding.role, Person.id, Person.agency_id)
    .join(Person, Person.id == RoleHolding.person_id)
    .where(
        RoleHolding.role.in_(bindparam("roles", expanding=True)),
        RoleHolding.area_id == bindparam("area"),
        holding_on(bindparam("today", type_=Date)),
        Person.left_at.is_(None),
    ),
    select(CaseMember.role, Person.id, Person.agency_id)
    .join(Person, Person.id == CaseMember.person_id)
    .where(
        CaseMember.role.in_(bindparam("roles", expanding=True)),
        CaseMember.case_id == bindparam("case"),
        CaseMember.holds_at(bindparam("now", type_=UTCDateTime)),
        Person.left_at.is_(None),
    ),
)
"""Who holds a role in the area or for the case. Built once, for it is asked at almost every act."""


def _taking_part(act: Act) -> Sequence[InformationRequest]:
    """Every request of the case but those of agencies that were not involved: they are told nothing more."""
    return act.session.scalars(
        select(InformationRequest).where(
            InformationRequest.case_id == act.case.id,
            InformationRequest.standing != requests.Standing.NOT_INVOLVED,
        )
    ).all()


@dataclass(frozen=True)
class _Words:
    """The variables of the messages about an act: reference, what happened, by when, link; never a name."""

    act: Act
    running: Sequence[Clock]

    def about(self, request: InformationRequest | None) -> dict[str, str]:
        """About a request, its own agency, day and page; otherwise the case's next limit."""
        case = f"/cases/{self.act.case.public_id}"
        said = {
            "reference": self.act.case.reference,
            "review": self.act.definition.title,
            "what": self.act.step.done,
        }
        if request is not None:
            link = f"{case}/requests/{request.public_id}"
            return said | {"agency": request.agency.name, "link": link} | self._by(request.due_on)
        return said | {"agency": "", "link": case} | self._by(self._next_limit())

    def _next_limit(self) -> date | None:
        if not self.running:
            return None
        return london_date(self.running[0].ends_at - timedelta(microseconds=1))

    def _by(self, due: date | None) -> dict[str, str]:
        if due is None:
            return {"due": "", "days_left": ""}
        left = alerts.days_left(due, london_date(self.act.now), self.act.calendar)
        return {"due": in_words(due), "days_left": left}
