"""Parts of a definition said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reviewflow.workflow.definition import (
    NOTHING,
    OPENED,
    AnswerIs,
    Condition,
    Definition,
    Destination,
    Question,
    Trigger,
)
from reviewflow.workflow.sections import in_words


def listed(words: Iterable[str], last: str = "and") -> str:
    """`one, two and three`."""
    *earlier, final = [*words] or [""]
    return f"{', '.join(earlier)} {last} {final}" if earlier else final


def lowered(words: str) -> str:
    """As it stands inside a sentence: only a first word that is no name or abbreviation loses its capital."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def roles(definition: Definition, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(definition.title_of_role(name) for name in names)


def condition(definition: Definition, when: Condition, rules: Mapping[str, str] = NOTHING) -> str:
    """`when meeting was quorate`, or `when “Outcome” is “Practice review”`."""
    if when.answer is None:
        return f"when {listed(lowered(rules.get(name, in_words(name))) for name in when.guards)}"
    question, value = _answer(definition, when.answer)
    return f"when “{question}” is “{value}”"


def _answer(definition: Definition, answer: AnswerIs) -> tuple[str, str]:
    for question in _asks(definition, answer):
        if question.name == answer.question:
            return question.label, question.options.get(answer.value, in_words(answer.value))
    return in_words(answer.question), in_words(answer.value)


def _asks(definition: Definition, answer: AnswerIs) -> tuple[Question, ...]:
    return () if answer.trigger == OPENED else definition.triggers[answer.trigger].asks


def destination(definition: Definition, trigger: Trigger, chosen: Destination) -> str:
    """`Closed`, `Closed, when …` or, as the last of several, `Closed, in every other case`."""
    title = definition.states[chosen.state].title
    if chosen.when:
        return f"{title}, {condition(definition, chosen.when)}"
    return f"{title}, in every other case" if len(trigger.destinations) > 1 else title
