"""The rows under Your work, and the key by which they stand in order and are paged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, select, tuple_

from reviewflow.casefile.tables import Case, Conflict
from reviewflow.db import UTCDateTime
from reviewflow.people import Held, Person
from reviewflow.workflow.definition import Definitions
from reviewflow.working_days import from_london, london_date

A_PAGE = 25
NO_DUE_DAY = datetime(9999, 1, 1, tzinfo=UTC)
"""Where what has no day stands: after everything that has one."""
COLUMNS = (
    Case.id,
    Case.public_id,
    Case.reference,
    Case.area_id,
    Case.review,
    Case.definition_version,
    Case.state,
    Case.next_due_at,
)


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
    area_id: int
    review: str
    definition_version: int
    state: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Listed:
    """One row of the list: a case, or something smaller in one. `by` says what kind of day `due_on` is."""

    key: Key
    case: CaseRow
    what: str = ""
    link: str = ""
    due_on: date | None = None
    at: datetime | None = None
    by: str = "due"

    @property
    def is_case(self) -> bool:
        """Whether it stands for the case itself."""
        return not self.what


@dataclass(frozen=True)
class Asker:
    """Whose work is asked for, as what, when, and from where on."""

    definitions: Definitions
    person: Person
    held: Collection[Held]
    now: datetime
    after: Key | None

    @property
    def roles(self) -> frozenset[str]:
        """Every role the person holds today, wherever."""
        return frozenset(one.role for one in self.held)

    @property
    def today(self) -> date:
        """The day in London."""
        return london_date(self.now)

    def roles_by_area(self) -> dict[int, set[str]]:
        """The roles the person holds in each area."""
        found: dict[int, set[str]] = defaultdict(set)
        for one in self.held:
            found[one.area_id].add(one.role)
        return found

    def areas_of(self, roles: Iterable[str]) -> list[int]:
        """The areas in which the person holds one of these roles."""
        wanted = set(roles)
        return sorted({one.area_id for one in self.held if one.role in wanted})

    def not_conflicted(self) -> ColumnElement[bool]:
        """The condition that the person has declared no conflict of interest in the case."""
        return Case.id.not_in(select(Conflict.case_id).where(Conflict.person_id == self.person.id))

    def days_after(self, rank: int, day: Any, row_id: Any, *, text: bool = False) -> ColumnElement[bool]:
        """The condition that a row of this rank, due on `day` (a date, or its text), stands after the key."""
        if self.after is None:
            return literal(True)
        if self.after.due_at >= NO_DUE_DAY:
            return literal(False)
        last = london_date(self.after.due_at - timedelta(microseconds=1))
        if end_of(last) != self.after.due_at:
            return and_(day >= literal(last.isoformat() if text else last))
        return _after(self.after, rank, day, row_id, literal(last.isoformat() if text else last))

    def moments_after(self, rank: int, moment: Any, row_id: Any) -> ColumnElement[bool]:
        """The condition that a row of this rank, due at `moment`, stands after the key."""
        if self.after is None:
            return literal(True)
        return _after(self.after, rank, moment, row_id, literal(self.after.due_at, UTCDateTime))


def _after(after: Key, rank: int, due: Any, row_id: Any, last: Any) -> ColumnElement[bool]:
    if rank < after.rank:
        return and_(due > last)
    if rank > after.rank:
        return and_(due >= last)
    return tuple_(due, row_id) > tuple_(last, literal(after.id))


def case_row(row: Any, roles: Collection[str]) -> CaseRow:
    """The case in a row that holds `COLUMNS`."""
    return CaseRow(
        row.id,
        row.public_id,
        row.reference,
        row.area_id,
        row.review,
        row.definition_version,
        row.state,
        frozenset(roles),
    )


def end_of(day: date) -> datetime:
    """The moment a day is over in London: what is due on it is late from then on."""
    return from_london(datetime.combine(day + timedelta(days=1), time.min))
