"""The one door: everything that changes a case goes through here, all of it or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import acts, effects, moves, openings, questions
from reviewflow.acts import NO_FORM, FormRule
from reviewflow.by_itself import not_yet
from reviewflow.casefile.record import Act, MovedOn, NotYours, Refused, is_done_from, lock
from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.clocks import Clock
from reviewflow.guards import parts_needed, reasons_against
from reviewflow.people import AGENCY_ROLES, Person, person_here, roles_held
from reviewflow.requests import InformationRequest
from reviewflow.situation import Actor, Situation, look, roles_in
from reviewflow.workflow.definition import SERVICE, Definition, Definitions, EffectKind, Trigger
from reviewflow.working_days import london_date

Opening = openings.Opening


@dataclass(frozen=True)
class Command:
    """What somebody asks to be done on a case.

    `actor_id` is None for the service itself. `version_seen` is that of the case for a trigger that
    moves it, of the subject for one that does not. `sent_from` names the one page it is sent from: what
    is sent twice from it is done once.
    """

    case_id: str
    trigger: str
    actor_id: int | None
    acting_as: str | None = None
    subject_id: str | None = None
    version_seen: int | None = None
    sent_from: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What has been done: the event's number on its case, and where the case is now."""

    case_id: str
    number: int
    state: str


@dataclass(frozen=True)
class _Step:
    session: Session
    definitions: Definitions
    case: Case
    definition: Definition
    trigger: Trigger
    form: FormRule
    command: Command
    subject: acts.Anything | None
    now: datetime


def perform(session: Session, definitions: Definitions, command: Command, now: datetime) -> Done:
    """Do what the command asks, within the caller's transaction: the event and all that follows from it.

    Raises MovedOn when the case or the subject is no longer as the person saw it, NotYours when they
    hold no role that may do this, Refused with every reason when a rule stands against it. After any
    of these the caller's transaction must end without a commit.
    """
    step = _step(session, definitions, command, now)
    _check_place(step)
    actor, acting_as = _actor(step)
    _check_subject(step, actor, acting_as)
    situation = _look(step, actor, acting_as)
    reasons = reasons_against(step.trigger.requires, situation)
    reasons += questions.faults(step.trigger.asks, step.form.choices, command.answers)
    if reasons:
        raise Refused(*reasons)
    is_last = not step.trigger.by_each or _all_others_have_acted(step, acting_as)
    to_state = moves.destination(step.trigger, situation, command.answers) if is_last else situation.state
    act = _write(step, actor, situation, to_state, moves_on=is_last and not step.trigger.same)
    running = acts.carry_out(act, step.form, step.trigger.asks)
    if is_last:
        _follow(step, act, situation, running)
    return Done(step.case.public_id, act.event.number, step.case.state)


def open_case(session: Session, definitions: Definitions, opening: Opening, now: datetime) -> Done:
    """Open a review, within the caller's transaction, under the definition its area uses today.

    Raises NotYours when the person holds none of the review's roles, Refused when there is no such review,
    MovedOn when the case with this public id is open already.
    """
    definition = openings.definition_for(session, definitions, opening.review, opening.area_id, now)
    person = person_here(session, opening.actor_id)
    held = {
        one.role
        for one in roles_held(session, opening.actor_id, london_date(now))
        if one.area_id == opening.area_id or one.role in AGENCY_ROLES
    }
    acting_as = next((role for role in definition.roles if role in held), None)
    if person is None or acting_as is None:
        raise NotYours("None of the roles you hold today may open this review.")
    form = acts.FORMS.get(definition.opens_with or "", NO_FORM)
    if reasons := questions.faults((), form.choices, opening.answers):
        raise Refused(*reasons)
    case = openings.new_case(session, definition, opening.area_id, now, opening.public_id)
    act = openings.first_event(session, definition, case, person, acting_as, opening.answers, now, form)
    acts.carry_out(act, form)
    return Done(case.public_id, act.event.number, case.state)


# Is it allowed?


def _step(session: Session, definitions: Definitions, command: Command, now: datetime) -> _Step:
    case = lock(session, command.case_id)
    if case is None:
        raise Refused("There is no such case.")
    definition = definitions[case.review, case.definition_version]
    trigger = definition.act(command.trigger)
    if trigger is None:
        raise Refused("This review has no such step.")
    form = acts.FORMS.get(trigger.form or "", NO_FORM)
    subject = acts.subject_of(session, case, form.about, command.subject_id or "") if form.about else None
    return _Step(session, definitions, case, definition, trigger, form, command, subject, now)


