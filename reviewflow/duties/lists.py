"""What waits for one person, read in the order of its due moment: the rows under Your work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Case, CaseMember, Conflict
from reviewflow.db import UTCDateTime
from reviewflow.duties.steps import states_that_wait
from reviewflow.people import Held, Person
from reviewflow.requests import OPEN, InformationRequest, Standing
from reviewflow.workflow.definition import Definitions
from reviewflow.working_days import from_london, london_date

A_PAGE = 25
NO_DUE_DAY = datetime(9999, 1, 1, tzinfo=UTC)
MOST_BRANCHES = 400
"""SQLite reads at most 500 lists as one."""


@dataclass(frozen=True, order=True)
class Key:
    """Where something stands in the list: by its due moment, then by kind, then by its row."""

    due_at: datetime
    rank: int
    id: int


@dataclass(frozen=True)
class CaseRow:
    """A case that waits for somebody in these roles."""

    id: int
    public_id: str
    reference: str
    review: str
    definition_version: int
    state: str
    due_at: datetime | None
    roles: frozenset[str]


@dataclass(frozen=True)
class Listed:
    """One row of the list: a case, or something smaller in one. `by` says what kind of day `due_on` is."""

    key: Key
    kind: str
    case: CaseRow
    what: str = ""
    link: str = ""
    due_on: date | None = None
    by: str = "due"

    @property
    def reference(self) -> str:
        """The reference of its case."""
        return self.case.reference

    @property
    def review(self) -> str:
        """The review type of its case."""
        return self.case.review

    @property
    def version(self) -> int:
        """The version of the definition its case runs on."""
        return self.case.definition_version


def listed(
    session: Session,
    definitions: Definitions,
    person: Person,
    held: Collection[Held],
    now: datetime,
    after: Key | None,
) -> list[Listed]:
    """The first rows of the list after `after`: a page, and one more when there is a next page."""
    rows = [
        *_cases(session, definitions, person, held, now, after),
        *_requests(session, definitions, person, held, now, after),
    ]
    return sorted(rows, key=lambda one: one.key)[: A_PAGE + 1]


def end_of(day: date) -> datetime:
    """The moment a day is over in London: when what is due on it is late."""
    return from_london(datetime.combine(day + timedelta(days=1), time.min))


# Cases

_COLUMNS = (
    Case.id,
    Case.public_id,
    Case.reference,
    Case.area_id,
    Case.review,
    Case.definition_version,
    Case.state,
    Case.next_due_at,
)


def _cases(
    session: Session,
    definitions: Definitions,
    person: Person,
    held: Collection[Held],
    now: datetime,
    after: Key | None,
) -> Iterator[Listed]:
    in_area: dict[int, set[str]] = defaultdict(set)
    for one in held:
        in_area[one.area_id].add(one.role)
    branches = [*_of_areas(definitions, person, in_area, after), _held_for_case(person, now, after)]
    for start in range(0, len(branches), MOST_BRANCHES):
        both = union_all(*branches[start : start + MOST_BRANCHES]).subquery()
        rows = session.execute(
            select(both)
            .order_by(both.c.next_due_at.is_(None), both.c.next_due_at, both.c.id)
            .limit(A_PAGE + 1)
        )
        for row in rows:
            roles = in_area[row.area_id] if row.role is None else {row.role}
            case = _case_row(row, roles)
            yield Listed(Key(row.next_due_at or NO_DUE_DAY, 0, row.id), "case", case)


def _case_row(row: Any, roles: Collection[str]) -> CaseRow:
    return CaseRow(
        row.id,
        row.public_id,
        row.reference,
        row.review,
        row.definition_version,
        row.state,
        row.next_due_at,
        frozenset(roles),
    )


def _of_areas(
    definitions: Definitions, person: Person, in_area: dict[int, set[str]], after: Key | None
) -> Iterator[Select[Any]]:
    """A list for each area and state, so that each is read in order from an index and ends with its page."""
    conflicted = select(Conflict.case_id).where(Conflict.person_id == person.id)
    columns = (*_COLUMNS, literal(None).label("role"))
    for area_id, roles in in_area.items():
        waiting: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for one in definitions:
            for state in states_that_wait(one, roles):
                waiting[state].append((one.name, one.version))
        mine = (Case.area_id == area_id, Case.is_open.is_(True), Case.id.not_in(conflicted))
        for state, reviews in waiting.items():
            here = (Case.state == state, tuple_(Case.review, Case.definition_version).in_(reviews))
            for due in _due(after):
                found = select(*columns).where(*mine, *here, *due)
                found = found.order_by(Case.next_due_at, Case.id).limit(A_PAGE + 1)
                yield select(found.subquery())


def _due(after: Key | None) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """The conditions for cases with a due moment after the key, and for those that have none."""
    without = Case.next_due_at.is_(None)
    if after is None:
        yield (Case.next_due_at.is_not(None),)
        yield (without,)
    elif after.due_at < NO_DUE_DAY:
        if after.rank == 0:
            yield (
                tuple_(Case.next_due_at, Case.id)
                > tuple_(literal(after.due_at, UTCDateTime), literal(after.id)),
            )
        else:
            yield (Case.next_due_at > after.due_at,)
        yield (without,)
    else:
        yield (without, Case.id > after.id)


def _held_for_case(person: Person, now: datetime, after: Key | None) -> Select[Any]:
    found = (
        select(*_COLUMNS, CaseMember.role)
        .join(CaseMember, CaseMember.case_id == Case.id)
        .where(
            CaseMember.person_id == person.id,
            CaseMember.from_at <= now,
            or_(CaseMember.until_at.is_(None), CaseMember.until_at > now),
            Case.is_open.is_(True),
            or_(*(condition for due in _due(after) for condition in [_all(due)])),
        )
        .order_by(Case.next_due_at, Case.id)
        .limit(A_PAGE + 1)
    )
    return select(found.subquery())


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for one in rest:
        first = first & one
    return first


# Requests


def _requests(
    session: Session,
    definitions: Definitions,
    person: Person,
    held: Collection[Held],
    now: datetime,
    after: Key | None,
) -> Iterator[Listed]:
    roles = {one.role for one in held}
    if person.agency_id is None or not roles & {"agency_contact", "agency_senior"}:
        return
    rows = session.execute(
        select(InformationRequest, *_COLUMNS)
        .join(Case, Case.id == InformationRequest.case_id)
        .where(
            InformationRequest.agency_id == person.agency_id,
            Case.is_open.is_(True),
            or_(*_owed_by(person, roles, london_date(now))),
            *_request_after(after),
        )
        .order_by(InformationRequest.due_on, InformationRequest.id)
        .limit(A_PAGE + 1)
    )
    for row in rows:
        request = row[0]
        case = _case_row(row, roles)
        rule = definitions[case.review, case.definition_version].requests.get(request.name)
        yield Listed(
            Key(end_of(request.due_on), 1, request.id),
            "request",
            case,
            _what(request, roles, rule.title if rule else "Request for information"),
            f"/cases/{case.public_id}/requests/{request.public_id}",
            request.due_on,
        )


def _owed_by(person: Person, roles: Collection[str], today: date) -> Iterator[ColumnElement[bool]]:
    """A contact owes the return until it goes for sign-off; a senior lead signs it, or hears it is late."""
    standing, passed_to = InformationRequest.standing, InformationRequest.passed_to_id
    if "agency_contact" in roles:
        yield standing.in_(OPEN) & or_(passed_to.is_(None), passed_to == person.id)
    if "agency_senior" in roles:
        yield standing == Standing.AWAITING_SIGN_OFF
        yield standing.in_(OPEN) & (InformationRequest.due_on < today)


def _request_after(after: Key | None) -> Iterator[ColumnElement[bool]]:
    if after is None:
        return
    if after.due_at == NO_DUE_DAY:
        yield literal(False)
        return
    day = london_date(after.due_at - timedelta(microseconds=1))
    exact = end_of(day) == after.due_at
    last = after.id if exact and after.rank == 1 else 0
    if exact and after.rank > 1:
        yield InformationRequest.due_on > day
    else:
        yield tuple_(InformationRequest.due_on, InformationRequest.id) > tuple_(literal(day), literal(last))


def _what(request: InformationRequest, roles: Collection[str], title: str) -> str:
    if request.standing == Standing.AWAITING_SIGN_OFF:
        return f"Sign off: {title}"
    return title if "agency_contact" in roles else "The agency's return is late"
