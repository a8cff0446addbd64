"""Checks who may do what: roles that nobody fills, acts that need two, and what the service may never do."""

from __future__ import annotations

from collections.abc import Iterator

from reviewflow.workflow.check.told import Told
from reviewflow.workflow.definition import SERVICE, Definition, Trigger
from reviewflow.workflow.names import Form, Names

ONLY_A_PERSON = "recommends, ratifies or submits. The service may not do that."
"""Decided by the partners: no decision of a review is ever made by a machine."""

_DECIDING_FORMS = {"recommendation", "ratification", "submission"}
_DECIDING_RULES = {"took_no_part_in_the_recommendation", "recommendation_is_ratified"}
_DECIDING_ROLES = {"ratifier", "alternate_ratifier"}
_DECIDING_WORDS = ("recommend", "ratif", "submi")


def faults(definition: Definition, names: Names) -> Iterator[Told]:
    for trigger in definition.triggers.values():
        place = f"triggers.{trigger.name}"
        yield from _of_each(trigger, place)
        yield from _of_questions(trigger, names.forms.get(trigger.form or "", Form()), place)
        if SERVICE in trigger.roles():
            yield from _of_service(definition, trigger, place)
    yield from _of_turns(definition)
    yield from _of_roles_for_this_case(definition, names)


def _of_each(trigger: Trigger, place: str) -> Iterator[Told]:
    if not trigger.by_each:
        return
    if len(trigger.by_each) < 2:
        yield Told(f"{place}.by_each", "at least two roles have to act here. For one, write “by”.")
    if trigger.same:
        yield Told(f"{place}.by_each", "the case moves when the last has acted, so “to” cannot be “same”.")


def _of_questions(trigger: Trigger, form: Form, place: str) -> Iterator[Told]:
    for question in trigger.asks:
        if question.name in form.choices or question.name in form.facts:
            yield Told(
                f"{place}.asks.{question.name}",
                f"the form “{trigger.form}” already asks this; give the question another name.",
            )


def _of_service(definition: Definition, trigger: Trigger, place: str) -> Iterator[Told]:
    if SERVICE in trigger.by_each:
        yield Told(f"{place}.by_each", "the service cannot be one of several who each have to act.")
    if trigger.form or trigger.asks:
        yield Told(place, "the service cannot fill in a form or answer a question.")
    if _decides(trigger):
        yield Told(place, f"this {ONLY_A_PERSON}")
    waits = trigger.requires or trigger.at_due or _clocks_that_do(definition, trigger)
    if not waits:
        yield Told(
            place, "the service would do this at once. Say what it “requires”, or “at_due” of which clock."
        )


def _decides(trigger: Trigger) -> bool:
    return bool(
        trigger.form in _DECIDING_FORMS
        or _DECIDING_RULES & {*trigger.requires}
        or _DECIDING_ROLES & {*trigger.roles()}
        or trigger.name.startswith(_DECIDING_WORDS)
    )


def _clocks_that_do(definition: Definition, trigger: Trigger) -> list[str]:
    return [clock.name for clock in definition.clocks.values() if clock.at_due == trigger.name]


def _of_turns(definition: Definition) -> Iterator[Told]:
    """Whoever a state waits on can do something there; an open state waits on somebody, a final on nobody."""
    for state in definition.states.values():
        place = f"states.{state.name}"
        if state.final and state.waiting_on:
            yield Told(f"{place}.waiting_on", "a final state waits on nobody.")
        if state.final:
            continue
        if not state.waiting_on:
            yield Told(place, "whose turn is it here? Say it with “waiting_on”.")
        can_act = {role for trigger in definition.triggers_from(state.name) for role in trigger.roles()}
        can_do_a_task = {role for task in definition.tasks.values() for role in task.who}
        for role in state.waiting_on:
            if role in definition.roles and can_act and role not in can_act | can_do_a_task:
                yield Told(f"{place}.waiting_on", f"“{role}” can do nothing in this state.")


def _of_roles_for_this_case(definition: Definition, names: Names) -> Iterator[Told]:
    filled = set(filled_roles(definition, names))
    for role in definition.roles.values():
        if role.held_for_this_case and role.name not in filled:
            yield Told(
                f"roles.{role.name}", "no answer ever fills this role: a question needs “fills” for it."
            )
    for trigger in definition.triggers.values():
        for question in trigger.asks:
            known = definition.roles.get(question.fills or "")
            if known and not known.held_for_this_case:
                yield Told(
                    f"triggers.{trigger.name}.asks.{question.name}.fills",
                    f"“{known.name}” is not held for this case, so an answer cannot fill it.",
                )


def filled_roles(definition: Definition, names: Names) -> Iterator[str]:
    """The roles that some answer of this review fills."""
    forms = [definition.opens_with, *(trigger.form for trigger in definition.triggers.values())]
    for form in forms:
        yield from names.forms.get(form or "", Form()).fills
    for trigger in definition.triggers.values():
        yield from (question.fills for question in trigger.asks if question.fills)
