"""The picture of a case that guards look at: taken at once, frozen, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Date, Integer, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from reviewflow.actions import Action, ActionKind
from reviewflow.casefile.tables import Answers, Case, CaseEvent, CaseMember, Conflict, Fact, Participation
from reviewflow.db import UTCDateTime
from reviewflow.documents import Document
from reviewflow.meetings import Meeting
from reviewflow.people import AGENCY_ROLES, Agency, Person, RoleHolding, holding_on
from reviewflow.ratification import Analysis, Recommendation, ReportRead, Standing
from reviewflow.requests import SETTLED, InformationRequest, Return
from reviewflow.workflow.definition import Definition
from reviewflow.working_days import london_date


class Part(StrEnum):
    """What a guard may ask to see; only what is asked for is loaded."""

    PARTICIPATION = "participation"
    REQUESTS = "requests"
    MEETING = "meeting"
    ANALYSIS = "analysis"
    RECOMMENDATION = "recommendation"
    ACTIONS = "actions"
    RATIFIERS = "ratifiers"
    DONE = "done"


@dataclass(frozen=True)
class Actor:
    """Who is about to act, and as what."""

    person_id: int | None
    agency_id: int | None
    acting_as: str


@dataclass(frozen=True)
class TookPart:
    """Somebody's part in the case so far."""

    person_id: int
    agency_id: int | None
    capacity: str
    event_id: int


@dataclass(frozen=True)
class RequestSeen:
    """How one agency's request stands, and who wrote its latest return."""

    public_id: str
    agency_id: int
    agency: str
    standing: str
    gap: str | None
    written_by_id: int | None

    @property
    def is_settled(self) -> bool:
        """Whether the review need not wait for it."""
        return self.standing in SETTLED or self.gap is not None


@dataclass(frozen=True)
class MeetingSeen:
    """The latest meeting."""

    starts_at: datetime
    held_at: datetime | None
    is_quorate: bool | None


@dataclass(frozen=True)
class RecommendationSeen:
    """The latest recommendation and its report, if it is made; whether the actor opened exactly that one."""

    number: int
    standing: str
    under_scrutiny: frozenset[int]
    report_sha256: str | None
    was_read: bool


@dataclass(frozen=True)
class Ratifier:
    """A holder of a ratifying role in the case's area today."""

    person_id: int
    agency_id: int | None
    role: str


@dataclass(frozen=True)
class TimesDone:
    """How often something was done in a case, and the number of its latest event."""

    times: int
    latest: int


@dataclass(frozen=True)
class Situation:
    """A case at one moment, as far as the guards about to be asked need to see it."""

    definition: Definition
    state: str
    now: datetime
    actor: Actor
    facts: Mapping[str, str]
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    participation: tuple[TookPart, ...] = ()
    conflicts: frozenset[int] = frozenset()
    requests: tuple[RequestSeen, ...] = ()
    meeting: MeetingSeen | None = None
    has_analysis: bool = False
    recommendation: RecommendationSeen | None = None
    immediate_actions: int = 0
    ratifiers: tuple[Ratifier, ...] = ()
    done: Mapping[str, TimesDone] = field(default_factory=dict)
    subject_id: str | None = None

    @property
    def subject_request(self) -> RequestSeen | None:
        """The request the act is about, if it is about one."""
        return next((one for one in self.requests if one.public_id == self.subject_id), None)


_FACTS = select(Fact.name, Fact.value).where(
    Fact.case_id == bindparam("case"), Fact.superseded_by_id.is_(None)
)


def facts_of(session: Session, case_id: int) -> dict[str, str]:
    """The facts of a case that now hold."""
    rows = session.execute(_FACTS, {"case": case_id})
    return {row[0]: row[1] for row in rows}


def latest_answers(session: Session, case_id: int, triggers: Collection[str]) -> dict[str, dict[str, Any]]:
    """For each of these triggers that was done, the answers given the last time."""
    if not triggers:
        return {}
    rows = session.execute(
        select(CaseEvent.trigger, Answers.content)
        .join(Answers, Answers.event_id == CaseEvent.id)
        .where(CaseEvent.case_id == case_id, CaseEvent.trigger.in_(list(triggers)))
        .order_by(CaseEvent.number)
    )
    return {row[0]: row[1] for row in rows}


_ROLES_HELD = union_all(
    select(RoleHolding.role, RoleHolding.area_id).where(
        RoleHolding.person_id == bindparam("person"), holding_on(bindparam("today", type_=Date))
    ),
    select(CaseMember.role, bindparam("area", type_=Integer)).where(
        CaseMember.case_id == bindparam("case"),
        CaseMember.person_id == bindparam("person"),
        CaseMember.holds_at(bindparam("now", type_=UTCDateTime)),
    ),
)
"""Built once, for it is asked at every act."""


def roles_in(session: Session, case: Case, person: Person, now: datetime) -> frozenset[str]:
    """Every role in which `person` stands to this case at `now`.

    Roles of the case's area; roles held for this case; and, for an agency that was asked, its people's
    roles as agency contacts and senior leads, in whichever area they hold them.
    """
    asked = {"person": person.id, "case": case.id, "area": case.area_id}
    held = session.execute(_ROLES_HELD, asked | {"now": now, "today": london_date(now)}).all()
    roles = {role for role, area_id in held if area_id == case.area_id and role not in AGENCY_ROLES}
    as_agency = {role for role, _area_id in held if role in AGENCY_ROLES}
    if as_agency and person.agency_id is not None and _agency_is_asked(session, case.id, person.agency_id):
        roles |= as_agency
    return frozenset(roles)


def _agency_is_asked(session: Session, case_id: int, agency_id: int) -> bool:
    found = session.scalar(
        select(InformationRequest.id)
        .where(InformationRequest.case_id == case_id, InformationRequest.agency_id == agency_id)
        .limit(1)
    )
    return found is not None


