"""Asking agencies: who is asked, by which day, who answers for the agency, and chasing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.casefile.record import Act, Refused, set_fact
from reviewflow.clocks import Clock, running, when
from reviewflow.people import Agency, Person, RoleHolding, holding_on
from reviewflow.requests.tables import Chase, InformationRequest, Standing
from reviewflow.workflow.definition import Request as RequestRule
from reviewflow.working_days import (
    Calendar,
    add_working_days,
    day_of,
    in_words,
    london_date,
    next_working_day,
)

SHARED_ON = "chronology_shared_on"
"""The fact that the merged chronology is shared: from that day on the asked agencies may read it."""


PROPOSED = (
    "What did you know of the child and the family in this period, and what did you do?",
    "What did the child say or show, and who heard it?",
    "What worked well? What worries you now, and why did it happen that way?",
)
PROPOSED_AFTER = {
    "death": "What support does the family, and do your staff, have after the child's death?",
    "serious_harm": "What have you done since to keep this child, and other children, safe?",
}


def proposed_questions(harm: str) -> str:
    """The questions proposed to a coordinator, a line each; what happened to the child brings one of them."""
    return "\n".join([*PROPOSED, *([PROPOSED_AFTER[harm]] if harm in PROPOSED_AFTER else [])])


def ask(act: Act, rule: RequestRule) -> None:
    """Afterwards each agency named in the answers has one request, with its own due day.

    The due day is the one given, else the last day of the request's window on the clock it belongs to; for
    an agency asked later, the next working day at the earliest. Raises Refused for an agency that was
    already asked, and for a day after the clock's limit that nobody gave a reason for.
    """
    chosen = act.session.scalars(select(Agency).where(Agency.public_id.in_(act.answers["agencies"]))).all()
    if not chosen:
        raise Refused("Choose at least one agency.")
    asked = set(
        act.session.scalars(
            select(InformationRequest.agency_id).where(
                InformationRequest.case_id == act.case.id, InformationRequest.name == rule.name
            )
        )
    )
    if again := [one.name for one in chosen if one.id in asked]:
        raise Refused(f"{', '.join(again)} was already asked. Leave it out here.")
    due_on = _due_on(act, rule, clock_of(act.session, act.case.id, rule))
    for agency in chosen:
        act.session.add(
            InformationRequest(
                case_id=act.case.id,
                agency_id=agency.id,
                name=rule.name,
                asked_at=act.now,
                event_id=act.event.id,
                due_on=due_on,
                period_from=day_in(act, "period_from"),
                period_until=day_in(act, "period_until"),
                questions=act.answers.get("questions") or "",
            )
        )
    act.session.flush()


def _due_on(act: Act, rule: RequestRule, clock: Clock | None) -> date:
    given, today = day_in(act, "due_on"), london_date(act.now)
    if given is None:
        return usual_due_on(rule, clock, today, act.calendar)
    if given < today:
        raise Refused("The day the answer is due has passed. Choose today or a later day.")
    limit = last_day(clock) if clock else None
    if limit and given > limit and not act.answers.get("why_after_the_limit"):
        raise Refused(
            f"{in_words(given)} is after the last day of the review, {in_words(limit)}. "
            "Choose an earlier day, or say why the answer may come later."
        )
    return given


def usual_due_on(rule: RequestRule, clock: Clock | None, today: date, calendar: Calendar) -> date:
    """The last day of the request's window on its clock; the next working day when that has gone by."""
    start = day_of(when(clock.starts_at)) if clock else today
    last = add_working_days(start, rule.window[1], calendar)
    return max(last, next_working_day(today, calendar))


def clock_of(session: Session, case_id: int, rule: RequestRule) -> Clock | None:
    """The running clock on which the request's window is counted."""
    return next((one for one in running(session, [case_id]) if one.name == rule.of), None)


def last_day(clock: Clock) -> date:
    """The day in London on which the clock's limit ends."""
    return london_date(clock.ends_at - timedelta(microseconds=1))


def answering(
    session: Session, requests: Iterable[InformationRequest], roles: Collection[str], day: date
) -> Sequence[tuple[InformationRequest, Person]]:
    """Who answers for each of these requests on `day` in one of `roles`; each person once a request.

    Once a request was passed on, the person it was passed to stands for all contacts of the agency, for as
    long as they hold the role.
    """
    asked = list(requests)
    rows = session.execute(
        select(Person, RoleHolding.role)
        .join(RoleHolding, RoleHolding.person_id == Person.id)
        .where(
            RoleHolding.role.in_(list(roles)),
            holding_on(day),
            Person.left_at.is_(None),
            Person.agency_id.in_({one.agency_id for one in asked}),
        )
        .order_by(Person.id)
    ).all()
    found: dict[tuple[int, int], tuple[InformationRequest, Person]] = {}
    for request in asked:
        own = [(person, role) for person, role in rows if person.agency_id == request.agency_id]
        passed_to = {p.id for p, role in own if role == "agency_contact" and p.id == request.passed_to_id}
        for person, role in own:
            if role != "agency_contact" or not passed_to or person.id in passed_to:
                found[request.id, person.id] = (request, person)
    return list(found.values())


def record_chase(act: Act) -> None:
    """Afterwards the chase is on the request: how, what was said, and what was promised."""
    request = subject(act)
    act.session.add(
        Chase(
            request_id=request.id,
            at=act.now,
            by_id=actor_id(act),
            how=act.answers["how"],
            note=act.answers.get("note") or "",
            promised_on=day_in(act, "promised_on"),
        )
    )
    touched(request)


def record_gone_without(act: Act) -> None:
    """Afterwards the review no longer waits for this agency, and the reason is a gap that the report lists.

    A return that waits for its sign-off goes on waiting for it: it can still come, late.
    """
    request = subject(act)
    request.gap = act.answers["reason"]
    request.settled_at = act.now
    if request.standing != Standing.AWAITING_SIGN_OFF:
        request.standing = Standing.GONE_WITHOUT
    touched(request)


def record_shared_pack(act: Act) -> None:
    """Afterwards the asked agencies may read the merged chronology."""
    set_fact(act, SHARED_ON, london_date(act.now).isoformat())


# What the records of this room have in common


def subject(act: Act) -> InformationRequest:
    """The request the act is about; the engine has seen that there is one, and that it is the actor's."""
    return act.session.scalars(
        select(InformationRequest).where(
            InformationRequest.public_id == act.subject_id, InformationRequest.case_id == act.case.id
        )
    ).one()


def touched(request: InformationRequest) -> None:
    """Afterwards a page that was opened before this act is out of date."""
    request.version += 1


def day_in(act: Act, name: str) -> date | None:
    """The day answered under `name`, if one was."""
    text = act.answers.get(name)
    return date.fromisoformat(text) if text else None


def actor_id(act: Act) -> int:
    """Who acts. Nothing about a request is done by the service."""
    if act.actor is None:
        raise Refused("Only a person can do this.")
    return act.actor.id
