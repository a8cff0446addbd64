"""Checks over the graph: every state can be reached and left, and every condition has its answer by then."""

from __future__ import annotations

from collections.abc import Iterator

from reviewflow.workflow import graph
from reviewflow.workflow.check.told import Told, unknown
from reviewflow.workflow.definition import OPENED, AnswerIs, Condition, Definition, Trigger
from reviewflow.workflow.names import Form, Names
from reviewflow.workflow.strict import did_you_mean


def faults(definition: Definition, names: Names) -> Iterator[Told]:
    if definition.initial in definition.states:
        yield from _of_states(definition, names)
    for trigger in definition.triggers.values():
        place = f"triggers.{trigger.name}"
        yield from _of_sources(definition, trigger, f"{place}.from")
        yield from _of_destinations(trigger, f"{place}.to")
        for where, condition in _conditions(trigger, place):
            if condition and condition.answer:
                yield from _of_answer(definition, names, trigger, where, condition.answer)


def _of_states(definition: Definition, names: Names) -> Iterator[Told]:
    reached = graph.paths(definition)
    ending = graph.can_end(definition)
    if definition.states[definition.initial].final:
        yield Told("initial", "a case cannot begin in a final state.")
    for state in definition.states.values():
        place = f"states.{state.name}"
        if state.name not in reached:
            yield Told(place, "no case can ever come to this state.")
        elif not state.final and not _somebody_can_act(definition, names, state.name):
            yield Told(place, "nobody can act in this state.")
        elif state.name not in ending:
            yield Told(place, "a case that comes here can never end: no path leads to a final state.")


def _somebody_can_act(definition: Definition, names: Names, state: str) -> bool:
    """Whether somebody surely holds a role by then; one for this case, when every path has filled it."""
    for trigger in definition.triggers_from(state):
        for role in trigger.roles():
            held = role in definition.roles and definition.roles[role].held_for_this_case
            if not held or state not in graph.paths(definition, _filling(definition, names, role)):
                return True
    return False


def _filling(definition: Definition, names: Names, role: str) -> list[str]:
    """The triggers that surely fill this role."""
    return [
        trigger.name
        for trigger in definition.triggers.values()
        if role in names.forms.get(trigger.form or "", Form()).fills
        or any(question.fills == role and question.required for question in trigger.asks)
    ]


def _of_sources(definition: Definition, trigger: Trigger, place: str) -> Iterator[Told]:
    for source in trigger.sources:
        if source in definition.states and definition.states[source].final:
            yield Told(place, f"“{source}” is final: nothing can be done there.")


def _of_destinations(trigger: Trigger, place: str) -> Iterator[Told]:
    if not trigger.destinations:
        return
    *earlier, last = trigger.destinations
    if last.when:
        yield Told(place, "the last destination has a condition. The last one is for every other case.")
    for destination in earlier:
        if not destination.when:
            yield Told(place, f"“{destination.state}” has no condition, so what follows it is never reached.")
    conditions = [destination.when for destination in earlier if destination.when]
    if len(set(conditions)) < len(conditions):
        yield Told(place, "two destinations have the same condition.")


def _conditions(trigger: Trigger, place: str) -> Iterator[tuple[str, Condition | None]]:
    for destination in trigger.destinations:
        yield f"{place}.to", destination.when
    for number, effect in enumerate(trigger.effects, 1):
        yield f"{place}.effects[{number}].when", effect.when


def _of_answer(
    definition: Definition, names: Names, trigger: Trigger, place: str, answer: AnswerIs
) -> Iterator[Told]:
    if answer.trigger != OPENED and answer.trigger not in definition.triggers:
        yield from unknown(place, [answer.trigger], definition.triggers, "a trigger of this review")
        return
    asked = _choices(definition, names, answer.trigger)
    if answer.question not in asked:
        hint = did_you_mean(answer.question, asked)
        yield Told(place, f"“{answer.trigger}” has no choice called “{answer.question}”.{hint}")
        return
    if answer.value not in asked[answer.question]:
        hint = did_you_mean(answer.value, asked[answer.question])
        yield Told(place, f"“{answer.value}” is not an answer to {answer.trigger}.{answer.question}.{hint}")
    if _may_be_left_out(definition, answer):
        yield Told(place, f"{answer.trigger}.{answer.question} may be left out. Make it “required: yes”.")
    if answer.trigger not in (trigger.name, OPENED):
        yield from _of_paths_without(definition, trigger, place, answer)


def _choices(definition: Definition, names: Names, trigger: str) -> dict[str, tuple[str, ...]]:
    """The single-choice questions of this trigger, of its form and its own, with the values they offer."""
    if trigger == OPENED:
        return dict(names.forms.get(definition.opens_with or "", Form()).choices)
    form = names.forms.get(definition.triggers[trigger].form or "", Form())
    local = {question.name: question.values() for question in definition.triggers[trigger].asks}
    return {**form.choices, **{name: values for name, values in local.items() if values}}


def _may_be_left_out(definition: Definition, answer: AnswerIs) -> bool:
    asks = definition.triggers[answer.trigger].asks if answer.trigger != OPENED else ()
    return any(question.name == answer.question and not question.required for question in asks)


def _of_paths_without(
    definition: Definition, trigger: Trigger, place: str, answer: AnswerIs
) -> Iterator[Told]:
    found = graph.paths(definition, without=[answer.trigger])
    for source in trigger.sources:
        if source in found:
            path = graph.in_words(found[source], definition.initial)
            yield Told(place, f"a case can come here without “{answer.trigger}”: {path}.")
            return
