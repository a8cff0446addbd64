"""Which way a case goes: a definition's conditions, and the one state machine that picks among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from transitions import EventData, Machine, MachineError

from reviewflow.casefile.record import MovedOn
from reviewflow.guards import reasons_against
from reviewflow.situation import Situation
from reviewflow.workflow.definition import Condition, Definition, Trigger


@dataclass
class _Place:
    state: str


_MACHINES: dict[str, Machine] = {}


def machine_of(definition: Definition) -> Machine:
    """The one machine of a definition, shared by all its cases; it holds no case and moves none."""
    if definition.fingerprint not in _MACHINES:
        _MACHINES[definition.fingerprint] = Machine(
            model=None,
            states=list(definition.states),
            initial=definition.initial,
            transitions=[row for one in definition.acts() for row in _transitions(one)],
            auto_transitions=False,
            send_event=True,
        )
    return _MACHINES[definition.fingerprint]


def destination(trigger: Trigger, situation: Situation, answers: Mapping[str, Any]) -> str:
    """The state this trigger leads to, here and with these answers.

    The machine is fired on a stand-in, never on a database row: what it decides, the engine writes.
    Raises MovedOn when the trigger does not start from the present state.
    """
    place = _Place(situation.state)
    try:
        event = machine_of(situation.definition).events[trigger.name]
        event.trigger(place, situation=situation, answers=answers)
    except MachineError as error:
        raise MovedOn("The case has moved on, so this cannot be done any more.") from error
    return place.state


def holds(when: Condition | None, situation: Situation, trigger: Trigger, answers: Mapping[str, Any]) -> bool:
    """Whether a condition holds: all its guards pass, or the latest answer it names is the one it wants."""
    if when is None:
        return True
    if when.answer is None:
        return not reasons_against(when.guards, situation)
    asked = when.answer
    given = answers if asked.trigger == trigger.name else situation.answers.get(asked.trigger, {})
    return bool(given.get(asked.question) == asked.value)


def conditions(trigger: Trigger) -> list[Condition]:
    """Every condition that a trigger's destinations and effects carry."""
    found = [one.when for one in trigger.destinations] + [one.when for one in trigger.effects]
    return [when for when in found if when]


def guards_asked(trigger: Trigger) -> list[str]:
    """Every guard, and every task, that has to be asked for before and while this trigger is done."""
    return [*trigger.requires, *(name for one in conditions(trigger) for name in one.guards)]


def triggers_answered(trigger: Trigger) -> set[str]:
    """The other triggers whose answers decide which way this one goes."""
    return {one.answer.trigger for one in conditions(trigger) if one.answer} - {trigger.name}


def _transitions(trigger: Trigger) -> list[dict[str, Any]]:
    rows = [(one.state, one.when) for one in trigger.destinations] or [("=", None)]
    return [
        {
            "trigger": trigger.name,
            "source": list(trigger.sources),
            "dest": state,
            "conditions": _condition(when, trigger),
        }
        for state, when in rows
    ]


def _condition(when: Condition | None, trigger: Trigger) -> Callable[[EventData], bool]:
    return lambda event: holds(when, event.kwargs["situation"], trigger, event.kwargs["answers"])
