"""Recommendations and their ratification: nobody decides alone, and only what was read is ratified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from reviewflow.db import Base, one_of, public_id
from reviewflow.documents import Document


class Standing(StrEnum):
    """How a recommendation stands."""

    BEFORE_THE_RATIFIER = "before the ratifier"
    RATIFIED = "ratified"
    RETURNED = "returned"
    TAKEN_BACK = "taken back"


class Decision(StrEnum):
    """What a ratifier may decide."""

    RATIFIED = "ratified"
    RETURNED = "returned"


class Outcome(StrEnum):
    """What the sub-committee may recommend."""

    NO_FURTHER_REVIEW = "no_further_review"
    LEARNING_REVIEW = "learning_review"
    PRACTICE_REVIEW = "practice_review"
    NATIONAL_REVIEW = "national_review"
    SINGLE_AGENCY_ACTION = "single_agency_action"
    NOT_A_SERIOUS_INCIDENT = "not_a_serious_incident"


OUTCOMES: Mapping[str, str] = {
    Outcome.NO_FURTHER_REVIEW: "No further review: the rapid review has found the learning",
    Outcome.LEARNING_REVIEW: "A learning review",
    Outcome.PRACTICE_REVIEW: "A local child safeguarding practice review",
    Outcome.NATIONAL_REVIEW: "Suggest a national review to the Panel",
    Outcome.SINGLE_AGENCY_ACTION: "Action by a single agency only",
    Outcome.NOT_A_SERIOUS_INCIDENT: "Not a serious child safeguarding incident after all",
}
"""The outcomes as people read them."""


class View(StrEnum):
    """What a statutory partner thinks of a recommendation."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    NO_VIEW = "no_view"


VIEWS: Mapping[str, str] = {
    View.AGREES: "Agrees",
    View.DISAGREES: "Does not agree",
    View.NO_VIEW: "Gave no view",
}

PARTS = {
    "facts": "The facts as established",
    "key_episodes": "Key practice episodes",
    "analysis": "Analysis",
    "identity_and_culture": "Identity and inequality: race, culture, disability",
    "voice_of_the_child": "The child's voice and daily life",
    "good_practice": "Good practice",
    "learning": "Immediate learning",
    "panel_challenge": "The Panel's challenge and the partners' answer",
}
"""The parts of the analysis that are written; the meeting's answers come before them, untouched."""


class Analysis(Base):
    """A version of the drafted analysis of a case."""

    __tablename__ = "analysis"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    at: Mapped[datetime]


class Comment(Base):
    """A comment on the drafted analysis."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    analysis_id: Mapped[int] = mapped_column(ForeignKey("analysis.id"))
    part: Mapped[str]
    text: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))


class Recommendation(Base):
    """What the sub-committee recommends, once, in fixed words; a second round is a second one."""

    __tablename__ = "recommendation"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        one_of("standing", Standing),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    standing: Mapped[str] = mapped_column(default=Standing.BEFORE_THE_RATIFIER)
    content: Mapped[dict[str, Any]]
    under_scrutiny: Mapped[list[Any]]
    report_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    at: Mapped[datetime]


class Ratification(Base):
    """A ratifier's decision on one recommendation, bound to the bytes they read."""

    __tablename__ = "ratification"
    __table_args__ = (
        UniqueConstraint("recommendation_id"),
        one_of("decision", Decision),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendation.id"))
    decision: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    acting_as: Mapped[str]
    at: Mapped[datetime]
    report_sha256: Mapped[str]
    reasons: Mapped[list[Any]]
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))


class RatifierQuestion(Base):
    """A question the ratifier asked without returning the recommendation, and its answer."""

    __tablename__ = "ratifier_question"
    __table_args__ = (Index("ix_ratifier_question_recommendation_id", "recommendation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendation.id"))
    question: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]


class ReportRead(Base):
    """Somebody opened exactly these bytes of a report."""

    __tablename__ = "report_read"
    __table_args__ = (UniqueConstraint("document_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


NO_PART = frozenset(
    {
        "referred",
        "gave a view on notifying",
        "decided on notifying",
        "added an action",
        "finished an action",
        "ratified",
        "returned",
        "asked a question",
        "stood aside",
        "declared a conflict",
    }
)
"""Capacities that are no part in what is ratified; whoever acted in any other may not ratify.

Named the safe way round: a capacity that a new definition brings counts as taking part.
"""


class _TookPart(Protocol):
    @property
    def person_id(self) -> int: ...
    @property
    def capacity(self) -> str: ...


def part_taken_by(person_id: int | None, participation: Iterable[_TookPart]) -> str | None:
    """Why this person may not ratify in view of what they did in the case; None when they may."""
    capacities = dict.fromkeys(
        part.capacity
        for part in participation
        if part.person_id == person_id and part.capacity not in NO_PART
    )
    if person_id is not None and not capacities:
        return None
    done = ", ".join(capacities) or "acted for the service"
    return f"You took part in this case ({done}), so another person has to decide on the recommendation."


def latest_analysis(session: Session, case_id: int) -> Analysis | None:
    """The draft as it stands."""
    return session.scalar(
        select(Analysis).where(Analysis.case_id == case_id).order_by(Analysis.number.desc()).limit(1)
    )


def latest_recommendation(session: Session, case_id: int) -> Recommendation | None:
    """The last round's recommendation, however it stands."""
    return session.scalar(
        select(Recommendation)
        .where(Recommendation.case_id == case_id)
        .order_by(Recommendation.number.desc())
        .limit(1)
    )


def report_waiting(session: Session, case_id: int) -> Document | None:
    """The report that waits for ratification, once it is made."""
    return session.scalar(
        select(Document)
        .join(Recommendation, Recommendation.report_id == Document.id)
        .where(
            Recommendation.case_id == case_id,
            Recommendation.standing == Standing.BEFORE_THE_RATIFIER,
            Document.sha256.is_not(None),
        )
    )