def _check_place(step: _Step) -> None:
    case, trigger, seen = step.case, step.trigger, step.command.version_seen
    title = step.definition.states[case.state].title
    if step.command.sent_from and is_done_from(step.session, case, step.command.sent_from):
        raise MovedOn("This has already been sent, and it is done.")
    if case.state not in trigger.sources:
        raise MovedOn(f"The case has moved on: it is now at “{title}”, so this cannot be done any more.")
    if not trigger.same and seen not in (None, case.version):
        raise MovedOn(f"The case has moved since you opened this page. It is now at “{title}”.")


def _check_subject(step: _Step, actor: Person | None, acting_as: str) -> None:
    if step.form.about and step.subject is None:
        raise Refused(f"The {step.form.about} this is about does not belong to the case.")
    asked = step.subject.agency_id if isinstance(step.subject, InformationRequest) else None
    if acting_as in AGENCY_ROLES and asked not in (None, actor and actor.agency_id):
        raise NotYours("This was asked of another agency.")
    version, seen = getattr(step.subject, "version", None), step.command.version_seen
    if step.trigger.same and version is not None and seen not in (None, version):
        raise MovedOn("Somebody else has changed this since you opened the page. What you typed is kept.")


def _actor(step: _Step) -> tuple[Person | None, str]:
    command, allowed = step.command, step.trigger.roles()
    if command.actor_id is None:
        if SERVICE not in allowed:
            raise NotYours("The service does not do this by itself.")
        if too_early := not_yet(step.session, step.case, step.definition, step.trigger, step.now):
            raise Refused(too_early)
        return None, SERVICE
    person = person_here(step.session, command.actor_id)
    if person is None:
        raise NotYours("You can no longer do this.")
    held = roles_in(step.session, step.case, person, step.now)
    usable = [role for role in allowed if role in held and role != SERVICE]
    acting_as = command.acting_as or next(iter(usable), None)
    if acting_as not in usable or acting_as is None:
        raise NotYours("None of the roles you hold today may do this.")
    return person, acting_as


def _look(step: _Step, person: Person | None, acting_as: str) -> Situation:
    return look(
        step.session,
        step.case,
        step.definition,
        Actor(person.id if person else None, person.agency_id if person else None, acting_as),
        step.now,
        parts_needed(moves.guards_asked(step.trigger)),
        step.command.subject_id,
        moves.triggers_answered(step.trigger),
    )


def _all_others_have_acted(step: _Step, acting_as: str) -> bool:
    acted = step.session.scalars(
        select(CaseEvent.acting_as).where(
            CaseEvent.case_id == step.case.id,
            CaseEvent.trigger == step.trigger.name,
            CaseEvent.number > step.case.moved_by_event,
        )
    ).all()
    if acting_as in acted:
        raise Refused("This has already been done in your role; the others are still to act.")
    return set(step.trigger.by_each) <= {*acted, acting_as}


# Writing it down


def _write(step: _Step, actor: Person | None, seen: Situation, to_state: str, *, moves_on: bool) -> Act:
    case, command = step.case, step.command
    event = CaseEvent(
        trigger=step.trigger.name,
        sent_from=command.sent_from,
        from_state=case.state,
        to_state=to_state,
        subject_kind=step.form.about,
        subject_id=command.subject_id if step.form.about else None,
        actor_id=actor and actor.id,
        acting_as=seen.actor.acting_as,
        at=step.now,
    )
    if moves_on:
        _move(case, step.definition, to_state, step.now)
    return acts.begin(
        step.session, step.definition, case, event, actor, command.answers, step.now, step.form, seen.facts
    )


def _move(case: Case, definition: Definition, to_state: str, now: datetime) -> None:
    if to_state != case.state:
        case.state = to_state
        case.state_since = now
    case.moved_by_event = case.event_count + 1
    case.is_open = not definition.states[to_state].final
    case.version += 1


def _follow(step: _Step, act: Act, before: Situation, running: Sequence[Clock]) -> None:
    tellings = []
    for effect in step.trigger.effects:
        asks_rules = effect.when is not None and effect.when.guards
        situation = _look(step, act.actor, act.event.acting_as) if asks_rules else before
        if not moves.holds(effect.when, situation, step.trigger, step.command.answers):
            continue
        if effect.kind is EffectKind.OPEN:
            openings.open_linked(act, step.definitions, effect.target[0])
        elif effect.kind is EffectKind.TELL:
            tellings.append(effect)
        else:
            effects.follow(act, effect)
    effects.tell(act, tellings, running)
