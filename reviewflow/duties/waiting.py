"""The cases that wait for a role somebody holds, read in the order of their next limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Case, CaseMember
from reviewflow.duties.rows import A_PAGE, COLUMNS, NO_DUE_DAY, Asker, Key, Listed, case_row
from reviewflow.duties.steps import states_that_wait

RANK = 0
MOST_BRANCHES = 400
"""SQLite reads at most 500 lists as one."""

_BY_LIMIT = (Case.next_due_at, Case.id)


def waiting_cases(session: Session, asker: Asker) -> Iterator[Listed]:
    """The cases whose state waits for the person: one query, whatever the number of cases.

    A list for each area and state, so that each is read in order from an index and ends with its page.
    """
    in_area = asker.roles_by_area()
    branches = [*_of_areas(asker, in_area), *_held_for_case(asker)]
    for start in range(0, len(branches), MOST_BRANCHES):
        both = union_all(*branches[start : start + MOST_BRANCHES]).subquery()
        in_order = (both.c.next_due_at.is_(None), both.c.next_due_at, both.c.id)
        for row in session.execute(select(both).order_by(*in_order).limit(A_PAGE + 1)):
            roles = in_area[row.area_id] if row.role is None else {row.role}
            yield Listed(Key(row.next_due_at or NO_DUE_DAY, RANK, row.id), case_row(row, roles))


def _of_areas(asker: Asker, in_area: dict[int, set[str]]) -> Iterator[Select[Any]]:
    for area_id, roles in in_area.items():
        waiting: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for one in asker.definitions:
            for state in states_that_wait(one, roles):
                waiting[state].append((one.name, one.version))
        for state, reviews in waiting.items():
            here = (
                Case.area_id == area_id,
                Case.state == state,
                Case.is_open.is_(True),
                tuple_(Case.review, Case.definition_version).in_(reviews),
                asker.not_conflicted(),
            )
            for due in _due(asker):
                found = select(*COLUMNS, literal(None).label("role")).where(*here, due)
                yield select(found.order_by(*_BY_LIMIT).limit(A_PAGE + 1).subquery())


def _held_for_case(asker: Asker) -> Iterator[Select[Any]]:
    for due in _due(asker):
        found = (
            select(*COLUMNS, CaseMember.role)
            .join(CaseMember, CaseMember.case_id == Case.id)
            .where(
                CaseMember.person_id == asker.person.id,
                CaseMember.from_at <= asker.now,
                or_(CaseMember.until_at.is_(None), CaseMember.until_at > asker.now),
                Case.is_open.is_(True),
                due,
            )
        )
        yield select(found.order_by(*_BY_LIMIT).limit(A_PAGE + 1).subquery())


def _due(asker: Asker) -> Iterator[ColumnElement[bool]]:
    """The condition for cases with a limit after the key, and the one for those without a limit."""
    after, without = asker.after, Case.next_due_at.is_(None)
    if after is None or after.due_at < NO_DUE_DAY:
        yield Case.next_due_at.is_not(None) & asker.moments_after(RANK, Case.next_due_at, Case.id)
        yield without
    else:
        yield without & (Case.id > after.id)
