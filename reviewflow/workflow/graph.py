"""Where a case can go: the moves of a definition, and what can be said of every path through them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reviewflow.workflow.definition import Definition


@dataclass(frozen=True)
class Move:
    """One way a trigger can take a case from one state to another (or back into the same one)."""

    source: str
    trigger: str
    target: str


def moves(definition: Definition) -> tuple[Move, ...]:
    """Every move, in the order of the file. Triggers that stay in the `same` state are no moves."""
    return tuple(
        Move(source, trigger.name, destination.state)
        for trigger in definition.triggers.values()
        for source in trigger.sources
        for destination in trigger.destinations
    )


def paths_from(
    start: str, steps: Collection[Move], without: Collection[str] = ()
) -> Mapping[str, list[Move]]:
    """A shortest path to each state that can be reached from `start` while none of `without` is done."""
    found: dict[str, list[Move]] = {start: []}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for move in steps:
            if move.source == here and move.trigger not in without and move.target not in found:
                found[move.target] = [*found[here], move]
                waiting.append(move.target)
    return found


def paths(definition: Definition, without: Collection[str] = ()) -> Mapping[str, list[Move]]:
    """A shortest path from the first state to each state a case can come to, none of `without` being done."""
    return paths_from(definition.initial, moves(definition), without)


def in_words(path: Collection[Move], start: str) -> str:
    """`referred → gathering → deciding`."""
    return " → ".join([start, *(move.target for move in path)])


def can_end(definition: Definition) -> frozenset[str]:
    """The states from which some path leads to a final state, the final states themselves among them."""
    turned = [Move(move.target, move.trigger, move.source) for move in moves(definition)]
    ends = [name for name, state in definition.states.items() if state.final]
    return frozenset(state for end in ends for state in paths_from(end, turned))


def spinning(definition: Definition) -> tuple[Move, ...]:
    """The moves the service would make over and over without a pause.

    A move made when a clock is due is one of them when it lies on a circle of such moves and nothing on that
    circle starts its clock again.
    """
    automatic = _automatic_moves(definition)
    steps = list(automatic)
    circling = [move for move in steps if move.source in paths_from(move.target, steps)]
    triggers = {move.trigger for move in circling}
    spent = [move for move in circling if not automatic[move] & triggers]
    return tuple(move for move in spent if move.source in paths_from(move.target, spent))


def _automatic_moves(definition: Definition) -> Mapping[Move, frozenset[str]]:
    """What the service does at due, each with the triggers that start its clock again."""
    found: dict[Move, frozenset[str]] = {}
    for trigger in definition.triggers.values():
        clocks = [
            c for c in definition.clocks.values() if trigger.at_due == c.name or c.at_due == trigger.name
        ]
        if not clocks and not trigger.at_due:
            continue
        restarted_by = frozenset(clock.counts_from for clock in clocks)
        running = {state for clock in clocks for state in clock.runs_in} if clocks else set(trigger.sources)
        for source in trigger.sources:
            if source in running:
                for target in trigger.reached_from(source):
                    found[Move(source, trigger.name, target)] = restarted_by
    return found
