"""Definitions read from their files: one file is read whole, and all its faults are told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from reviewflow.workflow import strict
from reviewflow.workflow.definition import (
    SAME,
    SERVICE,
    Clock,
    ClockKind,
    Count,
    Criteria,
    Definition,
    Definitions,
    Request,
    Role,
    State,
    Task,
)
from reviewflow.workflow.sections import FILE_NAME, NAME, Faults, Section, in_words, number, text
from reviewflow.workflow.strict import DefinitionFaults, Fault, Part
from reviewflow.workflow.triggers import read_trigger

NOT_DESCRIBED = "not described in the source"
FOR_THIS_CASE = "for this case"

DEFINITION_KEYS = [
    "name",
    "version",
    "title",
    "basis",
    "written_to",
    "criteria",
    "opens_with",
    "initial",
    "roles",
    "states",
    "triggers",
    "requests",
    "tasks",
    "clocks",
]
CLOCK_KEYS = [
    "title",
    "length",
    "counts_from",
    "count",
    "before",
    "runs_in",
    "kind",
    "milestones",
    "warn",
    "tell",
    "overdue_tell",
    "at_due",
]
TASK_KEYS = ["title", "who", "starts", "every", "window", "of", "due"]

Read = TypeVar("Read", Definition, Criteria)


def load(path: Path) -> Definition:
    """The definition in this file. Raises DefinitionFaults with every fault of the file."""
    file = strict.read(path)
    faults = Faults(file.source)
    definition = _definition(file, Section(file.whole, faults, DEFINITION_KEYS))
    if faults.found:
        raise DefinitionFaults(faults.found)
    return definition


def load_criteria(path: Path) -> Criteria:
    """One edition's criteria, each a name and the words of the guidance."""
    file = strict.read(path)
    faults = Faults(file.source)
    section = Section(file.whole, faults, ("name", "title", "criteria"))
    for key in ("name", "title", "criteria"):
        section.need(key)
    edition = Criteria(
        name=section.name("name", FILE_NAME),
        title=section.text("title"),
        criteria=section.named("criteria", lambda _, part: text(part, faults)),
        fingerprint=file.fingerprint,
    )
    if edition.name and edition.name != path.stem:
        faults.add(section.keys["name"], f"the name is {edition.name}, but the file is called {path.name}.")
    if faults.found:
        raise DefinitionFaults(faults.found)
    return edition


def load_all(folders: Sequence[Path]) -> Definitions:
    """Every `<name>/v<version>.yaml` and `criteria/*.yaml` in these folders.

    Raises DefinitionFaults with the faults of all of them.
    """
    faults = [
        Fault(str(folder), 1, "There is no folder of definitions here.")
        for folder in folders
        if not folder.is_dir()
    ]
    definitions: dict[tuple[str, int], Definition] = {}
    editions: dict[str, Criteria] = {}
    for path, definition in _read_each(folders, "*/v*.yaml", load, faults):
        faults.extend(_wrong_place(path, definition))
        known = definitions.setdefault((definition.name, definition.version), definition)
        if known is not definition:
            faults.append(_doubled(path, f"{definition.name} v{definition.version}", known.source))
    for path, edition in _read_each(folders, "criteria/*.yaml", load_criteria, faults):
        if editions.setdefault(edition.name, edition) is not edition:
            faults.append(_doubled(path, edition.name, "another folder"))
    if not faults:
        faults.extend(_unknown_criteria(definitions.values(), editions))
    if faults:
        raise DefinitionFaults(faults)
    whole = {key: replace(one, edition=editions.get(one.criteria or "")) for key, one in definitions.items()}
    return Definitions(MappingProxyType(whole), MappingProxyType(editions))


def _read_each(
    folders: Sequence[Path], pattern: str, read: Callable[[Path], Read], faults: list[Fault]
) -> Iterator[tuple[Path, Read]]:
    """Each file that can be read; the faults of the others are added to `faults`."""
    for path in (path for folder in folders for path in sorted(folder.glob(pattern))):
        try:
            yield path, read(path)
        except DefinitionFaults as found:
            faults.extend(found)


def _doubled(path: Path, what: str, other: str) -> Fault:
    return Fault(str(path), 1, f"{what} is already defined in {other}.")


def _unknown_criteria(definitions: Iterable[Definition], editions: Mapping[str, Criteria]) -> Iterator[Fault]:
    for definition in definitions:
        if definition.criteria and definition.criteria not in editions:
            hint = strict.did_you_mean(definition.criteria, editions)
            sentence = f"criteria: there is no criteria/{definition.criteria}.yaml.{hint}"
            yield Fault(definition.source, definition.lines["criteria"], sentence)


def _wrong_place(path: Path, definition: Definition) -> Iterator[Fault]:
    """A review type and its version are found by the names of the folder and the file."""
    if definition.name != path.parent.name:
        sentence = f"name: this is {definition.name}, but the folder is called {path.parent.name}."
        yield Fault(definition.source, definition.lines["name"], sentence)
    if f"v{definition.version}" != path.stem:
        sentence = f"version: this is version {definition.version}, but the file is called {path.name}."
        yield Fault(definition.source, definition.lines["version"], sentence)


