"""A definition as Mermaid text, kept beside its file and current by a test."""

from __future__ import annotations

from reviewflow.workflow.definition import Definition, Destination, Trigger
from reviewflow.workflow.draw import words

_LEFT_OUT = str.maketrans({'"': "”", ":": ",", ";": ",", "#": "", "{": "(", "}": ")"})
"""Characters that Mermaid would take for its own."""


def mermaid(definition: Definition) -> str:
    """The states and the moves between them; what is done without moving is left to the manual."""
    lines = [
        f"%% {definition.title}, version {definition.version}: drawn from its definition, not by hand.",
        "stateDiagram-v2",
    ]
    lines += [f'  state "{_plain(state.title)}" as {name}' for name, state in definition.states.items()]
    lines.append(f"  [*] --> {definition.initial}")
    for trigger in definition.triggers.values():
        for source in trigger.sources:
            for chosen in trigger.destinations:
                lines.append(f"  {source} --> {chosen.state}: {_label(definition, trigger, chosen)}")
    lines += [f"  {name} --> [*]" for name, state in definition.states.items() if state.final]
    return "\n".join(lines) + "\n"


def _label(definition: Definition, trigger: Trigger, chosen: Destination) -> str:
    when = f" ({words.condition(definition, chosen.when)})" if chosen.when else ""
    return _plain(trigger.title + when)


def _plain(text: str) -> str:
    return text.translate(_LEFT_OUT)
