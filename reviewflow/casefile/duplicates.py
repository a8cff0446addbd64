"""Referrals that may be about the same incident: found by who the children are, without reading names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow.casefile.identities import IdentityKind, Said, incidents_with, match_hash, things_said
from reviewflow.casefile.tables import Case, Identity, Incident
from reviewflow.people import Area

NEAR = timedelta(days=60)
VERY_NEAR = timedelta(days=7)
NAMES = (IdentityKind.NAME, IdentityKind.ALSO_KNOWN_AS)

Marks = dict[str, set[str]]


@dataclass(frozen=True)
class Duplicate:
    """A case that may be about the same incident; nothing here says who anybody is."""

    case_id: int
    public_id: str
    reference: str
    area_id: int
    area: str
    referred_at: datetime


@dataclass(frozen=True)
class Period:
    """When an incident happened, as far as that is known."""

    from_on: date | None
    until_on: date | None

    def is_near(self, other: Period, distance: timedelta) -> bool:
        """Whether both may have happened within `distance` of each other; so may what has no date."""
        if self.from_on is None or other.from_on is None:
            return True
        first, second = sorted((self, other), key=lambda one: one.from_on or date.min)
        gap = (second.from_on or date.min) - (first.until_on or first.from_on or date.min)
        return gap <= distance


def duplicates_of(session: Session, answers: Mapping[str, Any]) -> list[Duplicate]:
    """The cases that may be about what these answers of a referral describe, before it is sent."""
    said = things_said(answers.get("identity") or [], "")
    period = Period(_day(answers.get("from_on")), _day(answers.get("until_on")))
    return _found(session, _marks(said), period, not_incident=None)


def possible_duplicates(session: Session, case: Case) -> list[Duplicate]:
    """The other cases, in any area, that may be about the incident of this one; the oldest first."""
    if case.incident_id is None:
        return []
    rows = session.scalars(
        select(Identity).where(
            Identity.incident_id.in_(incidents_with(session, case.incident_id)),
            Identity.match_hash.is_not(None),
        )
    )
    period = session.execute(
        select(Incident.from_on, Incident.until_on).where(Incident.id == case.incident_id)
    ).one()
    children = _by_child((row.child_number or 0, row.kind, row.match_hash or "") for row in rows)
    return _found(session, children, Period(*period), not_incident=case.incident_id)


def _marks(said: Iterable[Said]) -> list[Marks]:
    return _by_child((one.child_number or 0, one.kind, match_hash(one) or "") for one in said)


def _by_child(rows: Iterable[tuple[int, str, str]]) -> list[Marks]:
    children: dict[int, Marks] = defaultdict(lambda: defaultdict(set))
    for number, kind, mark in rows:
        if mark:
            children[number]["name" if kind in NAMES else kind].add(mark)
    return list(children.values())


def _found(
    session: Session, children: list[Marks], period: Period, not_incident: int | None
) -> list[Duplicate]:
    marks = {mark for child in children for kind in child.values() for mark in kind}
    if not marks:
        return []
    read_with = func.coalesce(Incident.joined_to_id, Incident.id)
    rows = session.execute(
        select(
            read_with,
            Incident.from_on,
            Incident.until_on,
            Identity.child_number,
            Identity.kind,
            Identity.match_hash,
        )
        .join(Identity, Identity.incident_id == Incident.id)
        .where(
            Incident.id.in_(select(Identity.incident_id).where(Identity.match_hash.in_(marks))),
            read_with != (not_incident or 0),
            Identity.match_hash.is_not(None),
        )
    ).all()
    others: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    periods = {}
    for incident_id, from_on, until_on, number, kind, mark in rows:
        others[incident_id].append((number or 0, kind, mark or ""))
        periods[incident_id] = Period(from_on, until_on)
    likely = [one for one in others if _same(children, period, _by_child(others[one]), periods[one])]
    return _cases(session, likely)


def _same(children: list[Marks], period: Period, others: list[Marks], other_period: Period) -> bool:
    if not period.is_near(other_period, NEAR):
        return False
    very_near = period.is_near(other_period, VERY_NEAR)
    return any(_same_child(one, other, very_near) for one in children for other in others)


def _same_child(one: Marks, other: Marks, very_near: bool) -> bool:
    """One number; or one name with nothing against it; or one birthday and the same few days."""
    born, other_born = one.get(IdentityKind.BORN_ON, set()), other.get(IdentityKind.BORN_ON, set())
    if one.get(IdentityKind.NHS_NUMBER, set()) & other.get(IdentityKind.NHS_NUMBER, set()):
        return True
    same_birthday = bool(born & other_born)
    nothing_against = same_birthday or not born or not other_born
    if one.get("name", set()) & other.get("name", set()) and nothing_against:
        return True
    return very_near and same_birthday


def _cases(session: Session, incident_ids: list[int]) -> list[Duplicate]:
    rows = session.execute(
        select(Case.id, Case.public_id, Case.reference, Case.area_id, Area.name, Case.opened_at)
        .join(Area, Area.id == Case.area_id)
        .where(Case.incident_id.in_(incident_ids), Case.opened_from_id.is_(None))
        .order_by(Case.opened_at, Case.id)
    )
    return [Duplicate(*row) for row in rows]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
