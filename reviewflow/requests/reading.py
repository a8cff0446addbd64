"""What is read of requests: how each stands, what came back, what was promised, what happened about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from reviewflow.casefile.tables import CaseEvent
from reviewflow.documents import Document
from reviewflow.people import Person
from reviewflow.requests.returns import PARTS
from reviewflow.requests.tables import CHILD_SEEN, Chase, ChronologyRow, InformationRequest, Return


@dataclass(frozen=True)
class Line:
    """One line of one agency's chronology."""

    on: date
    at_time: str
    source: str
    event: str
    response: str
    child_seen: str

    @property
    def child_seen_words(self) -> str:
        """Whether the child was seen or heard, in words."""
        return CHILD_SEEN.get(self.child_seen, "")


@dataclass(frozen=True)
class Sent:
    """A return as it was sent: what it says, who wrote it, who signed it or sent it back, and its lines."""

    number: int
    is_partial: bool
    content: Mapping[str, Any]
    written_by: str
    received_at: datetime
    on_behalf: bool
    original: str | None
    signed_off_name: str | None
    signed_off_at: datetime | None
    sent_back_reason: str | None
    is_late: bool
    after_decision: bool
    lines: tuple[Line, ...]

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What it says, each with its heading."""
        return [(title, self.content[name]) for name, title in PARTS.items() if self.content.get(name)]

    @property
    def is_in(self) -> bool:
        """Whether it has come in: a part at once, a whole return once it is signed off."""
        return self.is_partial or self.signed_off_at is not None

    def answers(self) -> dict[str, Any]:
        """The answers it was made of, to begin again with."""
        lines = [
            {
                "on": one.on.isoformat(),
                "at_time": one.at_time,
                "source": one.source,
                "event": one.event,
                "response": one.response,
                "child_seen": one.child_seen,
            }
            for one in self.lines
        ]
        return dict(self.content) | {"chronology": lines}


@dataclass(frozen=True)
class Chased:
    """A chase as the coordinator noted it."""

    at: datetime
    by: str
    how: str
    note: str
    promised_on: date | None


@dataclass(frozen=True)
class Happened:
    """An act about a request."""

    trigger: str
    at: datetime
    by: str
    by_agency_id: int | None


def requests_of(session: Session, case_id: int, agency_id: int | None = None) -> Sequence[InformationRequest]:
    """The requests of a case with their agencies, in the order they were asked; of one agency where named."""
    query = (
        select(InformationRequest)
        .where(InformationRequest.case_id == case_id)
        .options(joinedload(InformationRequest.agency))
        .order_by(InformationRequest.asked_at, InformationRequest.id)
    )
    if agency_id is not None:
        query = query.where(InformationRequest.agency_id == agency_id)
    return session.scalars(query).all()


def returns_of(session: Session, request_id: int) -> list[Sent]:
    """Everything an agency has sent on a request, the first first; two queries."""
    return _sent(session, _returns().where(Return.request_id == request_id).order_by(Return.number))


def latest_return(session: Session, request_id: int) -> Sent | None:
    """The last thing an agency has sent on a request."""
    query = _returns().where(Return.request_id == request_id).order_by(Return.number.desc()).limit(1)
    return next(iter(_sent(session, query)), None)


def _returns() -> Select[Return, str, str]:
    return (
        select(Return, Person.name, Document.public_id)
        .join(Person, Person.id == Return.written_by_id)
        .outerjoin(Document, Document.id == Return.original_document_id)
    )


def _sent(session: Session, query: Select[Return, str, str]) -> list[Sent]:
    found = session.execute(query).all()
    rows = session.scalars(
        select(ChronologyRow)
        .where(ChronologyRow.return_id.in_([one.id for one, _, _ in found]))
        .order_by(ChronologyRow.on, ChronologyRow.at_time, ChronologyRow.id)
    ).all()
    return [
        Sent(
            number=one.number,
            is_partial=one.is_partial,
            content=one.content,
            written_by=name,
            received_at=one.received_at,
            on_behalf=one.on_behalf,
            original=original,
            signed_off_name=one.signed_off_name,
            signed_off_at=one.signed_off_at,
            sent_back_reason=one.sent_back_reason,
            is_late=one.is_late,
            after_decision=one.after_decision,
            lines=tuple(_line(row) for row in rows if row.return_id == one.id),
        )
        for one, name, original in found
    ]


def _line(row: ChronologyRow) -> Line:
    return Line(row.on, row.at_time, row.source, row.event, row.response, row.child_seen)


def chases_of(session: Session, request_id: int) -> list[Chased]:
    """Every chase noted on a request, the latest first."""
    rows = session.execute(
        select(Chase, Person.name)
        .join(Person, Person.id == Chase.by_id)
        .where(Chase.request_id == request_id)
        .order_by(Chase.at.desc(), Chase.id.desc())
    )
    return [Chased(one.at, name, one.how, one.note, one.promised_on) for one, name in rows]


def happened(session: Session, request: InformationRequest) -> list[Happened]:
    """Every act about a request, the latest first."""
    rows = session.execute(
        select(CaseEvent.trigger, CaseEvent.at, Person.name, Person.agency_id)
        .outerjoin(Person, Person.id == CaseEvent.actor_id)
        .where(CaseEvent.case_id == request.case_id, CaseEvent.subject_id == request.public_id)
        .order_by(CaseEvent.number.desc())
    )
    return [Happened(trigger, at, name or "The service", agency) for trigger, at, name, agency in rows]
