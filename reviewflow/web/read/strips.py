"""A running limit as people see it: the strip of its days, the plan, and the slack in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reviewflow.clocks import when
from reviewflow.duties.plan import Milestone, Plan, Progress
from reviewflow.duties.work import risk_of
from reviewflow.web.filters import weekday_date
from reviewflow.web.page import Strip, StripDay
from reviewflow.working_days import Calendar, last_safe_day

LONGEST_STRIP = 30
"""More working days than this are told in words alone."""


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One step of the plan backwards from a limit."""

    title: str
    last_safe_on: date
    status: str
    tone: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Slack:
    """How much time there is to spare, in words, and the tone of its tag."""

    words: str
    tone: str


def strip_of(plan: Plan, today: date, calendar: Calendar) -> Strip:
    """The days of a limit that is counted in working days; for any other only its words."""
    return Strip(title=plan.rule.title, words=plan_words(plan), days=tuple(_days(plan, today, calendar)))


def plan_words(plan: Plan) -> str:
    """Day 9 of 15. Due on Friday 15 January 2027, 6 working days left."""
    day = f"Day {plan.day} of {plan.of}. " if plan.of and plan.days_left >= 0 else ""
    return f"{day}Due on {weekday_date(plan.due_on)}, {days_words(plan.days_left)}."


def days_words(left: int) -> str:
    """How long it is, in working days."""
    if left == 0:
        return "today"
    days = f"{abs(left)} working day{'' if abs(left) == 1 else 's'}"
    return f"{days} left" if left > 0 else f"{days} late"


def slack_of(plan: Plan, seen: Progress) -> Slack:
    """The slack in words: "at risk: 2 days late because …" when there is none."""
    if plan.slack < 0:
        tightest = min((one for one in plan.milestones if not one.is_reached), key=_slack, default=None)
        why = risk_of(tightest, seen) if tightest else "the limit has passed"
        days = f"{-plan.slack} day{'' if plan.slack == -1 else 's'} late"
        return Slack(words=f"at risk: {days} because {_because(tightest, why)}", tone="risk")
    if plan.slack == 0:
        return Slack(words="no day to spare", tone="now")
    return Slack(words=f"{plan.slack} working day{'' if plan.slack == 1 else 's'} to spare", tone="")


def milestone_title(name: str) -> str:
    """How a milestone is called on a page."""
    return name.replace("_", " ").capitalize()


def plan_rows(plan: Plan, seen: Progress, today: date) -> tuple[PlanRow, ...]:
    """Each step of the plan with its last safe day and how it stands."""
    return tuple(_row(one, seen, today) for one in plan.milestones)


def _row(one: Milestone, seen: Progress, today: date) -> PlanRow:
    if one.is_reached:
        status, tone = "Reached", "done"
    elif one.last_safe_on < today:
        status, tone = "Late", "late"
    elif one.slack < 0:
        status, tone = "At risk", "risk"
    else:
        status, tone = "To come", "waiting"
    words = "" if one.is_reached else risk_of(one, seen)
    return PlanRow(
        title=milestone_title(one.name), last_safe_on=one.last_safe_on, status=status, tone=tone, words=words
    )


def _slack(one: Milestone) -> int:
    return one.slack


def _because(tightest: Milestone | None, why: str) -> str:
    if tightest is None or "," in why:
        return why
    return f"the last safe day for “{milestone_title(tightest.name).lower()}” has passed"


def _days(plan: Plan, today: date, calendar: Calendar) -> Iterator[StripDay]:
    start = when(plan.clock.starts_at)
    named: dict[date, list[Milestone]] = {}
    for one in plan.milestones:
        named.setdefault(one.last_safe_on, []).append(one)
    for number in range(1, (plan.of or 0) + 1 if (plan.of or 0) <= LONGEST_STRIP else 1):
        on = last_safe_day(start, number, calendar, plan.rule.count)
        here = named.get(on, [])
        words = [milestone_title(one.name) for one in here] + (["The limit"] if on == plan.due_on else [])
        late = on < today and (any(not one.is_reached for one in here) or on == plan.due_on)
        state = "late" if late else "today" if on == today else "done" if on < today else "ahead"
        yield StripDay(number=number, on=on, state=state, milestone=", ".join(words))
