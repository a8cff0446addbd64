"""Tasks: what is owed beside the states of a case, by whom, and by which day where one is set."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from reviewflow.clocks import Clock, when
from reviewflow.duties.plan import Done, Progress
from reviewflow.duties.steps import Step
from reviewflow.people import AGENCY_ROLES
from reviewflow.workflow.definition import OPENED, Definition, Task
from reviewflow.working_days import Calendar, Length, add_working_days, due, last_safe_day, london_date


def tasks_for(
    definition: Definition,
    roles: Collection[str],
    seen: Progress,
    running: Sequence[Clock],
    today: date,
    calendar: Calendar,
) -> Iterator[Step]:
    """The tasks that holders of `roles` owe in a case now; raises CalendarEnds past the last year known."""
    for task in definition.tasks.values():
        start = _started_on(task, seen, calendar)
        if start is None or start > today or not set(task.who) & set(roles) - set(AGENCY_ROLES):
            continue
        if is_owed(task, seen):
            day = _due_on(definition, task, start, running, calendar)
            yield Step(task.title, task.name, is_task=True, due_on=day)


def is_owed(task: Task, seen: Progress) -> bool:
    """Whether it has started and is not done: as often as it has started, where it is owed each time."""
    start, done = seen.done.get(task.starts or OPENED), seen.done.get(task.name, Done())
    if start is None:
        return False
    if task.every:
        return True
    return done.times < start.times if task.each else done.latest < start.latest


def _started_on(task: Task, seen: Progress, calendar: Calendar) -> date | None:
    """The day from which it is owed: when what starts it was done, or so long after it was done before."""
    start, done = seen.done.get(task.starts or OPENED), seen.done.get(task.name)
    if start is None or start.at is None:
        return None
    if not task.every:
        return london_date(start.at)
    last = max(one.at for one in (start, done) if one is not None and one.at is not None)
    return due(london_date(last), Length.parse(task.every), calendar).due_on


def _due_on(
    definition: Definition, task: Task, start: date, running: Sequence[Clock], calendar: Calendar
) -> date | None:
    if task.due:
        return due(start, Length.parse(task.due), calendar).due_on
    if task.window is None:
        return None
    clock = next((one for one in running if one.name == task.of), None)
    if clock is not None:
        rule = definition.clocks[clock.name]
        return last_safe_day(when(clock.starts_at), task.window[1], calendar, rule.count)
    return add_working_days(start, task.window[1], calendar)
