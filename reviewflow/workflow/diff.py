"""What differs between two definitions, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any

from reviewflow.workflow.definition import AnswerIs, Condition, Definition, Destination, Effect, Question

_GROUPS = ("roles", "states", "triggers", "requests", "tasks", "clocks")
_LEFT_ALONE = {*_GROUPS, "fingerprint", "name"}
_KEYS = {"sources": "from", "destinations": "to", "held_for_this_case": "held for this case"}


def diff(before: Definition, after: Definition) -> list[str]:
    """A sentence for each difference, in the order of the file; none when they say the same."""
    return [
        *_changes("This review", before, after),
        *(sentence for group in _GROUPS for sentence in _of_group(group, before, after)),
    ]


def _of_group(group: str, before: Definition, after: Definition) -> Iterator[str]:
    old: Mapping[str, Any] = getattr(before, group)
    new: Mapping[str, Any] = getattr(after, group)
    kind = group.removesuffix("s").capitalize()
    for name in old:
        if name not in new:
            yield f"{kind} {name} (“{old[name].title}”) is no longer there."
    for name in new:
        if name not in old:
            yield f"{kind} {name} (“{new[name].title}”) is new."
        else:
            yield from _changes(f"{kind} {name}", old[name], new[name])
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield f"The {group} stand in another order."


def _changes(what: str, before: Any, after: Any) -> Iterator[str]:
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.compare and field.name not in _LEFT_ALONE and old != new:
            key = _KEYS.get(field.name, field.name)
            yield f"{what}: {key} was {_said(old)} and is now {_said(new)}."


def _said(value: Any) -> str:
    match value:
        case None | () | "":
            return "not said"
        case bool():
            return "yes" if value else "no"
        case StrEnum() | int():
            return str(value)
        case str():
            return f"“{value}”"
        case Mapping():
            return ", ".join(f"{name} {_said(inner)}" for name, inner in value.items()) or "not said"
        case Destination() | Effect() | Condition() | AnswerIs():
            return _in_short(value)
        case Question():
            return f"{value.name} ({_all_of(value)})"
        case _:
            return ", ".join(item if isinstance(item, str) else _said(item) for item in value)


def _in_short(value: Destination | Effect | Condition | AnswerIs) -> str:
    if isinstance(value, AnswerIs):
        return f"{value.trigger}.{value.question} is {value.value}"
    if isinstance(value, Condition):
        return _in_short(value.answer) if value.answer else " and ".join(value.guards)
    if isinstance(value, Destination):
        said = value.state
    else:
        said = f"{value.kind} {', '.join(value.target)} {_said_message(value)}".strip()
    return f"{said} when {_in_short(value.when)}" if value.when else said


def _said_message(effect: Effect) -> str:
    return effect.message or (f"“{effect.inline}”" if effect.inline else "")


def _all_of(question: Question) -> str:
    said = ((f.name, getattr(question, f.name)) for f in fields(question) if f.name != "name")
    return "; ".join(f"{key} {_said(value)}" for key, value in said if value)
