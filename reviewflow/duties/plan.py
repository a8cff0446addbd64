"""The plan backwards from a limit: each milestone's last safe day, and the working days to spare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.clocks import Clock, when
from reviewflow.meetings import Meeting
from reviewflow.ratification import Analysis, Recommendation, Standing
from reviewflow.requests import Chase, InformationRequest
from reviewflow.workflow.definition import Clock as ClockRule
from reviewflow.working_days import (
    Calendar,
    Length,
    Unit,
    day_of,
    slack,
    working_day_number,
    working_days_between,
)


@dataclass
class Done:
    """How often something was done in a case, last at which event and moment, and in which roles."""

    times: int = 0
    latest: int = 0
    at: datetime | None = None
    roles: set[str] = field(default_factory=set)

    def add(self, times: int, latest: int, at: datetime, role: str) -> None:
        """Count what was done in one role in."""
        self.times += times
        if latest > self.latest:
            self.latest, self.at = latest, at
        self.roles.add(role)


@dataclass
class Progress:
    """How far a case has come, as its milestones see it."""

    requests: list[InformationRequest] = field(default_factory=list)
    promised: dict[int, date] = field(default_factory=dict)
    meeting_at: datetime | None = None
    meeting_held: bool = False
    meeting_was_quorate: bool = False
    has_analysis: bool = False
    recommendation: str | None = None
    under_scrutiny: list[int] = field(default_factory=list)
    done: dict[str, Done] = field(default_factory=dict)

    @property
    def waiting_for(self) -> list[InformationRequest]:
        """The requests that are not settled."""
        return [one for one in self.requests if not one.is_settled]

    def expected_on(self, request: InformationRequest) -> date | None:
        """When the agency now says its return will come, where that is known."""
        said = [self.promised.get(request.id), request.archive_expected_on, request.rest_expected_on]
        return max((day for day in said if day), default=None)


REACHED: Mapping[str, Callable[[Progress], bool]] = {
    "letters": lambda seen: bool(seen.requests),
    "returns": lambda seen: bool(seen.requests) and not seen.waiting_for,
    "meeting": lambda seen: seen.meeting_held,
    "recommendation": lambda seen: seen.recommendation in (Standing.BEFORE_THE_RATIFIER, Standing.RATIFIED),
    "ratification": lambda seen: seen.recommendation == Standing.RATIFIED,
}
"""When a milestone of these names is reached; one of any other name is when the trigger so named is done."""


@dataclass(frozen=True)
class Milestone:
    """A step on the way to a limit: its last safe day, whether it is reached, the working days to spare."""

    name: str
    last_safe_on: date
    is_reached: bool
    slack: int


@dataclass(frozen=True)
class Plan:
    """A running limit and the way to it: day `day` of `of`, `days_left` working days before `due_on`."""

    clock: Clock
    rule: ClockRule
    day: int
    of: int | None
    due_on: date
    days_left: int
    milestones: tuple[Milestone, ...]

    @property
    def slack(self) -> int:
        """The working days to spare at the tightest step to come; below 0, it cannot be reached in time."""
        return min([*(one.slack for one in self.milestones if not one.is_reached), self.days_left])


def progress(session: Session, case_ids: Iterable[int]) -> dict[int, Progress]:
    """How far each of these cases has come; three queries, however many cases."""
    ids = list(case_ids)
    found: dict[int, Progress] = defaultdict(Progress)
    for request, promised_on in session.execute(_requests_of(ids)):
        found[request.case_id].requests.append(request)
        if promised_on is not None:
            found[request.case_id].promised[request.id] = promised_on
    for row in session.execute(_standing_of(ids)):
        seen = found[row.id]
        seen.meeting_at, seen.meeting_held = row.starts_at, row.held_at is not None
        seen.meeting_was_quorate, seen.has_analysis = bool(row.is_quorate), row.analyses > 0
        seen.recommendation, seen.under_scrutiny = row.standing, row.under_scrutiny or []
    for case_id, trigger, role, times, latest, at in session.execute(
        select(
            CaseEvent.case_id,
            CaseEvent.trigger,
            CaseEvent.acting_as,
            func.count(),
            func.max(CaseEvent.number),
            func.max(CaseEvent.at),
        )
        .where(CaseEvent.case_id.in_(ids))
        .group_by(CaseEvent.case_id, CaseEvent.trigger, CaseEvent.acting_as)
    ):
        found[case_id].done.setdefault(trigger, Done()).add(times, latest, at, role)
    return found


def _requests_of(ids: list[int]) -> Select[InformationRequest, date | None]:
    """Each request with the day promised in the latest chase that got a promise."""
    promised = (
        select(Chase.promised_on)
        .where(Chase.request_id == InformationRequest.id, Chase.promised_on.is_not(None))
        .order_by(Chase.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(InformationRequest, promised)
        .where(InformationRequest.case_id.in_(ids))
        .options(joinedload(InformationRequest.agency))
        .order_by(InformationRequest.id)
    )


def _standing_of(ids: list[int]) -> Select[Any]:
    """Of each case its latest meeting, whether it is analysed, and how its latest recommendation stands."""
    latest = select(func.max(Meeting.id)).where(Meeting.case_id == Case.id).correlate(Case).scalar_subquery()
    analyses = select(func.count(Analysis.id)).where(Analysis.case_id == Case.id).scalar_subquery()
    made = select(func.max(Recommendation.id)).where(Recommendation.case_id == Case.id)
    return (
        select(
            Case.id,
            Meeting.starts_at,
            Meeting.held_at,
            Meeting.is_quorate,
            analyses.label("analyses"),
            Recommendation.standing,
            Recommendation.under_scrutiny,
        )
        .outerjoin(Meeting, Meeting.id == latest)
        .outerjoin(Recommendation, Recommendation.id == made.correlate(Case).scalar_subquery())
        .where(Case.id.in_(ids))
    )


def plan(clock: Clock, rule: ClockRule, seen: Progress, today: date, calendar: Calendar) -> Plan:
    """The plan of a running clock as it looks today."""
    due_on = clock.last_day
    length = Length.parse(clock.length)
    counted = length.unit is Unit.WORKING_DAY and not rule.before
    return Plan(
        clock,
        rule,
        working_day_number(day_of(when(clock.starts_at)), today, calendar, rule.count) if counted else 0,
        length.number if counted else None,
        due_on,
        working_days_between(today, due_on, calendar),
        tuple(_milestones(clock, seen, today, calendar)),
    )


def _milestones(clock: Clock, seen: Progress, today: date, calendar: Calendar) -> Iterable[Milestone]:
    for name, text in clock.milestones.items():
        last_safe = date.fromisoformat(text)
        reached = REACHED.get(name, lambda one, name=name: name in one.done)(seen)
        yield Milestone(name, last_safe, reached, slack(_expected(name, seen, today), last_safe, calendar))


def _expected(name: str, seen: Progress, today: date) -> date:
    """The day a milestone is reached at the earliest: today, or when the last agency says it will answer."""
    if name != "returns":
        return today
    said = [seen.expected_on(one) for one in seen.waiting_for]
    return max([today, *(day for day in said if day)])
