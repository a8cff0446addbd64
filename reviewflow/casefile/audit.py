"""The record checked from end to end: what does not fit, and the heads to be kept somewhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.casefile.record import fingerprint, seal
from reviewflow.casefile.tables import Answers, Case, CaseEvent
from reviewflow.people import register


@dataclass
class Audit:
    """What was looked at, what does not fit, and the latest hash of every case by its reference.

    `taken_out` counts events whose answers are no longer those that were given: redacted, or tampered with.
    """

    cases: int = 0
    events: int = 0
    taken_out: int = 0
    faults: list[str] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)


def audit(session: Session) -> Audit:
    """Every chain followed from its first event, every case compared with its events, and the register."""
    found = Audit(faults=list(register.faults(session)))
    for case in session.scalars(select(Case).order_by(Case.id)):
        found.cases += 1
        found.heads[case.reference] = case.chain_head
        found.faults += [f"{case.reference}: {fault}" for fault in _faults_of(session, case, found)]
    return found


def _faults_of(session: Session, case: Case, found: Audit) -> Iterator[str]:
    number, head, state = 0, "", ""
    for event, answers in _events(session, case):
        number += 1
        found.events += 1
        if event.number != number:
            yield f"event {number} is missing."
            number = event.number
        if event.previous_hash != head or event.from_state != state:
            yield f"event {event.number} does not follow the one before it."
        if event.hash != seal(event, case.public_id):
            yield f"event {event.number} was changed after it was made."
        if answers is None or fingerprint(answers.salt, answers.content) != event.answers_fingerprint:
            found.taken_out += 1
        head, state = event.hash, event.to_state
    if (case.chain_head, case.event_count) != (head, number):
        yield "its latest events are missing."
    if case.state != state:
        yield f"it stands at “{case.state}”, but its events lead to “{state}”."


def exported(session: Session) -> Iterator[dict[str, Any]]:
    """Every event with all that its hash is made of, but what was answered; case by case, in order."""
    for case in session.scalars(select(Case).order_by(Case.id)):
        for event, _ in _events(session, case):
            yield {
                "reference": case.reference,
                "case": case.public_id,
                "number": event.number,
                "trigger": event.trigger,
                "from": event.from_state,
                "to": event.to_state,
                "subject": [event.subject_kind, event.subject_id],
                "actor": event.actor_id,
                "acting_as": event.acting_as,
                "at": event.at.isoformat(),
                "answers": event.answers_fingerprint,
                "previous": event.previous_hash,
                "hash": event.hash,
            }


def _events(session: Session, case: Case) -> list[tuple[CaseEvent, Answers | None]]:
    rows = session.execute(
        select(CaseEvent, Answers)
        .outerjoin(Answers, Answers.event_id == CaseEvent.id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.number)
    )
    return [(event, answers) for event, answers in rows]
