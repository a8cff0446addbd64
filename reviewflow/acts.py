"""The table of forms: which room records what each one says, what it is about, and in which capacity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import clocks
from reviewflow.actions import Action
from reviewflow.casefile.record import Act, append, take_part
from reviewflow.casefile.tables import Case, CaseEvent
from reviewflow.meetings import Meeting
from reviewflow.people import Person
from reviewflow.ratification import RatifierQuestion, Recommendation
from reviewflow.requests import InformationRequest, asking, returns
from reviewflow.situation import facts_of
from reviewflow.workflow.definition import Definition

Record = Callable[[Act], None]


class Subject(StrEnum):
    """What an act may be about, besides its case."""

    REQUEST = "request"
    ACTION = "action"
    MEETING = "meeting"
    QUESTION = "question"


@dataclass(frozen=True)
class FormRule:
    """What the engine knows of a form: the rest is between its page and its room.

    `choices` are the answers a definition may go by; `sets` the facts the form establishes.
    """

    record: Record | None = None
    about: Subject | None = None
    capacity: str = "acted"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sets: tuple[str, ...] = ()


NO_FORM = FormRule()
"""For a trigger with no form of its own: local questions, or none at all."""

_ABOUT_A_REQUEST: dict[str, tuple[Record, str]] = {
    "not_involved": (returns.record_not_involved, "said that the agency was not involved"),
    "archived_records": (returns.record_archived_records, "asked for archived records"),
    "secured_records": (returns.record_secured_records, "secured records"),
    "partial_return": (returns.record_partial_return, "wrote a return"),
    "agency_return": (returns.record_agency_return, "wrote a return"),
    "return_sign_off": (returns.record_return_sign_off, "signed a return"),
    "return_sent_back": (returns.record_return_sent_back, "sent a return back"),
    "return_on_behalf": (returns.record_return_on_behalf, "entered a return"),
    "chase": (asking.record_chase, "chased an agency"),
    "gone_without": (asking.record_gone_without, "went on without an agency"),
}

FORMS: dict[str, FormRule] = {
    "asked_agencies": FormRule(capacity="asked agencies"),
    "shared_pack": FormRule(
        record=asking.record_shared_pack, capacity="shared the pack", sets=(asking.SHARED_ON,)
    ),
    **{
        name: FormRule(record=record, about=Subject.REQUEST, capacity=capacity)
        for name, (record, capacity) in _ABOUT_A_REQUEST.items()
    },
}

DOCUMENTS: dict[str, Record] = {}
"""What the service can make: for each kind, the function that asks for it with its text fixed."""

Anything = InformationRequest | Action | Meeting | RatifierQuestion


def begin(
    session: Session,
    definition: Definition,
    case: Case,
    event: CaseEvent,
    actor: Person | None,
    answers: Mapping[str, Any],
    now: datetime,
) -> Act:
    """Append the event to the locked case; the act that the rooms are told of."""
    append(session, case, event, answers)
    calendar, facts = clocks.calendar(session), facts_of(session, case.id)
    return Act(session, definition, case, event, actor, answers, now, calendar, facts)


def carry_out(act: Act, form: FormRule) -> None:
    """The room that owns the form writes its rows, who took part is noted, and the clocks follow."""
    if form.record:
        form.record(act)
    if act.actor is not None:
        take_part(act, form.capacity, act.actor.id, act.actor.agency_id)
    act.case.next_due_at = clocks.keep(act)
    act.case.look_again_at = act.now


def subject_of(session: Session, case: Case, kind: Subject, subject_id: str) -> Anything | None:
    """The row an act is about, if there is one of this kind with this public id in the case."""
    if kind is Subject.QUESTION:
        return session.scalar(
            select(RatifierQuestion)
            .join(Recommendation, Recommendation.id == RatifierQuestion.recommendation_id)
            .where(RatifierQuestion.public_id == subject_id, Recommendation.case_id == case.id)
        )
    if kind is Subject.REQUEST:
        return session.scalar(
            select(InformationRequest).where(
                InformationRequest.public_id == subject_id, InformationRequest.case_id == case.id
            )
        )
    if kind is Subject.MEETING:
        return session.scalar(
            select(Meeting).where(Meeting.public_id == subject_id, Meeting.case_id == case.id)
        )
    return session.scalar(select(Action).where(Action.public_id == subject_id, Action.case_id == case.id))
