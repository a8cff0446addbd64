"""Which step moves a case on for somebody, and what has to be done first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from reviewflow.duties.plan import Plan, Progress
from reviewflow.people import AGENCY_ROLES
from reviewflow.workflow.definition import SERVICE, ClockKind, Definition, Trigger


@dataclass(frozen=True)
class Step:
    """Something that waits for somebody: what does it, where something does, its milestone or its own day."""

    what: str
    trigger: str = ""
    milestone: str = ""
    form: str = ""
    is_task: bool = False
    due_on: date | None = None


FIRST: Mapping[str, tuple[Callable[[Progress], bool], str]] = {
    "agencies_were_asked": (lambda seen: not seen.requests, "asked_agencies"),
    "meeting_is_planned": (lambda seen: seen.meeting_at is None, "meeting_plan"),
    "meeting_was_held": (lambda seen: not seen.meeting_held, "meeting_record"),
    "meeting_was_quorate": (lambda seen: not seen.meeting_was_quorate, "meeting_record"),
    "analysis_is_drafted": (lambda seen: not seen.has_analysis, "analysis"),
}
"""For a rule that a step may wait for: when it is still in the way, and the form that clears it."""

RATIFICATION = "ratification"
"""The form that only whose turn it is may answer."""

OF_FORM = {
    "asked_agencies": "letters",
    "meeting_plan": "meeting",
    "meeting_record": "meeting",
    "analysis": "recommendation",
    "recommendation": "recommendation",
    RATIFICATION: "ratification",
}
"""The milestone that a form works towards; any other step works towards the next one."""

IN_SHORT = {"notification": "Decide whether to notify", RATIFICATION: "Ratify, ask or return"}
"""What waits, where the title of the form's trigger names only one of the answers."""

OF_EACH = {"view_on_notifying": "Partner's view on notifying"}
"""Forms that are asked of every holder of a role, whoever else has answered."""


def steps_for(
    definition: Definition, state: str, roles: Collection[str], seen: Progress, plan: Plan | None
) -> list[Step]:
    """What waits for a holder of `roles` in a case in this state; nothing when it waits for others."""
    mine = [one for one in definition.states[state].waiting_on if one in roles and one not in AGENCY_ROLES]
    return [*_ahead(definition, state, mine, seen, plan), *_views(definition, state, roles, seen)]


def states_that_wait(definition: Definition, roles: Collection[str]) -> frozenset[str]:
    """The states in which something may wait for a holder of one of these roles."""
    own = set(roles) - set(AGENCY_ROLES)
    waiting = {one.name for one in definition.states.values() if own & set(one.waiting_on)}
    asked = (one for one in definition.triggers.values() if one.form in OF_EACH and own & set(one.roles()))
    owed = [definition.open_states() for one in definition.tasks.values() if own & set(one.who)]
    return frozenset(waiting.union(*(one.sources for one in asked), *owed))


def _ahead(
    definition: Definition, state: str, mine: Collection[str], seen: Progress, plan: Plan | None
) -> list[Step]:
    if not mine:
        return []
    ahead = step_ahead(definition, state, mine)
    if ahead is None:
        return [_waited_for(definition, state, plan)]
    if plan is not None and plan.rule.kind is ClockKind.EXPECTED_REPLY:
        return [Step(plan.rule.title, ahead.name)]
    if seen.waiting_for and "every_request_is_settled" in ahead.requires:
        return [_returns(seen), *_meeting_to_plan(definition, state, mine, seen)]
    return [_as_step(_first_of(definition, state, mine, seen, ahead))]


def step_ahead(definition: Definition, state: str, roles: Collection[str]) -> Trigger | None:
    """The trigger by which holders of `roles` take a case on from this state; None when others do."""
    order = list(definition.states)
    moving = [one for one in definition.triggers_from(state) if not one.same]
    ahead = [one for one in moving if _leads_on(definition, one, order.index(state), order)]
    if not ahead:
        ahead = [one for one in moving if all(definition.states[to].final for to in one.reached_from(state))]
    return next((one for one in ahead if set(one.roles()) & set(roles) - {SERVICE}), None)


def _leads_on(definition: Definition, trigger: Trigger, here: int, order: list[str]) -> bool:
    return any(
        order.index(one.state) > here and not definition.states[one.state].final
        for one in trigger.destinations
    )


def _first_of(
    definition: Definition, state: str, roles: Collection[str], seen: Progress, wanted: Trigger
) -> Trigger:
    """What has to be done before `wanted` can be, by the rules in its way; itself when nothing is."""
    for name in wanted.requires:
        in_the_way, form = FIRST.get(name, (None, ""))
        clears = _by_form(definition, state, roles, form) if in_the_way and in_the_way(seen) else None
        if clears is not None and clears is not wanted:
            return _first_of(definition, state, roles, seen, clears)
    return wanted


def _by_form(definition: Definition, state: str, roles: Collection[str], form: str) -> Trigger | None:
    return next(
        (
            one
            for one in definition.triggers_from(state)
            if one.form == form and set(one.roles()) & set(roles)
        ),
        None,
    )


def _as_step(trigger: Trigger) -> Step:
    form = trigger.form or ""
    return Step(IN_SHORT.get(form, trigger.title), trigger.name, OF_FORM.get(form, ""), form)


def _waited_for(definition: Definition, state: str, plan: Plan | None) -> Step:
    if plan is not None and plan.rule.kind is ClockKind.EXPECTED_REPLY:
        return Step(plan.rule.title)
    return Step(definition.states[state].title)


def _views(definition: Definition, state: str, roles: Collection[str], seen: Progress) -> list[Step]:
    asked = [
        one
        for one in definition.triggers_from(state)
        if one.form in OF_EACH and set(one.roles()) & set(roles) - _acted_as(seen, one)
    ]
    return [Step(OF_EACH[one.form or ""], one.name) for one in asked]


def _acted_as(seen: Progress, trigger: Trigger) -> set[str]:
    done = seen.done.get(trigger.name)
    return done.roles if done else set()


def _returns(seen: Progress) -> Step:
    return Step(f"Returns, {len(seen.waiting_for)} awaited", "", "returns")


def _meeting_to_plan(
    definition: Definition, state: str, roles: Collection[str], seen: Progress
) -> list[Step]:
    trigger = _by_form(definition, state, roles, "meeting_plan") if seen.meeting_at is None else None
    return [_as_step(trigger)] if trigger else []
