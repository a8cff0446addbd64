"""Checks of requests, tasks and clocks: nothing beyond its limit, nothing by itself over and over."""

from __future__ import annotations

from collections.abc import Iterator

from reviewflow.workflow import graph
from reviewflow.workflow.check.told import Told
from reviewflow.workflow.definition import SERVICE, Clock, Definition, EffectKind, Trigger
from reviewflow.workflow.names import Names
from reviewflow.workflow.sections import length_in_units


def faults(definition: Definition, names: Names) -> Iterator[Told]:
    del names  # every check is called alike; limits name nothing from outside
    yield from _of_requests(definition)
    yield from _of_tasks(definition)
    for clock in definition.clocks.values():
        yield from _of_clock(definition, clock)
    for trigger in definition.triggers.values():
        yield from _of_what_happens_when_due(definition, trigger)
    for trigger_name in dict.fromkeys(move.trigger for move in graph.spinning(definition)):
        sentence = "the service would do this again and again: nothing on the way starts its clock anew."
        yield Told(f"triggers.{trigger_name}", sentence)


def _of_requests(definition: Definition) -> Iterator[Told]:
    asked = {
        name
        for trigger in definition.triggers.values()
        for effect in trigger.effects
        if effect.kind is EffectKind.REQUEST
        for name in effect.target
    }
    for request in definition.requests.values():
        place = f"requests.{request.name}"
        if request.name not in asked:
            yield Told(place, "nothing ever asks for this: a trigger needs it among its “effects”.")
        yield from _of_window(definition, f"{place}.window", request.window, request.of)
        for days in request.remind:
            if days > request.window[1]:
                yield Told(f"{place}.remind", f"{days} days before the end lies before the request is made.")


def _of_window(definition: Definition, place: str, window: tuple[int, int], of: str | None) -> Iterator[Told]:
    clock = definition.clocks.get(of or "")
    if clock and window[1] > length_in_units(clock.length)[0]:
        yield Told(place, f"the window ends on day {window[1]}, after “{clock.name}” ({clock.length}).")


def _of_tasks(definition: Definition) -> Iterator[Told]:
    for task in definition.tasks.values():
        if task.window:
            yield from _of_window(definition, f"tasks.{task.name}.window", task.window, task.of)
        elif task.of:
            yield Told(f"tasks.{task.name}.of", "a clock is named, but no window on it.")


def _of_clock(definition: Definition, clock: Clock) -> Iterator[Told]:
    place = f"clocks.{clock.name}"
    number, _ = length_in_units(clock.length)
    for state in clock.runs_in:
        if state in definition.states and definition.states[state].final:
            yield Told(f"{place}.runs_in", f"“{state}” is final, and no clock runs after the end.")
    for milestone, day in clock.milestones.items():
        if day > number:
            yield Told(f"{place}.milestones.{milestone}", f"day {day} lies beyond the {clock.length}.")
    for days in clock.warn:
        if days > number:
            yield Told(
                f"{place}.warn", f"{days} before the end lies before the clock starts ({clock.length})."
            )
    if clock.warn and not clock.tell:
        yield Told(place, "it warns, but “tell” does not say whom.")


def _of_what_happens_when_due(definition: Definition, trigger: Trigger) -> Iterator[Told]:
    place = f"triggers.{trigger.name}"
    clocks = [c for c in definition.clocks.values() if trigger.at_due == c.name or c.at_due == trigger.name]
    if not clocks and not trigger.at_due:
        return
    if SERVICE not in trigger.roles():
        yield Told(place, "this happens by itself when it is due, so “by” must name service.")
    for clock in clocks:
        if not set(clock.runs_in) & set(trigger.sources):
            yield Told(place, f"“{clock.name}” runs in none of the states this starts from.")
