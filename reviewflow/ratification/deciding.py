"""What is recommended, and what the ratifier makes of it: ratified, returned, asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow.casefile.record import Act, MovedOn, Refused, set_fact
from reviewflow.casefile.tables import Conflict
from reviewflow.documents import Document, Making
from reviewflow.people import Agency, Person
from reviewflow.ratification import (
    Decision,
    Ratification,
    RatifierQuestion,
    Recommendation,
    ReportRead,
    Standing,
    latest_analysis,
    latest_recommendation,
)
from reviewflow.working_days import london_date


def record_recommendation(act: Act) -> None:
    """Afterwards there is a recommendation with its reasons, before the ratifier once its report is made.

    Every criterion of the edition in force is kept in its words, with the answer and the reason. Raises
    Refused for a criterion without an answer, and for an agency that is not known.
    """
    analysis = latest_analysis(act.session, act.case.id)
    earlier = act.session.scalar(
        select(func.max(Recommendation.number)).where(Recommendation.case_id == act.case.id)
    )
    said = act.answers
    kept = (
        "outcome",
        "reason",
        "views",
        "dissent",
        "national_review_considered",
        "national_review_reason",
        "equality",
    )
    content = {name: said.get(name) or "" for name in kept}
    act.session.add(
        Recommendation(
            case_id=act.case.id,
            number=(earlier or 0) + 1,
            content=content
            | {
                "analysis": analysis.number if analysis else None,
                "edition": act.definition.edition.title if act.definition.edition else "",
                "criteria": _criteria(act),
            },
            under_scrutiny=_agencies(act, said.get("under_scrutiny") or []),
            event_id=act.event.id,
            at=act.now,
        )
    )
    act.session.flush()
    set_fact(act, "recommended_on", london_date(act.now).isoformat())


def _criteria(act: Act) -> list[dict[str, str]]:
    """Each criterion of the edition in force: its words, whether it is met, and why."""
    edition, given = act.definition.edition, act.answers.get("criteria") or {}
    if edition is None:
        return []
    if missing := [words for name, words in edition.criteria.items() if name not in given]:
        raise Refused(*(f"Say whether this criterion is met, and why: {words}" for words in missing))
    return [
        {"name": name, "says": words, "met": given[name]["met"], "reason": given[name]["reason"]}
        for name, words in edition.criteria.items()
    ]


def _agencies(act: Act, public_ids: Sequence[str]) -> list[int]:
    found = act.session.scalars(select(Agency.id).where(Agency.public_id.in_(public_ids))).all()
    if len(found) < len(set(public_ids)):
        raise Refused("An agency named as under scrutiny is not known here.")
    return sorted(found)


def record_taken_back(act: Act) -> None:
    """Afterwards the recommendation is nobody's to ratify; a report not yet made will not be."""
    recommendation = _before_the_ratifier(act)
    recommendation.standing = Standing.TAKEN_BACK
    report = act.session.get(Document, recommendation.report_id or 0)
    if report is not None and report.making in (Making.ASKED_FOR, Making.FAILED):
        report.making = Making.DROPPED


def record_ratification(act: Act) -> None:
    """Afterwards the recommendation is ratified, bound to the bytes of the report that was read."""
    recommendation = _before_the_ratifier(act)
    _decide(act, recommendation, Decision.RATIFIED)
    recommendation.standing = Standing.RATIFIED
    act.session.flush()
    set_fact(act, "ratified_on", london_date(act.now).isoformat())


def record_return(act: Act) -> None:
    """Afterwards the recommendation has gone back, each reason tied to a part of the report."""
    recommendation = _before_the_ratifier(act)
    _decide(act, recommendation, Decision.RETURNED, act.answers["reasons"])
    recommendation.standing = Standing.RETURNED


def record_question(act: Act) -> None:
    """Afterwards the ratifier waits for an answer; the recommendation stays before them."""
    act.session.add(
        RatifierQuestion(
            recommendation_id=_before_the_ratifier(act).id,
            question=act.answers["question"],
            asked_by_id=_actor(act).id,
            asked_at=act.now,
        )
    )


def record_question_answer(act: Act) -> None:
    """Afterwards the question has its answer. Raises MovedOn when it was answered before."""
    question = act.session.scalars(
        select(RatifierQuestion).where(RatifierQuestion.public_id == act.subject_id)
    ).one()
    if question.answer is not None:
        raise MovedOn("Somebody else has answered this question. What you typed is kept.")
    question.answer = act.answers["answer"]
    question.answered_by_id = _actor(act).id
    question.answered_at = act.now


def record_standing_aside(act: Act) -> None:
    """Afterwards the ratifier has declared that they cannot decide here, and the alternate is needed."""
    actor = _actor(act)
    declared = select(Conflict.id).where(Conflict.case_id == act.case.id, Conflict.person_id == actor.id)
    if act.session.scalar(declared) is not None:
        raise Refused("You have already stood aside, or declared a conflict of interest in this case.")
    act.session.add(
        Conflict(
            case_id=act.case.id,
            person_id=actor.id,
            reason=act.answers["reason"],
            event_id=act.event.id,
        )
    )
    act.session.flush()


def _decide(
    act: Act, recommendation: Recommendation, decision: Decision, reasons: Sequence[Any] = ()
) -> None:
    """Write the decision, once, on the report with the bytes that were read."""
    sha256 = act.session.scalar(select(Document.sha256).where(Document.id == recommendation.report_id))
    if sha256 is None:
        raise Refused("The report has not been made yet.")
    if act.answers.get("report_sha256") not in (None, sha256):
        raise MovedOn("There is a newer version of the report than the one you read. Read it first.")
    act.session.add(
        Ratification(
            recommendation_id=recommendation.id,
            decision=decision,
            by_id=_actor(act).id,
            acting_as=act.event.acting_as,
            at=act.now,
            report_sha256=sha256,
            reasons=list(reasons),
            event_id=act.event.id,
        )
    )
    act.session.flush()


def _before_the_ratifier(act: Act) -> Recommendation:
    recommendation = latest_recommendation(act.session, act.case.id)
    if recommendation is None or recommendation.standing != Standing.BEFORE_THE_RATIFIER:
        raise MovedOn("No recommendation of this case waits for ratification any more.")
    return recommendation


def _actor(act: Act) -> Person:
    if act.actor is None:
        raise Refused("The service does not decide.")
    return act.actor


def note_report_read(session: Session, document: Document, person: Person, now: datetime) -> None:
    """Afterwards it is on record that `person` opened exactly these bytes, if they are those of a report."""
    if document.kind != "report":
        return
    # Two openings at once wait for each other here, so that the second finds the note of the first.
    session.execute(select(Document.id).where(Document.id == document.id).with_for_update())
    read = select(ReportRead.id).where(
        ReportRead.document_id == document.id, ReportRead.person_id == person.id
    )
    if session.scalar(read) is None:
        session.add(ReportRead(document_id=document.id, person_id=person.id, at=now))
