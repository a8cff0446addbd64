"""What a definition may name but does not hold itself: the checks are given it, they import none of it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from reviewflow.workflow.definition import NOTHING


@dataclass(frozen=True)
class Form:
    """A registered form: its single-choice questions with their values, facts it sets, roles it fills."""

    choices: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    facts: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    guards: Set[str] = frozenset()
    forms: Mapping[str, Form] = field(default_factory=lambda: NOTHING)
    messages: Set[str] = frozenset()
    documents: Set[str] = frozenset()
    review_types: Set[str] = frozenset()
    facts: Set[str] = frozenset()
