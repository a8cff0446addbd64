"""Bank holidays proclaimed at short notice: they go into the calendar, and the clocks move with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow import acts, clocks
from reviewflow.access import ADMINISTRATOR
from reviewflow.casefile.record import NotYours, Refused
from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.clocks import BankHoliday, Clock
from reviewflow.people import Person, person_here, register, roles_held
from reviewflow.situation import facts_of
from reviewflow.workflow.definition import Definitions
from reviewflow.working_days import CalendarEnds, in_words, london_date

HOLIDAY_ADDED = "holiday_added"
"""What the history of a case calls it when a holiday has moved one of its clocks."""


def proclaim(
    session: Session, definitions: Definitions, on: date, name: str, actor_id: int, now: datetime
) -> list[str]:
    """Afterwards this day is a bank holiday, and each running clock that counted it is due accordingly later.

    The references of the cases whose clocks moved, each of which has an event that says so. Raises NotYours
    when the person is no administrator, Refused for a weekend, a day that is a holiday already, a year
    that is not known.
    """
    person = person_here(session, actor_id)
    held = {one.role for one in roles_held(session, actor_id, london_date(now))}
    if person is None or ADMINISTRATOR not in held:
        raise NotYours("Only an administrator may add a bank holiday.")
    before = clocks.calendar(session)
    if on.weekday() >= 5:
        raise Refused(f"{in_words(on)} is no working day anyway.")
    try:
        before.with_holiday(on, name)
    except (CalendarEnds, ValueError) as error:
        raise Refused(str(error)) from error
    session.add(BankHoliday(on=on, name=name.strip(), added_by_id=actor_id, added_at=now))
    register.enter(session, "bank holiday added", {"on": on.isoformat(), "name": name.strip()}, actor_id, now)
    answers = {"on": on.isoformat(), "name": name.strip()}
    cases = _cases_that_count(session, on)
    return [one.reference for one in cases if _move(session, definitions, one, person, answers, now)]


def _cases_that_count(session: Session, on: date) -> Sequence[Case]:
    """The cases with a running clock on whose way to its due day this day lies; locked, in a fixed order."""
    start = func.substr(Clock.starts_at, 1, 10)
    forwards = (start <= on.isoformat()) & (Clock.due_on >= on)
    backwards = (start >= on.isoformat()) & (Clock.due_on <= on)
    counting = select(Clock.case_id).where(Clock.stopped_at.is_(None), forwards | backwards)
    return session.scalars(
        select(Case)
        .where(Case.id.in_(counting))
        .order_by(Case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _move(
    session: Session,
    definitions: Definitions,
    case: Case,
    person: Person,
    answers: Mapping[str, str],
    now: datetime,
) -> bool:
    """Whether a clock of the case is due on another day now."""
    definition = definitions[case.review, case.definition_version]
    moved = clocks.moved_by(session, case.id, definition, clocks.calendar(session))
    if not moved:
        return False
    event = CaseEvent(
        trigger=HOLIDAY_ADDED,
        from_state=case.state,
        to_state=case.state,
        actor_id=person.id,
        acting_as=ADMINISTRATOR,
        at=now,
    )
    facts = facts_of(session, case.id)
    clocks.move(acts.begin(session, definition, case, event, person, answers, now, facts=facts), moved)
    return True
