"""The ladder of every limit: what is told to whom on which working day, as long as it is owed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from reviewflow.alerts import days_left
from reviewflow.casefile.tables import Case
from reviewflow.clocks import Clock
from reviewflow.duties.plan import Plan, Progress, plan
from reviewflow.requests import InformationRequest, Standing
from reviewflow.workflow.definition import Definition
from reviewflow.workflow.definition import Request as RequestRule
from reviewflow.working_days import (
    Calendar,
    add_working_days,
    from_london,
    in_words,
    london_date,
    next_working_day,
    working_day_on_or_after,
)

AFTER_THE_DUE_DAY = range(1, 40, 2)
"""Overdue is told on the first working day after the due day and on every second one from there."""


@dataclass(frozen=True)
class Rung:
    """One telling of one ladder: `ladder` and `step` make it unique, `owed` is what it depends on."""

    ladder: str
    step: str
    at: datetime
    message: str
    owed: str
    roles: tuple[str, ...]
    what: str
    due_on: date
    agency: InformationRequest | None = None

    def variables(self, look: Look) -> dict[str, str]:
        """The words of the message: reference, what, by when, how long it is until then, a link."""
        link = f"/cases/{look.case.public_id}"
        if self.agency is not None:
            link += f"/requests/{self.agency.public_id}"
        return {
            "reference": look.case.reference,
            "review": look.definition.title,
            "what": self.what,
            "due": in_words(self.due_on),
            "days_left": days_left(self.due_on, london_date(look.now), look.calendar),
            "agency": self.agency.agency.name if self.agency else "",
            "link": link,
        }


@dataclass(frozen=True)
class Look:
    """A case as its ladders see it at one moment."""

    case: Case
    definition: Definition
    clocks: Sequence[Clock]
    progress: Progress
    now: datetime
    calendar: Calendar
    opens: time

    def opening(self, day: date) -> datetime:
        """The moment people are told things on a day."""
        return from_london(datetime.combine(day, self.opens))


def ladders(look: Look) -> list[list[Rung]]:
    """Every ladder of the case, each rung at its time, past and to come."""
    today = london_date(look.now)
    found: list[list[Rung]] = []
    for clock in look.clocks:
        rule = look.definition.clocks.get(clock.name)
        if rule is not None:
            seen = plan(clock, rule, look.progress, today, look.calendar)
            found.append(list(_of_clock(look, seen)))
            found += [[rung] for rung in _of_milestones(look, seen)]
    for request in look.progress.waiting_for:
        rule_of = look.definition.requests.get(request.name)
        if rule_of is not None:
            found.append(list(_of_request(look, request, rule_of)))
            found.append(list(_of_senior(look, request, rule_of)))
    return found


def due(look: Look) -> list[Rung]:
    """What is to be told now: of each ladder the latest rung reached; those missed before it are not."""
    reached = ([rung for rung in ladder if rung.at <= look.now] for ladder in ladders(look))
    return [max(rungs, key=lambda one: one.at) for rungs in reached if rungs]


def next_look(look: Look) -> datetime | None:
    """When something about this case has to be looked at again; None when nothing is running."""
    times = [rung.at for ladder in ladders(look) for rung in ladder]
    times += [clock.ends_at for clock in look.clocks]
    return min((at for at in times if at > look.now), default=None)


def _of_clock(look: Look, seen: Plan) -> Iterator[Rung]:
    ladder, owed, rule = f"clock:{seen.clock.id}:{seen.due_on}", f"clock:{seen.clock.id}", seen.rule
    for days in rule.warn:
        at = look.opening(add_working_days(seen.due_on, -days, look.calendar))
        yield Rung(ladder, f"-{days}", at, "clock_warning", owed, rule.tell, rule.title, seen.due_on)
    for days, at in _overdue(look, seen.due_on):
        yield Rung(ladder, f"+{days}", at, "clock_overdue", owed, rule.overdue_tell, rule.title, seen.due_on)


def _of_milestones(look: Look, seen: Plan) -> Iterator[Rung]:
    for one in seen.milestones:
        if one.is_reached:
            continue
        at = look.opening(next_working_day(one.last_safe_on, look.calendar))
        ladder = f"milestone:{seen.clock.id}:{one.name}:{one.last_safe_on}"
        what = f"{seen.rule.title}, {one.name}"
        owed = f"milestone:{seen.clock.id}:{one.name}"
        yield Rung(ladder, "", at, "milestone_at_risk", owed, seen.rule.tell, what, one.last_safe_on)


def _of_request(look: Look, request: InformationRequest, rule: RequestRule) -> Iterator[Rung]:
    role = "agency_senior" if request.standing == Standing.AWAITING_SIGN_OFF else "agency_contact"
    steps = [(f"-{days}", -days, "request_reminder") for days in rule.remind]
    for step, days, message in [*steps, ("0", 0, "request_due_today")]:
        day = add_working_days(request.due_on, days, look.calendar) if days else request.due_on
        at = look.opening(working_day_on_or_after(day, look.calendar))
        if at > request.asked_at:
            yield _asked(request, rule, step, at, message, (role,))
    for days, at in _overdue(look, request.due_on):
        yield _asked(request, rule, f"+{days}", at, "request_overdue", (role,))


def _of_senior(look: Look, request: InformationRequest, rule: RequestRule) -> Iterator[Rung]:
    for days, at in _overdue(look, request.due_on) if rule.then_tell else ():
        yield _asked(request, rule, f"+{days}:senior", at, "request_overdue_senior", rule.then_tell)


def _asked(
    request: InformationRequest,
    rule: RequestRule,
    step: str,
    at: datetime,
    message: str,
    roles: tuple[str, ...],
) -> Rung:
    ladder = f"request:{request.public_id}:{request.due_on}"
    return Rung(
        ladder, step, at, message, f"request:{request.id}", roles, rule.title, request.due_on, request
    )  # fmt: skip


def _overdue(look: Look, due_on: date) -> Iterator[tuple[int, datetime]]:
    """Each overdue telling up to the first one still to come."""
    for days in AFTER_THE_DUE_DAY:
        at = look.opening(add_working_days(due_on, days, look.calendar))
        yield days, at
        if at > look.now:
            return


def still_owed(look: Look) -> frozenset[str]:
    """What is owed in this case now; an alert that depends on anything else need not be sent any more."""
    return frozenset(rung.owed for ladder in ladders(look) for rung in ladder)
