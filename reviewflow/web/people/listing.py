"""The list of people: those of one's areas, a page at a time, filtered by agency, role and area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from reviewflow.people import Agency, Area, Person, RoleHolding, holding_on
from reviewflow.web.page import Page
from reviewflow.web.people.titles import role_title, role_titles

A_PAGE = 30


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """Somebody in the list."""

    public_id: str
    name: str
    email: str
    agency: str
    roles: tuple[str, ...]
    standing: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A drop-down list above the people."""

    name: str
    label: str
    chosen: str
    choices: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class PeoplePage(Page):
    """Who there is."""

    people: Sequence[PersonLine]
    filters: Sequence[Filter]
    is_filtered: bool
    with_left: bool
    may_invite: bool
    previous: str = ""
    next: str = ""


def people_page(
    session: Session, area_ids: frozenset[int], asked: Mapping[str, str], today: date, may_invite: bool
) -> PeoplePage:
    """The people of these areas, as `asked` in the address filters and pages them. Five queries."""
    query = _filtered(_of_areas(area_ids), area_ids, asked, today)
    rows, previous, following = _one_page(session, query, asked)
    held = _roles_of(session, [row.id for row in rows], area_ids, today)
    return PeoplePage(
        name="people",
        title="People",
        wide=True,
        people=[_line(row, held.get(row.id, ())) for row in rows],
        filters=_filters(session, area_ids, asked),
        is_filtered=any(asked.get(name) for name in ("agency", "role", "area")),
        with_left=asked.get("left") == "yes",
        may_invite=may_invite,
        previous=_address(asked, before=rows[0].public_id) if previous else "",
        next=_address(asked, after=rows[-1].public_id) if following else "",
    )


def person_of(session: Session, public_id: str, area_ids: frozenset[int]) -> Person | None:
    """The person with this public id, if they belong to one of these areas."""
    found: Person | None = session.scalar(_of_areas(area_ids).where(Person.public_id == public_id))
    return found


def standing_of(person: Person) -> str:
    """In a word or two, how somebody stands: nothing for a person who can sign in."""
    if person.left_at is not None:
        return "Has left"
    return "No password yet" if person.password_hash is None else ""


def _of_areas(area_ids: frozenset[int]) -> Select[Any]:
    in_agency = Person.agency_id.in_(select(Agency.id).where(Agency.area_id.in_(area_ids)))
    in_role = Person.id.in_(select(RoleHolding.person_id).where(RoleHolding.area_id.in_(area_ids)))
    return select(Person).where(or_(in_agency, in_role))


def _filtered(
    query: Select[Any], area_ids: frozenset[int], asked: Mapping[str, str], today: date
) -> Select[Any]:
    if asked.get("left") != "yes":
        query = query.where(Person.left_at.is_(None))
    if agency := asked.get("agency"):
        query = query.where(Person.agency_id.in_(select(Agency.id).where(Agency.public_id == agency)))
    if area := asked.get("area"):
        here = select(Area.id).where(Area.code == area, Area.id.in_(area_ids))
        in_agency = Person.agency_id.in_(select(Agency.id).where(Agency.area_id.in_(here)))
        query = query.where(or_(in_agency, _holds(today, RoleHolding.area_id.in_(here))))
    if role := asked.get("role"):
        query = query.where(_holds(today, RoleHolding.role == role, RoleHolding.area_id.in_(area_ids)))
    return query


def _holds(today: date, *what: ColumnElement[bool]) -> ColumnElement[bool]:
    return Person.id.in_(select(RoleHolding.person_id).where(holding_on(today), *what))


def _one_page(
    session: Session, query: Select[Any], asked: Mapping[str, str]
) -> tuple[list[Person], bool, bool]:
    """The people of this page, and whether there are some before it and after it."""
    key = tuple_(func.lower(Person.name), Person.id)
    backwards = "before" in asked
    edge = session.execute(
        select(func.lower(Person.name), Person.id).where(
            Person.public_id == (asked.get("before") or asked.get("after") or "")
        )
    ).one_or_none()
    if edge is not None:
        start = tuple_(*edge)
        query = query.where(key < start if backwards else key > start)
    order = [column.desc() if backwards else column.asc() for column in (func.lower(Person.name), Person.id)]
    found = list(session.scalars(query.order_by(*order).limit(A_PAGE + 1)))
    more, rows = len(found) > A_PAGE, found[:A_PAGE]
    if backwards:
        return rows[::-1], more, edge is not None
    return rows, edge is not None and bool(rows), more


def _roles_of(
    session: Session, person_ids: Sequence[int], area_ids: frozenset[int], today: date
) -> dict[int, list[str]]:
    rows = session.execute(
        select(RoleHolding.person_id, RoleHolding.role, Area.name)
        .join(Area, Area.id == RoleHolding.area_id)
        .where(RoleHolding.person_id.in_(person_ids), RoleHolding.area_id.in_(area_ids), holding_on(today))
        .order_by(RoleHolding.id)
    )
    held: dict[int, list[str]] = {}
    for person_id, role, area in rows:
        title = role_title(role) if len(area_ids) == 1 else f"{role_title(role)} ({area})"
        held.setdefault(person_id, []).append(title)
    return held


def _line(person: Person, roles: Sequence[str]) -> PersonLine:
    return PersonLine(
        public_id=person.public_id,
        name=person.name,
        email=person.email,
        agency=person.agency.name if person.agency else "",
        roles=tuple(roles),
        standing=standing_of(person),
    )


def _filters(session: Session, area_ids: frozenset[int], asked: Mapping[str, str]) -> list[Filter]:
    agencies = session.execute(
        select(Agency.public_id, Agency.name).where(Agency.area_id.in_(area_ids)).order_by(Agency.name)
    ).all()
    areas = session.execute(
        select(Area.code, Area.name).where(Area.id.in_(area_ids)).order_by(Area.name)
    ).all()
    offered: list[tuple[str, str, Sequence[Any]]] = [
        ("agency", "Agency", agencies),
        ("role", "Role", list(role_titles().items())),
        ("area", "Area", areas if len(areas) > 1 else ()),
    ]
    return [
        Filter(
            name=name,
            label=label,
            chosen=asked.get(name, ""),
            choices=[(value, words) for value, words in choices],
        )
        for name, label, choices in offered
        if choices
    ]


def _address(asked: Mapping[str, str], **edge: str) -> str:
    kept = {name: asked[name] for name in ("agency", "role", "area", "left") if asked.get(name)}
    return f"/people?{urlencode(kept | edge)}"
