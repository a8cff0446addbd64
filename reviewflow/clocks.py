"""Running clocks: when each starts and stops, when it is due, and the plan backwards from that day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from reviewflow import working_days
from reviewflow.casefile.record import Act, Refused
from reviewflow.casefile.tables import CaseEvent
from reviewflow.db import Base
from reviewflow.workflow.definition import OPENED, Definition
from reviewflow.workflow.definition import Clock as ClockRule
from reviewflow.working_days import Calendar, CalendarEnds, Length


class BankHoliday(Base):
    """A bank holiday of England and Wales, as shipped or as an administrator added it."""

    __tablename__ = "bank_holiday"

    on: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[datetime]


class Clock(Base):
    """A limit running in a case: what it counts from, its rule, its due day, and how that was counted."""

    __tablename__ = "clock"
    __table_args__ = (
        CheckConstraint("(due_on IS NULL) <> (due_at IS NULL)", name="due_once"),
        Index("ix_clock_case_id_stopped_at", "case_id", "stopped_at"),
        Index("ix_clock_running", "stopped_at", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    name: Mapped[str]
    counts_from: Mapped[str]
    starts_at: Mapped[str]
    length: Mapped[str]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    calendar_version: Mapped[str]
    workings: Mapped[dict[str, Any]]
    milestones: Mapped[dict[str, Any]]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    stopped_at: Mapped[datetime | None]
    stopped_by_id: Mapped[int | None] = mapped_column(ForeignKey("case_event.id"))
    was_moved: Mapped[bool] = mapped_column(default=False)

    @property
    def ends_at(self) -> datetime:
        """The moment the limit has passed: for a day, midnight in London at its end."""
        if self.due_at is not None:
            return self.due_at
        assert self.due_on is not None
        return working_days.from_london(datetime.combine(self.due_on + timedelta(days=1), time.min))

    @property
    def last_day(self) -> date:
        """The London day on which the limit ends."""
        return self.due_on or working_days.london_date(self.ends_at)


_ADDED = select(BankHoliday.on, BankHoliday.name).order_by(BankHoliday.added_at)
_OF_CASE = select(Clock).where(Clock.case_id == bindparam("case")).order_by(Clock.id)


def calendar(session: Session) -> Calendar:
    """The calendar as it stands: the shipped bank holidays and those an administrator has added."""
    with session.no_autoflush:
        added = session.execute(_ADDED)
    return _calendar_with(tuple((on, name) for on, name in added))


@lru_cache(maxsize=8)
def _calendar_with(added: tuple[tuple[date, str], ...]) -> Calendar:
    known = working_days.shipped_calendar()
    for on, name in added:
        known = known.with_holiday(on, name)
    return known


def keep(act: Act) -> list[Clock]:
    """Start, stop and move the clocks of a case after an act; those that run now, the next to end first.

    A clock runs while the case is in one of its states. One that has been met stays met, until what
    it counts from happens again or is corrected. Raises Refused past the last year whose holidays are known.
    """
    with act.session.no_autoflush:
        rows = list(act.session.scalars(_OF_CASE, {"case": act.case.id}))
    for rule in act.definition.clocks.values():
        started = _keep_one(act, rule, [row for row in rows if row.name == rule.name])
        rows += started
    return sorted((row for row in rows if row.stopped_at is None), key=lambda row: row.ends_at)


def _keep_one(act: Act, rule: ClockRule, rows: Sequence[Clock]) -> list[Clock]:
    running = next((row for row in rows if row.stopped_at is None), None)
    if act.case.state not in rule.runs_in:
        if running is not None:
            _stop(act, running)
        return []
    start = _start(act, rule, running)
    if start is None or any(row.starts_at == start and not row.was_moved for row in rows):
        return []
    if running is not None:
        _stop(act, running)
        running.was_moved = True
    row = _started(act, rule, start)
    act.session.add(row)
    return [row]


def _stop(act: Act, row: Clock) -> None:
    row.stopped_at = act.now
    row.stopped_by_id = act.event.id


def _start(act: Act, rule: ClockRule, running: Clock | None) -> str | None:
    """What the clock counts from, as text: a fact's value, or when a trigger was last done."""
    if rule.counts_from not in (*act.definition.triggers, OPENED):
        return act.facts.get(rule.counts_from)
    if rule.counts_from == act.trigger:
        return _moment(act.now)
    if running is not None:
        return running.starts_at
    last = act.session.scalar(
        select(CaseEvent.at)
        .where(CaseEvent.case_id == act.case.id, CaseEvent.trigger == rule.counts_from)
        .order_by(CaseEvent.number.desc())
        .limit(1)
    )
    return _moment(last) if last else None


def _moment(at: datetime) -> str:
    """A moment as it is stored: always in UTC, so that the same moment is the same text."""
    return at.astimezone(UTC).isoformat()


def _started(act: Act, rule: ClockRule, start: str) -> Clock:
    row = Clock(
        case_id=act.case.id,
        name=rule.name,
        counts_from=rule.counts_from,
        starts_at=start,
        length=rule.length,
        started_by_id=act.event.id,
    )
    try:
        count(row, rule, act.calendar)
    except CalendarEnds as beyond:
        raise Refused(str(beyond)) from beyond
    return row


def count(row: Clock, rule: ClockRule, calendar: Calendar) -> None:
    """Afterwards the row's due date, workings and milestones are what this calendar makes them.

    Raises CalendarEnds.
    """
    start, length = when(row.starts_at), Length.parse(rule.length)
    due = working_days.due_before if rule.before else working_days.due
    counted = due(start, length, calendar, rule.count)
    is_moment = isinstance(counted.due, datetime)
    row.due_at = counted.due if isinstance(counted.due, datetime) else None
    row.due_on = None if is_moment else counted.due_on
    row.calendar_version = counted.calendar_version
    row.workings = counted.to_json()
    row.milestones = {
        name: due(start, Length(number, length.unit), calendar, rule.count).due_on.isoformat()
        for name, number in rule.milestones.items()
    }


def moved_by(session: Session, case_id: int, definition: Definition, calendar: Calendar) -> list[Clock]:
    """The running clocks of a case that this calendar makes due on another day than they are now."""
    return [row for row in running(session, [case_id]) if _recounted(row, definition, calendar) != row.due_on]


def _recounted(row: Clock, definition: Definition, calendar: Calendar) -> date | None:
    again = Clock(starts_at=row.starts_at)
    count(again, definition.clocks[row.name], calendar)
    return again.due_on


def move(act: Act, moved: Sequence[Clock]) -> None:
    """Afterwards each of these clocks is stopped as moved, and one by the act's calendar runs instead."""
    for row in moved:
        _stop(act, row)
        row.was_moved = True
        act.session.add(_started(act, act.definition.clocks[row.name], row.starts_at))
    act.case.next_due_at = running(act.session, [act.case.id])[0].ends_at


def when(text: str) -> date | datetime:
    """A start as it is stored: a day, or a moment."""
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def running(session: Session, case_ids: Iterable[int]) -> Sequence[Clock]:
    """The clocks now running in these cases, the one that ends first first."""
    rows = session.scalars(
        select(Clock).where(Clock.case_id.in_(list(case_ids)), Clock.stopped_at.is_(None))
    ).all()
    return sorted(rows, key=lambda row: row.ends_at)
