"""One group of keys, read key by key: what is missing, unknown or misshapen is noted, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from reviewflow.workflow.definition import ANY_OPEN_STATE
from reviewflow.workflow.strict import Fault, Part, did_you_mean

NAME = re.compile(r"[a-z][a-z0-9_]*")
FILE_NAME = re.compile(r"[a-z][a-z0-9-]*")
LENGTH = re.compile(r"([1-9][0-9]{0,3}) (working days?|days?|weeks?|months?|years?|hours?)")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")

Kind = TypeVar("Kind", bound=StrEnum)
Read = TypeVar("Read")


def length_in_units(length: str) -> tuple[int, str]:
    """`15 working days` as (15, "working day"); ValueError when it is not a length."""
    found = LENGTH.fullmatch(length)
    if not found:
        raise ValueError(length)
    return int(found[1]), found[2].removesuffix("s")


def in_words(name: str) -> str:
    """A name as a title: `panel_reply` is “Panel reply”."""
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


class Faults:
    """The faults found so far in one file."""

    def __init__(self, source: str):
        self.source = source
        self.found: list[Fault] = []

    def add(self, part: Part, sentence: str) -> None:
        where = f"{part.place}: " if part.place else ""
        self.found.append(Fault(self.source, part.line, where + sentence))


class Section:
    """A group of keys. Every key asked for counts as known; `done()` notes the others."""

    def __init__(self, part: Part, faults: Faults, known: Collection[str]):
        self.part = part
        self.faults = faults
        self.known = tuple(known)
        self.keys: Mapping[str, Part] = {}
        if isinstance(part.value, Mapping):
            self.keys = part.value
            self._note_unknown_keys()
        else:
            faults.add(part, f"this is a group of keys: {', '.join(self.known)}.")

    def _note_unknown_keys(self) -> None:
        for key, part in self.keys.items():
            if key not in self.known:
                hint = did_you_mean(key, self.known)
                self.faults.add(part, f"“{key}” is not a key that is known here.{hint}")

    def has(self, key: str) -> bool:
        return key in self.keys

    def need(self, key: str) -> bool:
        """Whether the key is there; noted as missing when it is not."""
        if key not in self.keys and isinstance(self.part.value, Mapping):
            self.faults.add(self.part, f"“{key}” is missing.")
        return key in self.keys

    def text(self, key: str, default: str = "") -> str:
        return text(self.keys[key], self.faults) if key in self.keys else default

    def text_or_none(self, key: str) -> str | None:
        return text(self.keys[key], self.faults) if key in self.keys else None

    def name(self, key: str, shape: re.Pattern[str] = NAME) -> str:
        return name(self.keys[key], self.faults, shape) if key in self.keys else ""

    def name_or_none(self, key: str, shape: re.Pattern[str] = NAME) -> str | None:
        return self.name(key, shape) if key in self.keys else None

    def names(self, key: str) -> tuple[str, ...]:
        """One name or a list of names, each once."""
        return names(self.keys[key], self.faults) if key in self.keys else ()

    def states(self, key: str, open_states: tuple[str, ...]) -> tuple[str, ...]:
        """Names of states, or all that are open for `any open state`."""
        if key in self.keys and self.keys[key].value == ANY_OPEN_STATE:
            return open_states
        return self.names(key)

    def yes(self, key: str) -> bool:
        value = self.text(key, "no")
        if value not in ("yes", "no", ""):
            self.faults.add(self.keys[key], f"write yes or no, not “{value}”.")
        return value == "yes"

    def one_of(self, key: str, kinds: type[Kind], default: Kind) -> Kind:
        value = self.text(key, default)
        allowed = [str(kind) for kind in kinds]
        if value in allowed:
            return kinds(value)
        if value:
            hint = did_you_mean(value, allowed)
            self.faults.add(self.keys[key], f"“{value}” is not one of {', '.join(allowed)}.{hint}")
        return default

    def length(self, key: str) -> str:
        value = self.text(key)
        if value and not LENGTH.fullmatch(value):
            example = "15 working days, 6 months or 48 hours"
            self.faults.add(self.keys[key], f"“{value}” is not a length such as {example}.")
        return value

    def number(self, key: str) -> int:
        return number(self.keys[key], self.faults) if key in self.keys else 0

    def numbers(self, key: str) -> tuple[int, ...]:
        if key not in self.keys:
            return ()
        return tuple(number(part, self.faults) for part in items(self.keys[key]))

    def window(self, key: str) -> tuple[int, int]:
        """The first and the last day, in that order."""
        part = self.keys[key]
        days = tuple(number(inner, self.faults) for inner in items(part))
        if len(days) != 2 or not isinstance(part.value, tuple):
            self.faults.add(part, "a window is its first and its last day, such as [2, 10].")
            return (0, 0)
        if days[0] > days[1]:
            self.faults.add(part, f"the window ends on day {days[1]}, before it begins on day {days[0]}.")
        return (days[0], days[1])

    def named(self, key: str, read: Callable[[str, Part], Read]) -> Mapping[str, Read]:
        """A group whose keys are names of the definition's own, each read by `read`."""
        if key not in self.keys:
            return MappingProxyType({})
        return MappingProxyType({n: read(n, part) for n, part in named_parts(self.keys[key], self.faults)})


def named_parts(part: Part, faults: Faults, shape: re.Pattern[str] = NAME) -> Iterator[tuple[str, Part]]:
    if not isinstance(part.value, Mapping):
        faults.add(part, "this is a group of names, each with what belongs to it.")
        return
    for key, inner in part.value.items():
        if not shape.fullmatch(key):
            faults.add(inner, f"“{key}” is not a name: small letters, digits and _ only, a letter first.")
        yield key, inner


def items(part: Part) -> tuple[Part, ...]:
    """The parts of a list; a single value is a list of one."""
    return part.value if isinstance(part.value, tuple) else (part,)


def text(part: Part, faults: Faults) -> str:
    if not isinstance(part.value, str):
        faults.add(part, "this is a text, not a list or a group of keys.")
        return ""
    if not part.value:
        faults.add(part, "this is empty.")
    return part.value


def name(part: Part, faults: Faults, shape: re.Pattern[str] = NAME) -> str:
    value = text(part, faults)
    if value and not shape.fullmatch(value):
        joined = "-" if shape is FILE_NAME else "_"
        faults.add(part, f"“{value}” is not a name: small letters, digits and {joined} only, a letter first.")
        return ""
    return value


def names(part: Part, faults: Faults) -> tuple[str, ...]:
    read = [name(inner, faults) for inner in items(part)]
    if not read:
        faults.add(part, "this list is empty.")
    for doubled in sorted({n for n in read if n and read.count(n) > 1}):
        faults.add(part, f"“{doubled}” is in this list twice.")
    return tuple(dict.fromkeys(n for n in read if n))


def number(part: Part, faults: Faults) -> int:
    value = text(part, faults)
    if _NUMBER.fullmatch(value):
        return int(value)
    if value:
        faults.add(part, f"“{value}” is not a whole number.")
    return 0
