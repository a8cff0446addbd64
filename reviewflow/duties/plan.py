"""The plan backwards from a limit: each milestone's last safe day, and the working days to spare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from reviewflow.casefile.tables import CaseEvent
from reviewflow.clocks import Clock, when
from reviewflow.meetings import Meeting
from reviewflow.ratification import Recommendation, Standing
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
class Progress:
    """How far a case has come, as its milestones see it."""

    requests: list[InformationRequest] = field(default_factory=list)
    promised: dict[int, date] = field(default_factory=dict)
    meeting_held: bool = False
    recommendation: str | None = None
    done: set[str] = field(default_factory=set)

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
    """How far each of these cases has come; five queries, however many cases."""
    ids = list(case_ids)
    found: dict[int, Progress] = defaultdict(Progress)
    for request in session.scalars(
        select(InformationRequest)
        .where(InformationRequest.case_id.in_(ids))
        .options(joinedload(InformationRequest.agency))
    ):
        found[request.case_id].requests.append(request)
    for case_id, request_id, day in session.execute(
        select(InformationRequest.case_id, Chase.request_id, func.max(Chase.promised_on))
        .join(InformationRequest, InformationRequest.id == Chase.request_id)
        .where(InformationRequest.case_id.in_(ids), Chase.promised_on.is_not(None))
        .group_by(InformationRequest.case_id, Chase.request_id)
    ):
        if day is not None:
            found[case_id].promised[request_id] = day
    for case_id in session.scalars(
        select(Meeting.case_id).where(Meeting.case_id.in_(ids), Meeting.held_at.is_not(None))
    ):
        found[case_id].meeting_held = True
    for case_id, standing in session.execute(
        select(Recommendation.case_id, Recommendation.standing)
        .where(Recommendation.case_id.in_(ids))
        .order_by(Recommendation.number)
    ):
        found[case_id].recommendation = standing
    for case_id, trigger in session.execute(
        select(CaseEvent.case_id, CaseEvent.trigger).where(CaseEvent.case_id.in_(ids)).distinct()
    ):
        found[case_id].done.add(trigger)
    return found


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
