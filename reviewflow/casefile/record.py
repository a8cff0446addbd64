"""The record of a case: events one after another, each sealed with the one before; facts; who took part."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from reviewflow.casefile.tables import Answers, Case, CaseEvent, Fact, Participation
from reviewflow.db import table_of
from reviewflow.people import Person
from reviewflow.workflow.definition import Definition, Trigger
from reviewflow.working_days import Calendar


class Refused(Exception):
    """What was asked for cannot be done now; each reason is a sentence for the person who asked."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons: Sequence[str] = reasons


class NotYours(Refused):
    """The person does not hold a role that may do this."""


class MovedOn(Refused):
    """Somebody else was first: what the person saw is no longer how things are."""


def fingerprint(salt: str, answers: Mapping[str, Any]) -> str:
    """The salted SHA-256 of some answers, by which the event knows them without holding them."""
    return hashlib.sha256((salt + _canonical(answers)).encode()).hexdigest()


def seal(event: CaseEvent, case_public_id: str) -> str:
    """The hash of an event: over everything it says, and over the hash of the event before it."""
    said = {
        "case": case_public_id,
        "number": event.number,
        "trigger": event.trigger,
        "from": event.from_state,
        "to": event.to_state,
        "subject": [event.subject_kind, event.subject_id],
        "actor": event.actor_id,
        "acting_as": event.acting_as,
        "at": event.at.astimezone(UTC).isoformat(),
        "answers": event.answers_fingerprint,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(_canonical(said).encode()).hexdigest()


_LOCKED = (
    select(Case)
    .where(Case.public_id == bindparam("case"))
    .with_for_update()
    .execution_options(populate_existing=True)  # what was read before the lock may be out of date
)
_DONE_FROM = select(CaseEvent.id).where(
    CaseEvent.case_id == bindparam("case"), CaseEvent.sent_from == bindparam("page")
)
_SAID = tuple(column.name for column in table_of(CaseEvent).columns if column.name != "id")
_EVENT = insert(table_of(CaseEvent)).returning(table_of(CaseEvent).c.id)
_ANSWERS = insert(table_of(Answers))
_PARTICIPATION = insert(table_of(Participation))


def lock(session: Session, public_id: str) -> Case | None:
    """The case as it is now; nobody else changes it until this transaction ends."""
    return session.scalar(_LOCKED, {"case": public_id})


def is_done_from(session: Session, case: Case, page: str) -> bool:
    """Whether something was done in the case from this very page: then it was sent twice."""
    return session.scalar(_DONE_FROM, {"case": case.id, "page": page}) is not None


def append(session: Session, case: Case, event: CaseEvent, answers: Mapping[str, Any]) -> CaseEvent:
    """Afterwards `event` is the latest of the case, sealed, with its answers beside it.

    The case must be locked by this transaction, so that numbers and hashes follow one another. The event
    is written and then only read: the session doesn't keep it.
    """
    salt = secrets.token_hex(16)
    event.case_id = case.id
    event.number = case.event_count + 1
    event.previous_hash = case.chain_head
    event.answers_fingerprint = fingerprint(salt, answers)
    event.hash = seal(event, case.public_id)
    case.event_count = event.number
    case.chain_head = event.hash
    said = {name: getattr(event, name) for name in _SAID}
    event.id = session.execute(_EVENT, said).scalar_one()
    session.execute(_ANSWERS, {"event_id": event.id, "salt": salt, "content": dict(answers)})
    return event


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Act:
    """What is being done, as the rooms that write its rows are told of it.

    `answers` are those that lie beside the event; `apart` those that never do, because they say who a
    child is. `facts` are the facts of the case that now hold; `set_fact` keeps them in step.
    """

    session: Session
    definition: Definition
    case: Case
    event: CaseEvent
    actor: Person | None
    answers: Mapping[str, Any]
    now: datetime
    calendar: Calendar
    facts: dict[str, str]
    apart: Mapping[str, Any] = field(default_factory=dict)

    @property
    def trigger(self) -> str:
        """The trigger being done."""
        return self.event.trigger

    @property
    def step(self) -> Trigger:
        """The definition's own words for it. Raises LookupError for the opening, which has none."""
        step = self.definition.act(self.trigger)
        if step is None:
            raise LookupError(self.trigger)
        return step

    @property
    def subject_id(self) -> str:
        """The public id of what the act is about; empty when it is about the case alone."""
        return self.event.subject_id or ""


def set_fact(act: Act, name: str, value: str) -> None:
    """Afterwards `name` has `value` in this case; an earlier value stays on the record as superseded."""
    if act.facts.get(name) == value:
        return
    fact = Fact(case_id=act.case.id, name=name, value=value, event_id=act.event.id)
    act.session.add(fact)
    act.session.flush()
    if name in act.facts:
        act.session.execute(
            update(Fact)
            .where(
                Fact.case_id == act.case.id,
                Fact.name == name,
                Fact.superseded_by_id.is_(None),
                Fact.id != fact.id,
            )
            .values(superseded_by_id=fact.id)
        )
    act.facts[name] = value


def take_part(act: Act, capacity: str, person_id: int, agency_id: int | None) -> None:
    """Afterwards the record says that this person, of this agency, took part in this capacity."""
    act.session.execute(
        _PARTICIPATION,
        {
            "case_id": act.case.id,
            "person_id": person_id,
            "agency_id": agency_id,
            "capacity": capacity,
            "event_id": act.event.id,
        },
    )
