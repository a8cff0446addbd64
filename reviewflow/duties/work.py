"""Your work: everything that waits for one person, what is due first standing first, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from reviewflow import clocks
from reviewflow.clocks import Clock
from reviewflow.duties.lists import listed
from reviewflow.duties.plan import Milestone, Plan, Progress, plan, progress
from reviewflow.duties.ratifying import may_ratify
from reviewflow.duties.rows import A_PAGE, Asker, CaseRow, Key, Listed
from reviewflow.duties.steps import RATIFICATION, Step, steps_for
from reviewflow.duties.tasks import tasks_for
from reviewflow.people import Held, Person
from reviewflow.workflow.definition import ClockKind, Definition, Definitions
from reviewflow.working_days import Calendar, in_words, london_date, working_days_between


@dataclass(frozen=True)
class Work:
    """One thing that waits for somebody: what, in which case, by when, and what stands in its way.

    `by` says what kind of day `due_on` is: "last safe day", "due", "expected by" or "on"; `days_left` are
    working days, below 0 when it is late; `risk` is empty when there is none.
    """

    what: str
    reference: str
    review: str
    link: str
    due_on: date | None = None
    by: str = "due"
    days_left: int | None = None
    slack: int | None = None
    risk: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class WorkList:
    """A page of somebody's work; `after` is where the next page begins, None on the last one."""

    work: tuple[Work, ...]
    after: Key | None


@dataclass
class _Look:
    """What is known of the cases on the page, read once for all of them."""

    definitions: Definitions
    now: datetime
    calendar: Calendar
    seen: Mapping[int, Progress] = field(default_factory=dict)
    plans: Mapping[int, Plan] = field(default_factory=dict)
    running: Sequence[Clock] = ()
    to_ratify: frozenset[int] = frozenset()

    @property
    def today(self) -> date:
        return london_date(self.now)

    def left(self, due_on: date) -> int:
        """The working days left until a day; below 0, how many have passed since."""
        return working_days_between(self.today, due_on, self.calendar)


def your_work(
    session: Session,
    definitions: Definitions,
    person: Person,
    held: Collection[Held],
    now: datetime,
    after: Key | None = None,
) -> WorkList:
    """What waits for `person`, who holds these roles: 25 cases or things a page, in at most 9 queries."""
    asker = Asker(definitions, person, held, now, after)
    rows = listed(session, asker)
    page, more = rows[:A_PAGE], rows[A_PAGE:]
    look = _look(session, asker, [one.case for one in page if one.is_case])
    work = [line for one in page for line in _lines(look, one)]
    work.sort(key=lambda line: (line.due_on or date.max, line.reference))
    return WorkList(tuple(work), page[-1].key if more else None)


def _look(session: Session, asker: Asker, cases: Sequence[CaseRow]) -> _Look:
    definitions, now, calendar = asker.definitions, asker.now, clocks.calendar(session)
    ids = [case.id for case in cases]
    if not ids:
        return _Look(definitions, now, calendar)
    seen = progress(session, ids)
    running = clocks.running(session, ids)
    plans = plans_of(definitions, cases, running, seen, asker.today, calendar)
    to_ratify = may_ratify(session, cases, seen, asker.person, asker.today)
    return _Look(definitions, now, calendar, seen, plans, running, to_ratify)


def plans_of(
    definitions: Definitions,
    cases: Sequence[Any],
    running: Sequence[Clock],
    seen: Mapping[int, Progress],
    today: date,
    calendar: Calendar,
) -> dict[int, Plan]:
    """For each case with a limit, the plan of the one that ends first."""
    found: dict[int, Plan] = {}
    for case in cases:
        rules = definitions[case.review, case.definition_version].clocks
        own = (one for one in running if one.case_id == case.id and one.name in rules)
        first = next(own, None)
        if first is not None:
            found[case.id] = plan(first, rules[first.name], seen[case.id], today, calendar)
    return found


def _lines(look: _Look, one: Listed) -> list[Work]:
    if one.is_case:
        return _of_case(look, one.case)
    due_on = one.due_on or (london_date(one.at) if one.at else None)
    return [
        Work(
            what=one.what,
            reference=one.case.reference,
            review=look.definitions[one.case.review, one.case.definition_version].title,
            link=one.link,
            due_on=due_on,
            by=one.by,
            days_left=look.left(due_on) if due_on and one.by == "due" else None,
            at=one.at if one.by == "on" else None,
        )
    ]


def _of_case(look: _Look, case: CaseRow) -> list[Work]:
    definition = look.definitions[case.review, case.definition_version]
    seen, ahead = look.seen.get(case.id, Progress()), look.plans.get(case.id)
    own = [one for one in look.running if one.case_id == case.id]
    steps = [
        *steps_for(definition, case.state, case.roles, seen, ahead),
        *tasks_for(definition, case.roles, seen, own, look.today, look.calendar),
    ]
    return [
        _of_step(look, case, definition, step, seen, ahead)
        for step in steps
        if step.form != RATIFICATION or case.id in look.to_ratify
    ]


def _of_step(
    look: _Look, case: CaseRow, definition: Definition, step: Step, seen: Progress, ahead: Plan | None
) -> Work:
    if step.is_task:
        return _of_task(look, case, definition, step)
    milestone = milestone_of(step, ahead)
    due_on = milestone.last_safe_on if milestone else ahead.due_on if ahead else None
    return Work(
        what=step.what,
        reference=case.reference,
        review=definition.title,
        link=f"/cases/{case.public_id}",
        due_on=due_on,
        by="last safe day" if milestone else kind_of_day(ahead),
        days_left=look.left(due_on) if due_on else None,
        slack=milestone.slack if milestone else None,
        risk=risk_of(milestone, seen) if milestone else "",
    )


def _of_task(look: _Look, case: CaseRow, definition: Definition, step: Step) -> Work:
    return Work(
        what=step.what,
        reference=case.reference,
        review=definition.title,
        link=f"/cases/{case.public_id}/do/{step.trigger}",
        due_on=step.due_on,
        days_left=look.left(step.due_on) if step.due_on else None,
    )


def kind_of_day(ahead: Plan | None) -> str:
    """What the day of a limit is called."""
    return "expected by" if ahead and ahead.rule.kind is ClockKind.EXPECTED_REPLY else "due"


def milestone_of(step: Step, ahead: Plan | None) -> Milestone | None:
    """The milestone a step works towards: its own, or else the next one that is not reached."""
    to_come = [one for one in ahead.milestones if not one.is_reached] if ahead else []
    own = next((one for one in to_come if one.name == step.milestone), None)
    return own or next(iter(to_come), None)


def risk_of(milestone: Milestone, seen: Progress) -> str:
    """Why a milestone cannot be reached in time; empty when it can."""
    if milestone.slack >= 0:
        return ""
    if milestone.name != "returns":
        return "its last safe day has passed"
    late = [(one, seen.expected_on(one)) for one in seen.waiting_for]
    words = [
        f"{one.agency.name}, expected {in_words(day)}"
        for one, day in late
        if day and day > milestone.last_safe_on
    ]
    return "; ".join(words) or "its last safe day has passed"
