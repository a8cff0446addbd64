"""What the ratifier's page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from reviewflow import clocks
from reviewflow.acts import Subject
from reviewflow.documents import Document, Making
from reviewflow.duties.plan import plan, progress
from reviewflow.people import Person
from reviewflow.ratification import (
    OUTCOMES,
    Decision,
    Outcome,
    Ratification,
    RatifierQuestion,
    Recommendation,
    ReportRead,
    Standing,
    latest_recommendation,
)
from reviewflow.reports import PART_TITLES
from reviewflow.situation import roles_in
from reviewflow.web.case_file import CaseFile
from reviewflow.web.page import Link, Page
from reviewflow.web.read.offers import Offer, Offers, offers_in
from reviewflow.web.read.strips import plan_words
from reviewflow.workflow.definition import Definition
from reviewflow.working_days import london_date

OF_A_RATIFIER = ("ratification", "return_with_reasons", "question", "standing_aside")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question of the ratifier, and its answer."""

    question: str
    by: str
    at: datetime
    answer: str
    answered_by: str
    acts: Sequence[Link]


@dataclass(frozen=True, kw_only=True)
class Round:
    """One recommendation and what became of it."""

    title: str
    outcome: str
    at: datetime
    standing: str
    tone: str
    decided_by: str
    decided_at: datetime | None
    reasons: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class RatificationPage(Page):
    """What waits for the ratifier: the recommendation, its report, the questions, the rounds before."""

    outcome: str = ""
    reason: str = ""
    standing: str = ""
    waits: bool = False
    limit: str = ""
    report: str = ""
    report_sha256: str = ""
    report_standing: str = ""
    read_at: datetime | None = None
    source: Mapping[str, Any] | None = None
    offers: Sequence[Offer] = ()
    questions: Sequence[Asked] = ()
    rounds: Sequence[Round] = ()
    certificate: str = ""


def ratification_page(file: CaseFile, definition: Definition, now: datetime) -> RatificationPage:
    """The latest recommendation of the case as it stands for the person who is asking."""
    session, base = file.session, f"/cases/{file.case.public_id}"
    heading: dict[str, Any] = {
        "name": "ratification",
        "title": "Ratification",
        "caption": file.case.reference,
        "back": Link(text="Back to the case", href=base),
        "limit": _limit(file, definition, now),
    }
    recommendation = latest_recommendation(session, file.case.id)
    if recommendation is None:
        return RatificationPage(**heading)
    offers = offers_in(session, file, definition, roles_in(session, file.case, file.person, now), now)
    report = session.get(Document, recommendation.report_id or 0)
    decided = session.scalar(select(Ratification).where(Ratification.recommendation_id == recommendation.id))
    certificate = session.get(Document, (decided and decided.certificate_id) or 0)
    return RatificationPage(
        **heading,
        outcome=OUTCOMES[Outcome(recommendation.content["outcome"])],
        reason=recommendation.content["reason"],
        standing=recommendation.standing,
        waits=recommendation.standing == Standing.BEFORE_THE_RATIFIER,
        report=_link(base, report),
        report_sha256=(report and report.sha256) or "",
        report_standing=report.making if report else "",
        read_at=_read_at(file, report),
        source=report.source if report else None,
        offers=[one for one in offers.of_case() if definition.triggers[one.trigger].form in OF_A_RATIFIER],
        questions=list(_questions(file, recommendation, offers)),
        rounds=list(_rounds(file)),
        certificate=_link(base, certificate),
    )


def _limit(file: CaseFile, definition: Definition, now: datetime) -> str:
    """The limit that ends first, in words."""
    for clock in clocks.running(file.session, [file.case.id]):
        if clock.name in definition.clocks:
            seen = progress(file.session, [file.case.id])[file.case.id]
            rule, calendar = definition.clocks[clock.name], clocks.calendar(file.session)
            running = plan(clock, rule, seen, london_date(now), calendar)
            return f"{rule.title}. {plan_words(running)}"
    return ""


def _link(base: str, document: Document | None) -> str:
    made = document is not None and document.making == Making.MADE
    return f"{base}/documents/{document.public_id}" if made and document else ""


def _read_at(file: CaseFile, report: Document | None) -> datetime | None:
    """When the person who is asking opened exactly this report."""
    return file.session.scalar(
        select(ReportRead.at).where(
            ReportRead.document_id == (report.id if report else 0), ReportRead.person_id == file.person.id
        )
    )


def _questions(file: CaseFile, recommendation: Recommendation, offers: Offers) -> Iterator[Asked]:
    rows = file.session.scalars(
        select(RatifierQuestion)
        .where(RatifierQuestion.recommendation_id == recommendation.id)
        .order_by(RatifierQuestion.id)
    ).all()
    names = _names(file, [one.asked_by_id for one in rows] + [one.answered_by_id for one in rows])
    for one in rows:
        yield Asked(
            question=one.question,
            by=names[one.asked_by_id],
            at=one.asked_at,
            answer=one.answer or "",
            answered_by=names.get(one.answered_by_id or 0, ""),
            acts=() if one.answer else offers.about(Subject.QUESTION, one.public_id),
        )


def _rounds(file: CaseFile) -> Iterator[Round]:
    rows = file.session.execute(
        select(Recommendation, Ratification)
        .outerjoin(Ratification, Ratification.recommendation_id == Recommendation.id)
        .where(Recommendation.case_id == file.case.id)
        .order_by(Recommendation.number.desc())
    ).all()
    names = _names(file, [decided.by_id for _, decided in rows if decided])
    tones = {Standing.RATIFIED: "done", Standing.RETURNED: "late", Standing.BEFORE_THE_RATIFIER: "now"}
    for made, decided in rows:
        returned = decided is not None and decided.decision == Decision.RETURNED
        yield Round(
            title=f"Round {made.number}",
            outcome=OUTCOMES[Outcome(made.content["outcome"])],
            at=made.at,
            standing=made.standing.capitalize(),
            tone=tones.get(Standing(made.standing), "waiting"),
            decided_by=names[decided.by_id] if decided else "",
            decided_at=decided.at if decided else None,
            reasons=[(PART_TITLES.get(one["part"], one["part"]), one["reason"]) for one in decided.reasons]
            if returned and decided
            else [],
        )


def _names(file: CaseFile, ids: Sequence[int | None]) -> dict[int, str]:
    wanted = {one for one in ids if one is not None}
    rows = file.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {person_id: name for person_id, name in rows}  # noqa: C416
