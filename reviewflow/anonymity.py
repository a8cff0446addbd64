"""What may not leave: the names of children that are on file, searched for in what people have typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Identity

SHORTEST = 3
"""Letters of the shortest part of a name that is searched for."""


def names_in(session: Session, incident_id: int | None, texts: Iterable[tuple[str, str]]) -> list[str]:
    """A sentence for each name on file that stands in one of the texts, each with the place it stands in.

    The name is not repeated. A part of a name is searched for as it is written, with its capital, so that
    a girl called Poppy does not forbid a poppy. A search is a help, and never the last look.
    """
    patterns = list(_patterns(session, incident_id))
    found: dict[str, None] = {}
    for place, text in texts:
        for number, pattern in patterns:
            if pattern.search(text):
                found[f"A name of Child {number} stands in “{place}”. Write “Child {number}” instead."] = None
    return list(found)


def _patterns(session: Session, incident_id: int | None) -> Iterator[tuple[int, re.Pattern[str]]]:
    """What may not be in a text, and of which child it speaks."""
    rows = session.execute(
        select(Identity.child_number, Identity.value).where(
            Identity.incident_id == incident_id,
            Identity.kind.in_(("name", "also_known_as")),
            Identity.child_number.is_not(None),
        )
    )
    for number, name in rows:
        parts = [part for part in re.findall(r"[^\W\d_]+", name) if len(part) >= SHORTEST]
        written = {form for part in parts for form in (part, part.upper())}
        if written:
            yield number or 0, re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(written)))})\b")
