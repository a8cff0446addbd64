"""YAML read strictly: every value is text, no key twice, no anchors or tags, and each part knows its line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 256 * 1024
"""In bytes; a definition of fifty stages is about a tenth of this."""

DEEPEST = 12
_TURNS_TEXT_AROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in one file, in a sentence."""

    source: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}: {self.sentence}"


class DefinitionFaults(Exception):
    """Everything that is wrong with one or more files, all at once."""

    def __init__(self, faults: list[Fault]):
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)


@dataclass(frozen=True)
class Part:
    """A piece of a file: a text, a list or a group of keys, its line and its place (`triggers.notify.to`)."""

    value: str | tuple[Part, ...] | Mapping[str, Part]
    line: int
    place: str

    def walk(self) -> Iterator[Part]:
        """This part and every part inside it."""
        yield self
        if isinstance(self.value, str):
            return
        for part in self.value.values() if isinstance(self.value, Mapping) else self.value:
            yield from part.walk()


@dataclass(frozen=True)
class File:
    source: str
    fingerprint: str
    whole: Part


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question to end a sentence with, or nothing when no known name is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def read(path: Path) -> File:
    """The file as parts. Raises DefinitionFaults for anything that is not plain, single-document YAML."""
    source = str(path)
    try:
        with path.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DefinitionFaults([Fault(source, 1, f"This file cannot be read: {error.strerror}.")]) from error
    if len(content) > LARGEST_FILE:
        raise DefinitionFaults([Fault(source, 1, f"This file is larger than {LARGEST_FILE // 1024} KB.")])
    return File(source, hashlib.sha256(content).hexdigest(), _parts(source, _text(source, content)))


def _text(source: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DefinitionFaults([Fault(source, line, "This is not UTF-8 text.")]) from error
    turned = _TURNS_TEXT_AROUND.search(text)
    if turned:
        line = text.count("\n", 0, turned.start()) + 1
        sentence = "There is an invisible character here that turns the direction of the text. Take it out."
        raise DefinitionFaults([Fault(source, line, sentence)])
    return text


def _parts(source: str, text: str) -> Part:
    faults: list[Fault] = []
    try:
        faults.extend(_faults_of_events(source, text))
        if faults:
            raise DefinitionFaults(faults)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise DefinitionFaults([_yaml_fault(source, text, error)]) from error
    if not isinstance(node, yaml.MappingNode):
        line = _line(node.start_mark) if node else 1
        raise DefinitionFaults([Fault(source, line, "A definition is a list of keys and their values.")])
    whole = _part(source, node, "", faults)
    if faults:
        raise DefinitionFaults(faults)
    return whole


def _yaml_fault(source: str, text: str, error: yaml.YAMLError) -> Fault:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Fault(source, line, "There is a character here that a text file may not hold.")
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it breaks off"
    return Fault(source, _line(mark), f"This is not YAML that can be read: {problem}.")


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 1


def _faults_of_events(source: str, text: str) -> Iterator[Fault]:
    depth, documents = 0, 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                yield Fault(source, line, "A second document starts here. Keep one definition in one file.")
                return
            if event.version or event.tags:
                yield Fault(source, line, "A definition does not use YAML directives (%).")
        if isinstance(event, yaml.AliasEvent):
            yield Fault(source, line, f"“*{event.anchor}” repeats another part. Write it out again instead.")
            continue
        if isinstance(event, yaml.NodeEvent):
            tag = getattr(event, "tag", None)
            if event.anchor:
                yield Fault(source, line, f"“&{event.anchor}” is an anchor. Take it out.")
            if tag:
                yield Fault(source, line, f"“{tag}” is a tag. Take it out: every value is read as text.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            yield Fault(source, line, f"This is nested more than {DEEPEST} deep.")
            return


def _part(source: str, node: yaml.Node, place: str, faults: list[Fault]) -> Part:
    line = _line(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return Part(_group(source, node, place, faults), line, place)
    if isinstance(node, yaml.SequenceNode):
        items = (_part(source, item, f"{place}[{n}]", faults) for n, item in enumerate(node.value, 1))
        return Part(tuple(items), line, place)
    return Part(str(node.value).strip(), line, place)


def _group(source: str, node: yaml.MappingNode, place: str, faults: list[Fault]) -> Mapping[str, Part]:
    group: dict[str, Part] = {}
    for key, value in node.value:
        line = _line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            faults.append(Fault(source, line, "A key is one word, not a list or a group."))
            continue
        name = str(key.value)
        if name in group:
            faults.append(Fault(source, line, f"“{name}” is here twice; first in line {group[name].line}."))
            continue
        inner = _part(source, value, f"{place}.{name}" if place else name, faults)
        group[name] = Part(inner.value, line, inner.place)
    return group
