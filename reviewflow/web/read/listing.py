"""The list of cases: by state, review type and area, open or closed, searched by reference, paged by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from reviewflow.access import visible_to
from reviewflow.casefile.tables import Case
from reviewflow.people import Area, Person
from reviewflow.web.page import Page
from reviewflow.workflow.definition import Definitions
from reviewflow.working_days import london_date

A_PAGE = 25
OPEN_OR_CLOSED = {"": "Open", "closed": "Closed", "all": "Open and closed"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice of a filter, and whether it is the one made."""

    value: str
    text: str
    selected: bool


@dataclass(frozen=True, kw_only=True)
class CaseLine:
    """A case in the list: by its reference, never a name."""

    reference: str
    href: str
    review: str
    area: str
    state: str
    is_open: bool
    opened_at: datetime
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class CasesPage(Page):
    """A page of the list with its filters; `next` leads to older cases."""

    search: str
    states: Sequence[Choice]
    reviews: Sequence[Choice]
    areas: Sequence[Choice]
    standings: Sequence[Choice]
    cases: Sequence[CaseLine]
    first: str
    next: str
    is_filtered: bool


def cases_page(
    session: Session, definitions: Definitions, person: Person, now: datetime, asked: Mapping[str, str]
) -> CasesPage:
    """The cases this person may know of that the filters let through, the newest first; three queries."""
    areas = session.execute(select(Area.code, Area.name, Area.id).order_by(Area.name)).all()
    chosen = {name: asked.get(name, "").strip() for name in ("search", "state", "review", "area", "show")}
    wanted = [visible_to(person, now), *_filters(definitions, chosen, {one.code: one.id for one in areas})]
    before = asked.get("before", "")
    if before.isdigit():
        wanted.append(Case.id < int(before[:18]))
    query = select(Case, Area.name).join(Area, Area.id == Case.area_id).where(*wanted)
    rows = session.execute(query.order_by(Case.id.desc()).limit(A_PAGE + 1)).all()
    page, more = rows[:A_PAGE], rows[A_PAGE:]
    kept = {name: value for name, value in chosen.items() if value}
    return CasesPage(
        name="cases",
        title="Cases",
        wide=True,
        search=chosen["search"],
        states=_choices(_state_titles(definitions), chosen["state"], "Any state"),
        reviews=_choices({one.name: one.title for one in definitions}, chosen["review"], "Any review"),
        areas=_choices({code: name for code, name, _ in areas}, chosen["area"], "Any area"),
        standings=tuple(
            Choice(value=value, text=text, selected=value == chosen["show"])
            for value, text in OPEN_OR_CLOSED.items()
        ),
        cases=tuple(_line(definitions, case, area) for case, area in page),
        first=_address(kept) if before else "",
        next=_address({**kept, "before": str(page[-1][0].id)}) if more else "",
        is_filtered=bool(kept),
    )


def _filters(
    definitions: Definitions, chosen: Mapping[str, str], areas: Mapping[str, int]
) -> list[ColumnElement[bool]]:
    found = []
    if chosen["search"]:
        found.append(Case.reference.icontains(chosen["search"][:40], autoescape=True))
    if chosen["state"] in _state_titles(definitions):
        found.append(Case.state == chosen["state"])
    if chosen["review"] in definitions.names():
        found.append(Case.review == chosen["review"])
    if chosen["area"] in areas:
        found.append(Case.area_id == areas[chosen["area"]])
    if chosen["show"] not in ("all", "closed"):
        found.append(Case.is_open.is_(True))
    elif chosen["show"] == "closed":
        found.append(Case.is_open.is_(False))
    return found


def _state_titles(definitions: Definitions) -> dict[str, str]:
    return {name: state.title for one in definitions for name, state in one.states.items()}


def _choices(titles: Mapping[str, str], chosen: str, every: str) -> tuple[Choice, ...]:
    some = (Choice(value=value, text=text, selected=value == chosen) for value, text in titles.items())
    return (Choice(value="", text=every, selected=not chosen), *some)


def _line(definitions: Definitions, case: Case, area: str) -> CaseLine:
    definition = definitions[case.review, case.definition_version]
    due_at = case.next_due_at
    return CaseLine(
        reference=case.reference,
        href=f"/cases/{case.public_id}",
        review=definition.title,
        area=area,
        state=definition.states[case.state].title,
        is_open=case.is_open,
        opened_at=case.opened_at,
        due_on=london_date(due_at - timedelta(microseconds=1)) if due_at and case.is_open else None,
    )


def _address(asked: Mapping[str, str]) -> str:
    return f"/cases?{urlencode(asked)}" if asked else "/cases"
