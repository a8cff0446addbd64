"""Who may know of which case, how they stand to it, and the note of everybody who opened it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from reviewflow.casefile.tables import Case, CaseMember, Conflict, Incident, Reading
from reviewflow.people import AGENCY_ROLES, Person, RoleHolding, holding_on
from reviewflow.requests import InformationRequest
from reviewflow.working_days import london_date

ADMINISTRATOR = "administrator"
SCRUTINEER = "scrutineer"
NO_CASES_OF_THEIR_AREA = (*AGENCY_ROLES, ADMINISTRATOR)
"""Roles that open no case by being held in its area. Every other role that can be given is one that a
review definition names, or the scrutineer's, and opens the cases of its area."""


class Relation(StrEnum):
    """How a person stands to a case; what a page shows of it goes by this.

    `CASE_MEMBER` and `AREA_MEMBER` have the whole file. `SCRUTINEER` reads all of it and changes nothing.
    `CONFLICTED` would have it, but has declared a conflict: nothing of the deliberation.
    `ASKED_AGENCY` has its own request and what is shared with agencies. `REFERRER` has what they referred.
    For `NONE` the case does not exist.
    """

    CASE_MEMBER = "case member"
    AREA_MEMBER = "area member"
    SCRUTINEER = "scrutineer"
    CONFLICTED = "conflicted"
    ASKED_AGENCY = "asked agency"
    REFERRER = "referrer"
    NONE = "none"

    @property
    def has_whole_file(self) -> bool:
        """Whether every part of the file is open, the deliberation included."""
        return self in (Relation.CASE_MEMBER, Relation.AREA_MEMBER, Relation.SCRUTINEER)

    @property
    def may_change(self) -> bool:
        """Whether there can be anything to do in it; which, the engine says."""
        return self not in (Relation.SCRUTINEER, Relation.NONE)


def visible_to(person: Person, now: datetime) -> ColumnElement[bool]:
    """The condition on Case for every case `person` may know of at `now`, whole or in part."""
    if person.left_at is not None:
        return false()
    return or_(whole_file_of(person, now), asked_of(person, now), _referred_by(person))


def whole_file_of(person: Person, now: datetime) -> ColumnElement[bool]:
    """The condition on Case for the cases of the person's areas, and those they are a member of."""
    if person.left_at is not None:
        return false()
    return or_(_in_area_of(person, now), _in_area_of(person, now, scrutineer=True), _member(person, now))


def asked_of(person: Person, now: datetime) -> ColumnElement[bool]:
    """The condition on Case for the cases about which the agency `person` answers for was asked."""
    if person.left_at is not None or person.agency_id is None:
        return false()
    answers_for_agency = select(RoleHolding.id).where(
        RoleHolding.person_id == person.id,
        RoleHolding.role.in_(AGENCY_ROLES),
        holding_on(london_date(now)),
    )
    return Case.id.in_(
        select(InformationRequest.case_id).where(
            InformationRequest.agency_id == person.agency_id, answers_for_agency.exists()
        )
    )


def relation(session: Session, case: Case, person: Person, now: datetime) -> Relation:
    """How `person` stands to `case` at `now`."""
    found = _with_relation(session, Case.id == case.id, person, now)
    return found[1] if found else Relation.NONE


def case_for(session: Session, public_id: str, person: Person, now: datetime) -> tuple[Case, Relation] | None:
    """The case with this public id, its area with it, and how `person` stands to it.

    None when there is none, and when they may not know of it.
    """
    found = _with_relation(session, Case.public_id == public_id, person, now)
    return found if found and found[1] is not Relation.NONE else None


def read_case(session: Session, person: Person, case: Case, now: datetime, what: str) -> None:
    """Afterwards it is on record that `person` opened `what` of the case; once a minute is enough."""
    if not was_read(session, person, case, now, what):
        session.add(Reading(case_id=case.id, person_id=person.id, at=now, what=what))
        session.flush()


def was_read(session: Session, person: Person, case: Case, now: datetime, what: str) -> bool:
    """Whether it is on record that `person` opened `what` of the case in this minute."""
    minute = now.replace(second=0, microsecond=0)
    found = session.scalar(
        select(Reading.id)
        .where(
            Reading.case_id == case.id,
            Reading.person_id == person.id,
            Reading.what == what,
            Reading.at >= minute,
        )
        .limit(1)
    )
    return found is not None


def _with_relation(
    session: Session, which: ColumnElement[bool], person: Person, now: datetime
) -> tuple[Case, Relation] | None:
    if person.left_at is not None:
        return None
    row = session.execute(
        select(
            Case,
            _declared_conflict(person),
            _member(person, now),
            _in_area_of(person, now),
            _in_area_of(person, now, scrutineer=True),
            asked_of(person, now),
            _referred_by(person),
        )
        .where(which)
        .options(joinedload(Case.area))
    ).one_or_none()
    return (row[0], _strongest(*(bool(holds) for holds in row[1:]))) if row else None


def _strongest(
    conflicted: bool, member: bool, in_area: bool, scrutinises: bool, asked: bool, referred: bool
) -> Relation:
    if conflicted and (member or in_area or scrutinises):
        return Relation.CONFLICTED
    standing = {
        Relation.CASE_MEMBER: member,
        Relation.AREA_MEMBER: in_area,
        Relation.SCRUTINEER: scrutinises,
        Relation.ASKED_AGENCY: asked,
        Relation.REFERRER: referred,
    }
    return next((one for one, holds in standing.items() if holds), Relation.NONE)


def _in_area_of(person: Person, now: datetime, *, scrutineer: bool = False) -> ColumnElement[bool]:
    role = (
        RoleHolding.role == SCRUTINEER
        if scrutineer
        else RoleHolding.role.not_in((*NO_CASES_OF_THEIR_AREA, SCRUTINEER))
    )
    return Case.area_id.in_(
        select(RoleHolding.area_id).where(
            RoleHolding.person_id == person.id, role, holding_on(london_date(now))
        )
    )


def _member(person: Person, now: datetime) -> ColumnElement[bool]:
    return Case.id.in_(
        select(CaseMember.case_id).where(
            CaseMember.person_id == person.id,
            CaseMember.from_at <= now,
            or_(CaseMember.until_at.is_(None), CaseMember.until_at > now),
        )
    )


def _declared_conflict(person: Person) -> ColumnElement[bool]:
    return Case.id.in_(select(Conflict.case_id).where(Conflict.person_id == person.id))


def _referred_by(person: Person) -> ColumnElement[bool]:
    return and_(
        Case.incident_id.is_not(None),
        Case.incident_id.in_(select(Incident.id).where(Incident.referred_by_id == person.id)),
    )
