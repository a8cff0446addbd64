"""A definition as a manual: in each state what can be done, by whom, and then what; the limits in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reviewflow.workflow.definition import (
    NOTHING,
    OPENED,
    Clock,
    Count,
    Definition,
    Effect,
    EffectKind,
    Request,
    State,
    Task,
    Trigger,
)
from reviewflow.workflow.draw import words
from reviewflow.workflow.sections import in_words, length_in_units


@dataclass(frozen=True)
class Act:
    """Something that can be done: who may, what it asks and needs, where it leads and what follows."""

    name: str
    title: str
    who: str
    asks: tuple[str, ...]
    needs: tuple[str, ...]
    leads_to: tuple[str, ...]
    follows: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A state of the case, with what moves it on and what can be done meanwhile."""

    state: str
    title: str
    is_final: bool
    waits_on: str
    moves: tuple[Act, ...]
    meanwhile: tuple[Act, ...]


@dataclass(frozen=True)
class Limit:
    """A clock, a request or a task: its title and what there is to say of it, a sentence each."""

    name: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Manual:
    title: str
    version: int
    basis: str
    written_to: str | None
    who_takes_part: tuple[str, ...]
    stages: tuple[Stage, ...]
    clocks: tuple[Limit, ...]
    requests: tuple[Limit, ...]
    tasks: tuple[Limit, ...]


def manual(definition: Definition, rules: Mapping[str, str] = NOTHING) -> Manual:
    """The whole definition in words. `rules`: the sentence of each named rule, where it is known."""
    return Manual(
        title=definition.title,
        version=definition.version,
        basis=definition.basis,
        written_to=definition.written_to,
        who_takes_part=words.roles(definition, definition.roles),
        stages=tuple(_stage(definition, state, rules) for state in definition.states.values()),
        clocks=tuple(_clock(definition, clock) for clock in definition.clocks.values()),
        requests=tuple(_request(definition, request) for request in definition.requests.values()),
        tasks=tuple(_task(definition, task) for task in definition.tasks.values()),
    )


def _stage(definition: Definition, state: State, rules: Mapping[str, str]) -> Stage:
    acts = [(t, _act(definition, t, rules)) for t in definition.triggers_from(state.name)]
    return Stage(
        state=state.name,
        title=state.title,
        is_final=state.final,
        waits_on=_end(state) if state.final else words.listed(words.roles(definition, state.waiting_on)),
        moves=tuple(act for trigger, act in acts if not trigger.same),
        meanwhile=tuple(act for trigger, act in acts if trigger.same),
    )


def _end(state: State) -> str:
    return f"What follows is {state.final_note}." if state.final_note else "The review ends here."


def _act(definition: Definition, trigger: Trigger, rules: Mapping[str, str]) -> Act:
    return Act(
        name=trigger.name,
        title=trigger.title,
        who=_who(definition, trigger),
        asks=tuple(question.label for question in trigger.asks),
        needs=tuple(_need(definition, name, rules) for name in trigger.requires),
        leads_to=tuple(words.destination(definition, trigger, d) for d in trigger.destinations),
        follows=tuple(_effect(definition, effect, rules) for effect in trigger.effects),
    )


def _who(definition: Definition, trigger: Trigger) -> str:
    if trigger.by_each:
        return f"Each of: {words.listed(words.roles(definition, trigger.by_each))}"
    return words.listed(words.roles(definition, trigger.by), "or")


def _need(definition: Definition, name: str, rules: Mapping[str, str]) -> str:
    if name in definition.tasks:
        return f"“{definition.tasks[name].title}” is done"
    return rules.get(name, in_words(name))


def _effect(definition: Definition, effect: Effect, rules: Mapping[str, str]) -> str:
    what = {
        EffectKind.TELL: lambda: f"{words.listed(words.roles(definition, effect.target))}: told",
        EffectKind.MAKE: lambda: f"{in_words(effect.target[0])}: made",
        EffectKind.OPEN: lambda: f"{in_words(effect.target[0])}: opened as a linked case",
        EffectKind.REQUEST: lambda: f"{definition.requests[effect.target[0]].title}: asked for",
    }[effect.kind]()
    return f"{what}, {words.condition(definition, effect.when, rules)}" if effect.when else what


def _clock(definition: Definition, clock: Clock) -> Limit:
    unit = length_in_units(clock.length)[1]
    running = (definition.states[state].title for state in clock.runs_in)
    sentences = [
        f"{clock.length} {_counted(definition, clock)} ({clock.kind}).",
        f"It runs in: {'; '.join(running)}.",
        *(f"{in_words(name)}: by {unit} {day}." for name, day in clock.milestones.items()),
    ]
    if clock.warn:
        sentences.append(f"Told {_days(clock.warn, unit)} before the end: {_told(definition, clock.tell)}.")
    if clock.overdue_tell:
        sentences.append(f"Told when it is overdue: {_told(definition, clock.overdue_tell)}.")
    for trigger in definition.done_when_due(clock.name):
        sentences.append(f"When it is due, the service does this by itself: {trigger.title}.")
    return Limit(clock.name, clock.title, tuple(sentences))


def _told(definition: Definition, names: tuple[str, ...]) -> str:
    return words.listed(words.roles(definition, names))


def _days(numbers: tuple[int, ...], unit: str) -> str:
    return f"{words.listed(map(str, numbers))} {unit if numbers == (1,) else unit + 's'}"


def _counted(definition: Definition, clock: Clock) -> str:
    anchor = f"“{_anchor(definition, clock.counts_from)}”"
    if clock.before:
        return f"before {anchor}"
    first = "that day being day 1" if clock.count is Count.SAME_DAY else "the day after being day 1"
    return f"from {anchor}, {first}" if "day" in clock.length else f"from {anchor}"


def _anchor(definition: Definition, name: str) -> str:
    """A trigger as the history says it, the opening of the case, or a date by its name."""
    if name == OPENED:
        return "The case was opened"
    return definition.triggers[name].done if name in definition.triggers else in_words(name)


def _request(definition: Definition, request: Request) -> Limit:
    clock = definition.clocks[request.of]
    unit = length_in_units(clock.length)[1]
    sentences = [_window(request.window, clock)]
    if request.remind:
        sentences.append(f"Reminded {_days(request.remind, unit)} before the end.")
    if request.then_tell:
        sentences.append(f"Then told: {_told(definition, request.then_tell)}.")
    return Limit(request.name, request.title, tuple(sentences))


def _window(window: tuple[int, int], clock: Clock) -> str:
    unit = length_in_units(clock.length)[1]
    return f"From {unit} {window[0]} to {unit} {window[1]} of “{clock.title}”."


def _task(definition: Definition, task: Task) -> Limit:
    sentences = [f"Owed by: {words.listed(words.roles(definition, task.who), 'or')}."]
    if task.starts:
        done = _anchor(definition, task.starts)
        sentences.append(f"It starts {'each time' if task.each else 'when'} this is done: “{done}”.")
    if task.every:
        sentences.append(f"Again every {task.every}.")
    if task.window and task.of:
        sentences.append(_window(task.window, definition.clocks[task.of]))
    elif task.window:
        sentences.append(f"From day {task.window[0]} to day {task.window[1]} after it starts.")
    elif task.due:
        sentences.append(f"Due {task.due} after it starts.")
    else:
        sentences.append("No day is set for it.")
    return Limit(task.name, task.title, tuple(sentences))
