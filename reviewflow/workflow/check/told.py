"""A fault as the checks tell it, and the one sentence several of them share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewflow.workflow.strict import did_you_mean


class Told(NamedTuple):
    place: str
    sentence: str


def unknown(place: str, used: Iterable[str | None], known: Iterable[str], what: str) -> Iterator[Told]:
    """A fault for every name that is not known: `“gatherin” is not a state. Did you mean “gathering”?`"""
    known = list(known)
    for name in used:
        if name and name not in known:
            yield Told(place, f"“{name}” is not {what}.{did_you_mean(name, known)}")