def _definition(file: strict.File, section: Section) -> Definition:
    faults = section.faults
    for key in ("name", "version", "title", "basis", "initial", "roles", "states", "triggers"):
        section.need(key)
    states = section.named("states", lambda name, part: _state(name, part, faults))
    open_states = tuple(name for name, state in states.items() if not state.final)
    return Definition(
        name=section.name("name", FILE_NAME),
        version=_version(section),
        title=section.text("title"),
        basis=section.text("basis"),
        written_to=section.text_or_none("written_to"),
        criteria=section.name_or_none("criteria", FILE_NAME),
        opens_with=section.name_or_none("opens_with"),
        initial=section.name("initial"),
        roles=section.named("roles", lambda name, part: _role(name, part, faults)),
        states=states,
        triggers=section.named("triggers", lambda name, part: read_trigger(name, part, faults, open_states)),
        requests=section.named("requests", lambda name, part: _request(name, part, faults)),
        tasks=section.named("tasks", lambda name, part: _task(name, part, faults)),
        clocks=section.named("clocks", lambda name, part: _clock(name, part, faults, open_states)),
        fingerprint=file.fingerprint,
        source=file.source,
        lines=MappingProxyType({part.place: part.line for part in file.whole.walk()}),
    )


def _version(section: Section) -> int:
    version = section.number("version")
    if section.has("version") and section.keys["version"].value == "0":
        section.faults.add(section.keys["version"], "versions are counted from 1.")
    return version


def _role(name: str, part: Part, faults: Faults) -> Role:
    if name == SERVICE:
        faults.add(part, "“service” is built in. Use it without naming it here.")
    if isinstance(part.value, str):
        return Role(name, text(part, faults))
    section = Section(part, faults, ("title", "held"))
    held = section.text_or_none("held")
    if held not in (None, "", FOR_THIS_CASE):
        faults.add(section.keys["held"], f"the only thing to say here is “{FOR_THIS_CASE}”, not “{held}”.")
    return Role(name, section.text("title", in_words(name)), held == FOR_THIS_CASE)


def _state(name: str, part: Part, faults: Faults) -> State:
    if name == SAME:
        faults.add(part, "“same” means staying in the state; a state cannot be called that.")
    section = Section(part, faults, ("title", "waiting_on", "final"))
    final = section.text("final", "no")
    if final not in ("yes", "no", NOT_DESCRIBED, ""):
        faults.add(section.keys["final"], f"write yes, or “{NOT_DESCRIBED}”, not “{final}”.")
    return State(
        name=name,
        title=section.text("title", in_words(name)),
        waiting_on=section.names("waiting_on"),
        final=final in ("yes", NOT_DESCRIBED),
        final_note=final if final == NOT_DESCRIBED else None,
    )


def _request(name: str, part: Part, faults: Faults) -> Request:
    section = Section(part, faults, ("title", "window", "of", "remind", "then_tell"))
    section.need("of")
    return Request(
        name=name,
        title=section.text("title", in_words(name)),
        window=section.window("window") if section.need("window") else (0, 0),
        of=section.name("of"),
        remind=section.numbers("remind"),
        then_tell=section.names("then_tell"),
    )


def _task(name: str, part: Part, faults: Faults) -> Task:
    section = Section(part, faults, TASK_KEYS)
    section.need("who")
    every, starts, each = _start_of_task(section)
    if section.has("window") and section.has("due"):
        faults.add(part, "a task has a window or a due length, not both.")
    return Task(
        name=name,
        title=section.text("title", in_words(name)),
        who=section.names("who"),
        starts=starts,
        each=each,
        every=every,
        window=section.window("window") if section.has("window") else None,
        of=section.name_or_none("of"),
        due=section.length("due") if section.has("due") else None,
    )


def _start_of_task(section: Section) -> tuple[str | None, str | None, bool]:
    """`every`, the trigger it starts with, and whether each time anew."""
    every = section.length("every") if section.has("every") else None
    if not section.has("starts"):
        return every, None, False
    part = section.keys["starts"]
    if isinstance(part.value, Mapping):
        inner = Section(part, section.faults, ("every",))
        return inner.length("every") if inner.need("every") else None, None, False
    each = section.text("starts").startswith("each ")
    trigger = section.text("starts").removeprefix("each ").strip()
    if trigger and not NAME.fullmatch(trigger):
        section.faults.add(part, f"write a trigger, or “each” and a trigger, not “{trigger}”.")
    return every, trigger or None, each


def _clock(name: str, part: Part, faults: Faults, open_states: tuple[str, ...]) -> Clock:
    section = Section(part, faults, CLOCK_KEYS)
    for key in ("length", "runs_in"):
        section.need(key)
    counts_from, before = _anchor_of_clock(section)
    return Clock(
        name=name,
        title=section.text("title", in_words(name)),
        length=section.length("length"),
        counts_from=counts_from,
        count=section.one_of("count", Count, Count.DAY_AFTER),
        before=before,
        runs_in=section.states("runs_in", open_states),
        kind=section.one_of("kind", ClockKind, ClockKind.LOCAL_TARGET),
        milestones=section.named("milestones", lambda _, day: number(day, faults)),
        warn=section.numbers("warn"),
        tell=section.names("tell"),
        overdue_tell=section.names("overdue_tell"),
        at_due=section.name_or_none("at_due"),
    )


def _anchor_of_clock(section: Section) -> tuple[str, bool]:
    """What a clock counts from, and whether it counts back: `before: meeting_on`, or `before: yes` beside."""
    if section.text("before") in ("yes", "no") or not section.has("before"):
        section.need("counts_from")
        return section.name("counts_from"), section.has("before") and section.yes("before")
    if section.has("counts_from"):
        section.faults.add(section.keys["before"], "write either counts_from or before, not both.")
    return section.name("before"), True
