"""Who may ratify what is before the ratifier, asked of many cases at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, Integer, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Conflict, Participation
from reviewflow.duties.plan import Progress
from reviewflow.duties.rows import CaseRow
from reviewflow.people import Person, RoleHolding, holding_on
from reviewflow.ratification import part_taken_by

RATIFIER, ALTERNATE = "ratifier", "alternate_ratifier"
CONFLICT = "has a conflict"


@dataclass(frozen=True)
class _Holder:
    person_id: int
    agency_id: int | None
    role: str
    area_id: int


@dataclass(frozen=True)
class _Part:
    person_id: int
    capacity: str


def may_ratify(
    session: Session, cases: Sequence[CaseRow], seen: Mapping[int, Progress], person: Person, today: date
) -> frozenset[int]:
    """Those of the cases in which it is this person's turn to ratify: one query, or none without a case.

    The alternate's turn comes only where nobody may who holds the ratifier's role.
    """
    mine = [case for case in cases if case.roles & {RATIFIER, ALTERNATE}]
    if not mine:
        return frozenset()
    holders, parts = _read(session, mine, today)
    return frozenset(
        case.id
        for case in mine
        if _turn_of(
            [one for one in holders if one.area_id == case.area_id],
            seen.get(case.id, Progress()).under_scrutiny,
            parts[case.id],
            person.id,
        )
    )


def _turn_of(
    holders: Collection[_Holder], scrutiny: Collection[int], parts: Collection[_Part], person_id: int
) -> bool:
    able = [one for one in holders if one.agency_id not in scrutiny and _is_free(one.person_id, parts)]
    turn = [one for one in able if one.role == RATIFIER] or able
    return any(one.person_id == person_id for one in turn)


def _is_free(person_id: int, parts: Collection[_Part]) -> bool:
    if any(one.person_id == person_id and one.capacity == CONFLICT for one in parts):
        return False
    return part_taken_by(person_id, [one for one in parts if one.capacity != CONFLICT]) is None


def _read(
    session: Session, cases: Sequence[CaseRow], today: date
) -> tuple[list[_Holder], dict[int, list[_Part]]]:
    """Who holds a ratifying role in the areas, and what each of them has done in the cases."""
    ids = [case.id for case in cases]
    held = (
        RoleHolding.role.in_((RATIFIER, ALTERNATE)),
        RoleHolding.area_id.in_({case.area_id for case in cases}),
        holding_on(today),
    )
    people = select(RoleHolding.person_id).where(*held)
    empty, part = cast(null(), Integer), Participation
    query: CompoundSelect[Any] = union_all(
        select(
            RoleHolding.person_id,
            Person.agency_id,
            RoleHolding.area_id,
            empty.label("case_id"),
            RoleHolding.role.label("words"),
        )
        .join(Person, Person.id == RoleHolding.person_id)
        .where(*held, Person.left_at.is_(None)),
        select(part.person_id, empty, empty, part.case_id, part.capacity).where(
            part.case_id.in_(ids), part.person_id.in_(people)
        ),
        select(Conflict.person_id, empty, empty, Conflict.case_id, literal(CONFLICT)).where(
            Conflict.case_id.in_(ids), Conflict.person_id.in_(people)
        ),
    )
    holders: list[_Holder] = []
    parts: dict[int, list[_Part]] = defaultdict(list)
    for row in session.execute(query):
        if row.case_id is None:
            holders.append(_Holder(row.person_id, row.agency_id, row.words, row.area_id))
        else:
            parts[row.case_id].append(_Part(row.person_id, row.words))
    return holders, parts
