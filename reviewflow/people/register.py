"""The register: every change of roles, access or calendar, each entry sealed with the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from reviewflow.people import RegisterEntry


def enter(
    session: Session, what: str, details: Mapping[str, Any], actor_id: int | None, now: datetime
) -> RegisterEntry:
    """Afterwards the register says what was changed, by whom and when; `details` must fit into JSON.

    Entries are made one at a time: until the transaction ends, nobody else can make one.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE register_entry IN SHARE ROW EXCLUSIVE MODE"))
    last = session.scalar(select(RegisterEntry).order_by(RegisterEntry.number.desc()).limit(1))
    entry = RegisterEntry(
        number=last.number + 1 if last else 1,
        at=now,
        actor_id=actor_id,
        what=what,
        details=dict(details),
        previous_hash=last.hash if last else "",
    )
    entry.hash = seal(entry)
    session.add(entry)
    session.flush()
    return entry


def seal(entry: RegisterEntry) -> str:
    """The hash of an entry: over everything it says, and over the hash of the entry before it."""
    said = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor_id,
        "what": entry.what,
        "details": entry.details,
        "previous": entry.previous_hash,
    }
    whole = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()


def faults(session: Session) -> Iterator[str]:
    """What no longer fits in the register; nothing when nobody has touched it."""
    number, head = 0, ""
    for entry in session.scalars(select(RegisterEntry).order_by(RegisterEntry.number)):
        number += 1
        if entry.number != number:
            yield f"Entry {number} of the register is missing."
            number = entry.number
        if entry.previous_hash != head:
            yield f"Entry {entry.number} of the register does not follow the one before it."
        if entry.hash != seal(entry):
            yield f"Entry {entry.number} of the register was changed after it was made."
        head = entry.hash
