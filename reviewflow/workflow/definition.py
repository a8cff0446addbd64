"""What a review type is: roles, states, triggers, requests, tasks and clocks, read once and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

SERVICE = "service"
"""The built-in role of what happens by itself. It may never recommend, ratify or submit."""

OPENED = "open"
"""The trigger name of the act that opens a case, with the form it `opens_with`."""

ANY_OPEN_STATE = "any open state"
SAME = "same"
NOTHING: Mapping[str, Any] = MappingProxyType({})


class QuestionKind(StrEnum):
    TEXT = "text"
    PARAGRAPH = "paragraph"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    AGENCY = "agency"
    DOCUMENT = "document"


class EffectKind(StrEnum):
    TELL = "tell"
    MAKE = "make"
    OPEN = "open"
    REQUEST = "request"


class ClockKind(StrEnum):
    STATUTORY = "statutory"
    GUIDANCE = "guidance"
    LOCAL_TARGET = "local target"
    EXPECTED_REPLY = "expected reply"


class Count(StrEnum):
    DAY_AFTER = "day_after"
    SAME_DAY = "same_day"


@dataclass(frozen=True)
class Role:
    name: str
    title: str
    held_for_this_case: bool = False


@dataclass(frozen=True)
class State:
    name: str
    title: str
    waiting_on: tuple[str, ...] = ()
    final: bool = False
    final_note: str | None = None


@dataclass(frozen=True)
class AnswerIs:
    """True when the latest answer to a choice question of that trigger, on this case, is `value`."""

    trigger: str
    question: str
    value: str


@dataclass(frozen=True)
class Condition:
    """Named guards that must all pass, or one answer; never both."""

    guards: tuple[str, ...] = ()
    answer: AnswerIs | None = None


@dataclass(frozen=True)
class Destination:
    state: str
    when: Condition | None = None


@dataclass(frozen=True)
class Question:
    """A local question. A date sets the fact of the question's name; a person may get the role it `fills`."""

    name: str
    label: str
    kind: QuestionKind
    hint: str | None = None
    required: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    fills: str | None = None

    def values(self) -> tuple[str, ...]:
        """The answers a condition may name; none when the question is not a single choice."""
        if self.kind is QuestionKind.YES_NO:
            return ("yes", "no")
        return tuple(self.options) if self.kind is QuestionKind.CHOICE else ()


@dataclass(frozen=True)
class Effect:
    """What follows a trigger. `target`: the roles told, or the one document, review type or request."""

    kind: EffectKind
    target: tuple[str, ...]
    message: str | None = None
    inline: str | None = None
    when: Condition | None = None


@dataclass(frozen=True)
class Trigger:
    """Something that can be done. `same` stays in the state; else the first destination that applies counts.

    `by`: any one of these roles. `by_each`: every one of these, and the case moves when the last has acted.
    `requires`: guards, or tasks of this definition that must be done. `at_due`: the clock or fact on
    whose day the service does this by itself.
    """

    name: str
    title: str
    done: str
    sources: tuple[str, ...]
    destinations: tuple[Destination, ...]
    same: bool
    by: tuple[str, ...] = ()
    by_each: tuple[str, ...] = ()
    form: str | None = None
    asks: tuple[Question, ...] = ()
    requires: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    at_due: str | None = None

    def roles(self) -> tuple[str, ...]:
        """Everyone who may act here, whether one is enough or each is needed."""
        return self.by + self.by_each

    def reached_from(self, state: str) -> tuple[str, ...]:
        """The states this may lead to from `state`."""
        return (state,) if self.same else tuple(dict.fromkeys(d.state for d in self.destinations))


@dataclass(frozen=True)
class Request:
    """What is asked of agencies: from the first to the last day of `window`, counted on the clock `of`."""

    name: str
    title: str
    window: tuple[int, int]
    of: str
    remind: tuple[int, ...] = ()
    then_tell: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """Owed, never a state. It starts with the case, with a trigger (once or `each` time) or `every` so often.

    `window` counts days on the clock `of`, or from its start where no clock is named; `due` is a length from
    its start. With neither no day is set: many procedures name none.
    """

    name: str
    title: str
    who: tuple[str, ...]
    starts: str | None = None
    each: bool = False
    every: str | None = None
    window: tuple[int, int] | None = None
    of: str | None = None
    due: str | None = None


