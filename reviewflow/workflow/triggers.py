"""Triggers read from a file: where from and to, who may, what is asked, what must hold and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reviewflow.workflow.definition import (
    SAME,
    AnswerIs,
    Condition,
    Destination,
    Effect,
    EffectKind,
    Question,
    QuestionKind,
    Trigger,
)
from reviewflow.workflow.sections import (
    FILE_NAME,
    NAME,
    Faults,
    Section,
    in_words,
    items,
    name,
    named_parts,
    names,
    text,
)
from reviewflow.workflow.strict import Part

TRIGGER_KEYS = [
    "title",
    "done",
    "from",
    "to",
    "by",
    "by_each",
    "form",
    "asks",
    "requires",
    "effects",
    "at_due",
]
QUESTION_KEYS = ["label", "kind", "hint", "required", "options", "fills"]
EFFECT_KEYS = (*EffectKind, "message", "when")


def read_trigger(trigger: str, part: Part, faults: Faults, open_states: tuple[str, ...]) -> Trigger:
    section = Section(part, faults, TRIGGER_KEYS)
    for key in ("from", "to"):
        section.need(key)
    if section.has("by") == section.has("by_each"):
        faults.add(part, "say who may do this: either “by” or “by_each”.")
    title = section.text("title", in_words(trigger))
    return Trigger(
        name=trigger,
        title=title,
        done=section.text("done", title),
        sources=section.states("from", open_states),
        destinations=_destinations(section),
        same=section.has("to") and section.keys["to"].value == SAME,
        by=section.names("by"),
        by_each=section.names("by_each"),
        form=section.name_or_none("form"),
        asks=tuple(section.named("asks", lambda key, asked: _question(key, asked, faults)).values()),
        requires=section.names("requires"),
        effects=_effects(section),
        at_due=section.name_or_none("at_due"),
    )


def _destinations(section: Section) -> tuple[Destination, ...]:
    if not section.has("to") or section.keys["to"].value == SAME:
        return ()
    part = section.keys["to"]
    if part.value == ():
        section.faults.add(part, "this list is empty.")
    return tuple(_destination(inner, section.faults) for inner in items(part))


def _destination(part: Part, faults: Faults) -> Destination:
    if isinstance(part.value, str):
        return Destination(_state_name(part, faults))
    section = Section(part, faults, ("state", "when"))
    state = _state_name(section.keys["state"], faults) if section.need("state") else ""
    return Destination(state, _condition(section))


def _state_name(part: Part, faults: Faults) -> str:
    if part.value == SAME:
        faults.add(part, "“same” stands alone, never in a list. Name the state instead.")
    return name(part, faults)


def _condition(section: Section) -> Condition | None:
    if not section.has("when"):
        return None
    part, faults = section.keys["when"], section.faults
    if not isinstance(part.value, Mapping):
        return Condition(guards=names(part, faults))
    if len(part.value) != 1:
        faults.add(part, "a condition is one answer. There is no and, or, not: name a guard instead.")
        return Condition()
    ((key, value),) = part.value.items()
    trigger, dot, question = key.partition(".")
    if not (dot and NAME.fullmatch(trigger) and NAME.fullmatch(question)):
        faults.add(part, f"“{key}” is not a trigger and its question, such as recommend.outcome.")
        return Condition()
    return Condition(answer=AnswerIs(trigger, question, text(value, faults)))


def _question(question: str, part: Part, faults: Faults) -> Question:
    section = Section(part, faults, QUESTION_KEYS)
    kind = section.one_of("kind", QuestionKind, QuestionKind.TEXT)
    chooses = kind in (QuestionKind.CHOICE, QuestionKind.CHOICES)
    if chooses != section.has("options"):
        faults.add(part, "a choice needs options." if chooses else "only a choice or choices has options.")
    if section.has("fills") and kind is not QuestionKind.PERSON:
        faults.add(section.keys["fills"], "only a question for a person can fill a role.")
    return Question(
        name=question,
        label=section.text("label", in_words(question)),
        kind=kind,
        hint=section.text_or_none("hint"),
        required=section.yes("required"),
        options=_options(section) if chooses and section.has("options") else MappingProxyType({}),
        fills=section.name_or_none("fills"),
    )


def _options(section: Section) -> Mapping[str, str]:
    """Values with their words; a plain list gives each value its own name as words."""
    part, faults = section.keys["options"], section.faults
    if isinstance(part.value, Mapping):
        read = {key: text(words, faults) for key, words in named_parts(part, faults)}
    else:
        read = {value: in_words(value) for value in names(part, faults)}
    if len(read) < 2:
        faults.add(part, "a choice has at least two options.")
    return MappingProxyType(read)


def _effects(section: Section) -> tuple[Effect, ...]:
    if not section.has("effects"):
        return ()
    read = (_effect(part, section.faults) for part in items(section.keys["effects"]))
    return tuple(effect for effect in read if effect)


def _effect(part: Part, faults: Faults) -> Effect | None:
    section = Section(part, faults, EFFECT_KEYS)
    kinds = [kind for kind in EffectKind if section.has(kind)]
    if len(kinds) != 1:
        faults.add(part, f"an effect is one of {', '.join(EffectKind)}.")
        return None
    message, inline = _message(section, kinds[0])
    shape = FILE_NAME if kinds[0] is EffectKind.OPEN else NAME
    target = section.names(kinds[0]) if kinds[0] is EffectKind.TELL else (section.name(kinds[0], shape),)
    return Effect(kinds[0], target, message, inline, _condition(section))


def _message(section: Section, kind: EffectKind) -> tuple[str | None, str | None]:
    """A message's name, or its text where it is written out: anything with a space in it."""
    if kind is not EffectKind.TELL:
        if section.has("message"):
            section.faults.add(section.keys["message"], "only “tell” has a message.")
        return None, None
    section.need("message")
    message = section.text("message")
    if " " in message:
        return None, message
    return section.name_or_none("message"), None
