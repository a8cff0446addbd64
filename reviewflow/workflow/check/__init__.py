"""Everything that can be said against a definition before a single case runs under it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewflow.workflow.check import acts, limits, named, paths
from reviewflow.workflow.check.told import Told
from reviewflow.workflow.definition import Definition
from reviewflow.workflow.names import Names

CHECKS = (
    named.faults,
    acts.faults,
    paths.faults,
    limits.faults,
)
"""Each takes a definition and the known names, and tells faults with their places in the file."""


def check(definition: Definition, names: Names) -> list[str]:
    """Every fault of the definition, a sentence each, in the order of its file; none when it is sound."""
    told = sorted(_told(definition, names), key=lambda t: (definition.lines.get(t.place, 0), t.place))
    return list(dict.fromkeys(_sentence(definition, fault) for fault in told))


def _told(definition: Definition, names: Names) -> Iterator[Told]:
    for find in CHECKS:
        yield from find(definition, names)


def _sentence(definition: Definition, fault: Told) -> str:
    line = definition.lines.get(fault.place, 1)
    return f"{definition.source}, line {line}: {fault.place}: {fault.sentence}"