@dataclass(frozen=True)
class Clock:
    """A limit. `counts_from` is a fact or a trigger; with `before`, the limit lies that long before it.

    `milestones`, `warn` and windows count in the unit of `length`. `at_due`: what the service does then.
    """

    name: str
    title: str
    length: str
    counts_from: str
    count: Count
    before: bool
    runs_in: tuple[str, ...]
    kind: ClockKind
    milestones: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    warn: tuple[int, ...] = ()
    tell: tuple[str, ...] = ()
    overdue_tell: tuple[str, ...] = ()
    at_due: str | None = None


@dataclass(frozen=True)
class Definition:
    name: str
    version: int
    title: str
    basis: str
    written_to: str | None
    criteria: str | None
    opens_with: str | None
    initial: str
    roles: Mapping[str, Role]
    states: Mapping[str, State]
    triggers: Mapping[str, Trigger]
    requests: Mapping[str, Request]
    tasks: Mapping[str, Task]
    clocks: Mapping[str, Clock]
    fingerprint: str
    source: str = field(default="", compare=False)
    lines: Mapping[str, int] = field(default_factory=lambda: NOTHING, compare=False, repr=False)
    edition: Criteria | None = field(default=None, compare=False)

    def open_states(self) -> tuple[str, ...]:
        return tuple(name for name, state in self.states.items() if not state.final)

    def act(self, name: str) -> Trigger | None:
        """What is done under this name: a trigger; or a task, done by its own people, which moves nothing."""
        task = self.tasks.get(name)
        if name in self.triggers or task is None:
            return self.triggers.get(name)
        return Trigger(
            name=name,
            title=task.title,
            done=f"{task.title}: done",
            sources=self.open_states(),
            destinations=(),
            same=True,
            by=task.who,
        )

    def acts(self) -> tuple[Trigger, ...]:
        """Everything that is ever done: the triggers, and the tasks as their people do them."""
        return tuple(act for name in (*self.triggers, *self.tasks) if (act := self.act(name)))

    def triggers_from(self, state: str) -> tuple[Trigger, ...]:
        """What can be done in `state`, in the order of the file."""
        return tuple(t for t in self.triggers.values() if state in t.sources)

    def title_of_role(self, role: str) -> str:
        return "The service itself" if role == SERVICE else self.roles[role].title

    def local_facts(self) -> frozenset[str]:
        """The facts that local date questions set: each under the name of its question."""
        return frozenset(
            q.name for t in self.triggers.values() for q in t.asks if q.kind is QuestionKind.DATE
        )

    def done_when_due(self, clock: str) -> tuple[Trigger, ...]:
        """What the service does by itself when `clock` is due."""
        return tuple(
            t for t in self.triggers.values() if t.at_due == clock or self.clocks[clock].at_due == t.name
        )


@dataclass(frozen=True)
class Criteria:
    """What one edition of the guidance asks decision makers to consider."""

    name: str
    title: str
    criteria: Mapping[str, str]
    fingerprint: str = ""


@dataclass(frozen=True)
class Definitions:
    """Every definition of this installation, and the editions of the criteria they are written to."""

    by_name_and_version: Mapping[tuple[str, int], Definition]
    criteria: Mapping[str, Criteria] = field(default_factory=lambda: NOTHING)

    def __iter__(self) -> Iterator[Definition]:
        return iter(self.by_name_and_version.values())

    def __len__(self) -> int:
        return len(self.by_name_and_version)

    def __getitem__(self, name_and_version: tuple[str, int]) -> Definition:
        return self.by_name_and_version[name_and_version]

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self.by_name_and_version}))

    def latest(self, name: str) -> Definition:
        """The highest version of a review type; KeyError where there is none."""
        versions = [version for known, version in self.by_name_and_version if known == name]
        if not versions:
            raise KeyError(name)
        return self.by_name_and_version[name, max(versions)]
