"""What comes back: not involved, in an archive, a part, a return and its sign-off, one entered on behalf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import func, select

from reviewflow.casefile.record import Act, Refused
from reviewflow.casefile.tables import CaseEvent
from reviewflow.documents import Document
from reviewflow.requests.asking import actor_id, day_in, subject, touched
from reviewflow.requests.tables import ChronologyRow, InformationRequest, Return, Standing
from reviewflow.working_days import from_london, london_date

DECISION_FORM = "recommendation"

PARTS = {
    "summary": "What the agency knew and did",
    "sources": "Records looked in",
    "working_well": "What worked well",
    "worried_about": "What worries the agency",
    "why": "Why it happened that way",
    "action_taken": "Action already taken",
    "voice_of_the_child": "Voice and lived experience of the child",
    "identity_and_culture": "Identity and culture",
    "parallel_processes": "Parallel processes",
    "still_to_come": "Still to come",
}
"""What a return may say besides its chronology, with its heading."""


def record_not_involved(act: Act) -> None:
    """Afterwards the request is settled: that the agency was not involved is a result."""
    request = subject(act)
    _settle(act, request, Standing.NOT_INVOLVED)


def record_archived_records(act: Act) -> None:
    """Afterwards it is known when the file was asked for and when it is expected."""
    request = subject(act)
    request.archive_asked_on = day_in(act, "asked_on")
    request.archive_expected_on = day_in(act, "expected_on")
    touched(request)


def record_secured_records(act: Act) -> None:
    """Afterwards it is known who secured the agency's records, and when."""
    request = subject(act)
    request.secured_by, request.secured_on = act.answers["secured_by"], day_in(act, "secured_on")
    touched(request)


def record_partial_return(act: Act) -> None:
    """Afterwards a part of the return is there to read; the rest is still owed."""
    request = subject(act)
    _receive(act, request, is_partial=True)
    request.standing = Standing.PART_RETURNED
    request.rest_expected_on = day_in(act, "rest_expected_on")
    touched(request)


def record_agency_return(act: Act) -> None:
    """Afterwards the return waits for its senior sign-off; only the agency reads it until then."""
    request = subject(act)
    _receive(act, request, is_partial=False)
    request.standing = Standing.AWAITING_SIGN_OFF
    touched(request)


def record_return_sign_off(act: Act) -> None:
    """Afterwards the return is in, signed by a second person, and says whether it came late."""
    request = subject(act)
    latest = _latest(act, request)
    latest.signed_off_by_id, latest.signed_off_at = actor_id(act), act.now
    latest.signed_off_name = act.actor.name if act.actor else None
    latest.is_late = _is_late(act, request)
    latest.after_decision = decision_stands(act)
    _settle(act, request, Standing.RETURNED)


def record_return_sent_back(act: Act) -> None:
    """Afterwards the request is open again, with the senior lead's reasons beside what was written."""
    request = subject(act)
    _latest(act, request).sent_back_reason = act.answers["reason"]
    request.standing = Standing.PART_RETURNED if _has_part(act, request) else Standing.ASKED
    touched(request)


def record_return_on_behalf(act: Act) -> None:
    """Afterwards the return that came on paper is in, with its original and the name of who signed it."""
    request = subject(act)
    original = act.session.scalar(
        select(Document).where(Document.public_id == act.answers["original"], Document.case_id == act.case.id)
    )
    if original is None:
        raise Refused("Attach the return as the agency sent it.")
    row = _receive(act, request, is_partial=False)
    row.on_behalf, row.original_document_id = True, original.id
    row.signed_off_name = act.answers["signed_by"]
    row.signed_off_at = _noon(day_in(act, "signed_on") or london_date(act.now))
    original.agency_id = request.agency_id
    _settle(act, request, Standing.RETURNED)


def decision_stands(act: Act) -> bool:
    """Whether the sub-committee has recommended and the case has not gone back to the decision since.

    What comes in then is read and marked, and changes nothing that was decided.
    """
    deciding = [one for one in act.definition.triggers.values() if one.form == DECISION_FORM]
    if not deciding:
        return False
    last = select(func.max(CaseEvent.number)).where(CaseEvent.case_id == act.case.id)
    decided = last.where(CaseEvent.trigger.in_([one.name for one in deciding])).scalar_subquery()
    sources = {state for one in deciding for state in one.sources}
    reopened = last.where(
        CaseEvent.to_state.in_(sources), CaseEvent.from_state != CaseEvent.to_state
    ).scalar_subquery()
    row = act.session.execute(select(decided, reopened)).one()
    return row[0] is not None and row[0] > (row[1] or 0)


def _receive(act: Act, request: InformationRequest, *, is_partial: bool) -> Return:
    number = act.session.scalar(select(func.count(Return.id)).where(Return.request_id == request.id))
    row = Return(
        request_id=request.id,
        number=(number or 0) + 1,
        is_partial=is_partial,
        content={name: act.answers[name] for name in PARTS if act.answers.get(name)},
        written_by_id=actor_id(act),
        received_at=act.now,
        is_late=_is_late(act, request),
        after_decision=decision_stands(act),
        event_id=act.event.id,
    )
    act.session.add(row)
    act.session.flush()
    act.session.add_all(_chronology(act, request, row))
    return row


def _chronology(act: Act, request: InformationRequest, row: Return) -> Sequence[ChronologyRow]:
    """The lines of a return, each once: what an earlier part said already stays there."""
    said = set(
        act.session.execute(
            select(ChronologyRow.on, ChronologyRow.at_time, ChronologyRow.event)
            .join(Return, Return.id == ChronologyRow.return_id)
            .where(Return.request_id == request.id, Return.is_partial)
        ).all()
    )
    rows = [
        ChronologyRow(
            case_id=act.case.id,
            return_id=row.id,
            agency_id=request.agency_id,
            on=date.fromisoformat(one["on"]),
            at_time=one.get("at_time") or "",
            source=one.get("source") or "",
            event=one["event"],
            response=one.get("response") or "",
            child_seen=one.get("child_seen") or "",
        )
        for one in act.answers.get("chronology") or ()
    ]
    return [one for one in rows if (one.on, one.at_time, one.event) not in said]


def _latest(act: Act, request: InformationRequest) -> Return:
    return act.session.scalars(
        select(Return).where(Return.request_id == request.id).order_by(Return.number.desc()).limit(1)
    ).one()


def _has_part(act: Act, request: InformationRequest) -> bool:
    found = act.session.scalar(
        select(Return.id).where(Return.request_id == request.id, Return.is_partial).limit(1)
    )
    return found is not None


def _is_late(act: Act, request: InformationRequest) -> bool:
    return london_date(act.now) > request.due_on


def _settle(act: Act, request: InformationRequest, standing: Standing) -> None:
    request.standing = standing
    request.settled_at = act.now
    request.is_late = _is_late(act, request)
    touched(request)


def _noon(day: date) -> datetime:
    """A moment that is on `day` in London: of what was signed on paper, only the day is known."""
    return from_london(datetime.combine(day, time(12)))
