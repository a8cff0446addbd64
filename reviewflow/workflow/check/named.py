"""Checks that every name a definition uses is one that exists."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from reviewflow.workflow.check.told import Told, unknown
from reviewflow.workflow.definition import (
    OPENED,
    SERVICE,
    Condition,
    Definition,
    Effect,
    EffectKind,
    Trigger,
)
from reviewflow.workflow.names import Names

IN_MESSAGES = ("reference", "what", "due", "days_left")
A_ROLE = "a role of this review"
A_STATE = "a state of this review"
A_TRIGGER = "a trigger of this review"


def faults(definition: Definition, names: Names) -> Iterator[Told]:
    yield from unknown("initial", [definition.initial], definition.states, A_STATE)
    yield from unknown("opens_with", [definition.opens_with], names.forms, "a form")
    for state in definition.states.values():
        place = f"states.{state.name}.waiting_on"
        yield from unknown(place, state.waiting_on, [*definition.roles, SERVICE], A_ROLE)
    for trigger in definition.triggers.values():
        yield from _of_trigger(definition, names, trigger)
    yield from _of_requests_and_tasks(definition, names)
    yield from _of_clocks(definition, names)


def _of_trigger(definition: Definition, names: Names, trigger: Trigger) -> Iterator[Told]:
    place = f"triggers.{trigger.name}"
    if trigger.name == OPENED:
        yield Told(place, f"“{OPENED}” is how a case begins; give this another name.")
    yield from unknown(f"{place}.from", trigger.sources, definition.states, A_STATE)
    yield from unknown(f"{place}.to", (d.state for d in trigger.destinations), definition.states, A_STATE)
    for key, roles in (("by", trigger.by), ("by_each", trigger.by_each)):
        yield from unknown(f"{place}.{key}", roles, [*definition.roles, SERVICE], A_ROLE)
    yield from unknown(f"{place}.form", [trigger.form], names.forms, "a form")
    known = [*names.guards, *definition.tasks]
    yield from unknown(f"{place}.requires", trigger.requires, known, "a rule that exists, or a task")
    for destination in trigger.destinations:
        yield from _of_condition(names, f"{place}.to", destination.when)
    for question in trigger.asks:
        place_of_role = f"{place}.asks.{question.name}.fills"
        yield from unknown(place_of_role, [question.fills], definition.roles, A_ROLE)
    for number, effect in enumerate(trigger.effects, 1):
        yield from _of_effect(definition, names, f"{place}.effects[{number}]", effect)
    can_be_due = {*definition.clocks, *names.facts, *definition.local_facts()}
    yield from unknown(f"{place}.at_due", [trigger.at_due], can_be_due, "a clock or a date of this review")


def _of_condition(names: Names, place: str, condition: Condition | None) -> Iterator[Told]:
    yield from unknown(place, condition.guards if condition else (), names.guards, "a rule that exists")


def _of_effect(definition: Definition, names: Names, place: str, effect: Effect) -> Iterator[Told]:
    known, what = {
        EffectKind.TELL: (list(definition.roles), A_ROLE),
        EffectKind.MAKE: (sorted(names.documents), "a document that can be made"),
        EffectKind.OPEN: (sorted(names.review_types), "a review type"),
        EffectKind.REQUEST: (list(definition.requests), "a request of this review"),
    }[effect.kind]
    yield from unknown(f"{place}.{effect.kind}", effect.target, known, what)
    yield from unknown(f"{place}.message", [effect.message], names.messages, "a message")
    yield from _of_condition(names, f"{place}.when", effect.when)
    for gap in _gaps(effect.inline or ""):
        if gap not in IN_MESSAGES:
            can_say = ", ".join(f"{{{name}}}" for name in IN_MESSAGES)
            yield Told(f"{place}.message", f"a message can say {can_say}, but not “{{{gap}}}”.")


def _gaps(message: str) -> list[str]:
    """What stands between curly brackets; a bracket out of place counts as a gap of its own."""
    try:
        parsed = list(Formatter().parse(message))
    except ValueError:
        return ["…"]
    return [gap if not form and not turn else f"{gap}…" for _, gap, form, turn in parsed if gap is not None]


def _of_requests_and_tasks(definition: Definition, names: Names) -> Iterator[Told]:
    for request in definition.requests.values():
        place = f"requests.{request.name}"
        yield from unknown(f"{place}.of", [request.of], definition.clocks, "a clock of this review")
        yield from unknown(f"{place}.then_tell", request.then_tell, definition.roles, A_ROLE)
    for task in definition.tasks.values():
        place = f"tasks.{task.name}"
        yield from unknown(f"{place}.who", task.who, definition.roles, A_ROLE)
        yield from unknown(f"{place}.of", [task.of], definition.clocks, "a clock of this review")
        yield from unknown(f"{place}.starts", [task.starts], [*definition.triggers, OPENED], A_TRIGGER)
        if task.name in names.guards:
            yield Told(place, f"“{task.name}” is also the name of a rule; give the task another name.")
        if task.name in definition.triggers:
            yield Told(place, f"“{task.name}” is also the name of a trigger; give the task another name.")


def _of_clocks(definition: Definition, names: Names) -> Iterator[Told]:
    can_start = [*definition.triggers, OPENED, *sorted(names.facts | definition.local_facts())]
    for clock in definition.clocks.values():
        place = f"clocks.{clock.name}"
        key = "counts_from" if f"{place}.counts_from" in definition.lines else "before"
        yield from unknown(f"{place}.{key}", [clock.counts_from], can_start, "a date or a trigger")
        yield from unknown(f"{place}.runs_in", clock.runs_in, definition.states, A_STATE)
        yield from unknown(f"{place}.tell", clock.tell, definition.roles, A_ROLE)
        yield from unknown(f"{place}.overdue_tell", clock.overdue_tell, definition.roles, A_ROLE)
        yield from unknown(f"{place}.at_due", [clock.at_due], definition.triggers, A_TRIGGER)