def look(
    session: Session,
    case: Case,
    definition: Definition,
    actor: Actor,
    now: datetime,
    parts: Collection[Part],
    subject_id: str | None = None,
    triggers_answered: Collection[str] = (),
) -> Situation:
    """The situation of `case` for `actor` at `now`: one query a part, however much there is in the case."""
    seen: dict[str, Any] = {}
    for part in parts:
        seen |= _LOADERS[part](session, case, actor, now)
    return Situation(
        definition=definition,
        state=case.state,
        now=now,
        actor=actor,
        facts=MappingProxyType(facts_of(session, case.id)),
        answers=MappingProxyType(latest_answers(session, case.id, triggers_answered)),
        subject_id=subject_id,
        **seen,
    )


# The parts. Their queries are built once, for they are asked at every act.

_CASE = bindparam("case", type_=Integer)

_PARTICIPATION = select(
    Participation.person_id, Participation.agency_id, Participation.capacity, Participation.event_id
).where(Participation.case_id == _CASE)
_CONFLICTS = select(Conflict.person_id).where(Conflict.case_id == _CASE)


def _participation(session: Session, case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    parts = session.execute(_PARTICIPATION, {"case": case.id})
    return {
        "participation": tuple(TookPart(*row) for row in parts),
        "conflicts": frozenset(session.scalars(_CONFLICTS, {"case": case.id})),
    }


_LATEST_WRITER = (
    select(Return.written_by_id)
    .where(Return.request_id == InformationRequest.id)
    .order_by(Return.number.desc())
    .limit(1)
    .scalar_subquery()
)
_REQUESTS = (
    select(
        InformationRequest.public_id,
        InformationRequest.agency_id,
        Agency.name,
        InformationRequest.standing,
        InformationRequest.gap,
        _LATEST_WRITER,
    )
    .join(Agency, Agency.id == InformationRequest.agency_id)
    .where(InformationRequest.case_id == _CASE)
    .order_by(Agency.name)
)


def _requests(session: Session, case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    rows = session.execute(_REQUESTS, {"case": case.id})
    return {"requests": tuple(RequestSeen(*row) for row in rows)}


_MEETING = (
    select(Meeting.starts_at, Meeting.held_at, Meeting.is_quorate)
    .where(Meeting.case_id == _CASE)
    .order_by(Meeting.id.desc())
    .limit(1)
)


def _meeting(session: Session, case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    row = session.execute(_MEETING, {"case": case.id}).one_or_none()
    return {"meeting": MeetingSeen(*row) if row else None}


_ANALYSES = select(func.count(Analysis.id)).where(Analysis.case_id == _CASE)


def _analysis(session: Session, case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    return {"has_analysis": bool(session.scalar(_ANALYSES, {"case": case.id}))}


_RECOMMENDATION = (
    select(
        Recommendation.number,
        Recommendation.standing,
        Recommendation.under_scrutiny,
        Document.sha256,
        ReportRead.id,
    )
    .outerjoin(Document, Document.id == Recommendation.report_id)
    .outerjoin(
        ReportRead,
        (ReportRead.document_id == Document.id) & (ReportRead.person_id == bindparam("person")),
    )
    .where(Recommendation.case_id == _CASE)
    .order_by(Recommendation.number.desc())
    .limit(1)
)


def _recommendation(session: Session, case: Case, actor: Actor, _now: datetime) -> dict[str, Any]:
    asked = {"case": case.id, "person": actor.person_id or 0}
    row = session.execute(_RECOMMENDATION, asked).one_or_none()
    if row is None or row[1] == Standing.TAKEN_BACK:
        return {"recommendation": None}
    number, standing, under_scrutiny, sha256, read_id = row
    return {
        "recommendation": RecommendationSeen(
            number, standing, frozenset(under_scrutiny), sha256, read_id is not None
        )
    }


_IMMEDIATE = select(func.count(Action.id)).where(Action.case_id == _CASE, Action.kind == ActionKind.IMMEDIATE)


def _actions(session: Session, case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    return {"immediate_actions": session.scalar(_IMMEDIATE, {"case": case.id}) or 0}


_RATIFIERS = (
    select(Person.id, Person.agency_id, RoleHolding.role)
    .join(RoleHolding, RoleHolding.person_id == Person.id)
    .where(
        RoleHolding.role.in_(("ratifier", "alternate_ratifier")),
        RoleHolding.area_id == bindparam("area"),
        holding_on(bindparam("today", type_=Date)),
        Person.left_at.is_(None),
    )
)


def _ratifiers(session: Session, case: Case, _actor: Actor, now: datetime) -> dict[str, Any]:
    rows = session.execute(_RATIFIERS, {"area": case.area_id, "today": london_date(now)})
    return {"ratifiers": tuple(Ratifier(*row) for row in rows)}


_TIMES_DONE = (
    select(CaseEvent.trigger, func.count(CaseEvent.id), func.max(CaseEvent.number))
    .where(CaseEvent.case_id == _CASE)
    .group_by(CaseEvent.trigger)
)


def _done(session: Session, case: Case, _actor: Actor, _now: datetime) -> dict[str, Any]:
    rows = session.execute(_TIMES_DONE, {"case": case.id})
    return {"done": {trigger: TimesDone(times, latest) for trigger, times, latest in rows}}


_LOADERS = {
    Part.PARTICIPATION: _participation,
    Part.REQUESTS: _requests,
    Part.MEETING: _meeting,
    Part.ANALYSIS: _analysis,
    Part.RECOMMENDATION: _recommendation,
    Part.ACTIONS: _actions,
    Part.RATIFIERS: _ratifiers,
    Part.DONE: _done,
}
