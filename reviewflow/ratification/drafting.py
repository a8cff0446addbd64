"""The analysis of a case and what people say of its draft: each version is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow.casefile.record import Act, Refused, set_fact
from reviewflow.people import Person
from reviewflow.ratification import PARTS, Analysis, Comment, latest_analysis


def record_analysis(act: Act) -> None:
    """Afterwards there is a new version of the draft; the ones before it stay as they were."""
    latest = act.session.scalar(select(func.max(Analysis.number)).where(Analysis.case_id == act.case.id))
    act.session.add(
        Analysis(
            case_id=act.case.id,
            number=(latest or 0) + 1,
            content={part: act.answers.get(part) or "" for part in PARTS},
            written_by_id=_author(act),
            event_id=act.event.id,
            at=act.now,
        )
    )


def record_comments_asked(act: Act) -> None:
    """Afterwards it is known by which day comments on the draft are wanted."""
    set_fact(act, "comments_by_on", act.answers["by_on"])


def record_comment(act: Act) -> None:
    """Afterwards each comment stands beside the part of the present draft that it is about."""
    analysis = latest_analysis(act.session, act.case.id)
    if analysis is None:
        raise Refused("The analysis has not been drafted yet, so there is nothing to comment on.")
    for one in act.answers["comments"]:
        act.session.add(
            Comment(
                case_id=act.case.id,
                analysis_id=analysis.id,
                part=one["part"],
                text=one["text"],
                by_id=_author(act),
                at=act.now,
                event_id=act.event.id,
            )
        )


@dataclass(frozen=True)
class CommentMade:
    """A comment as people read it: whose it is, when it was made, and on which version of the draft."""

    by: str
    agency: str
    at: datetime
    version: int
    text: str


def comments_on(session: Session, case_id: int) -> dict[str, list[CommentMade]]:
    """Every comment on the draft, under the part it is about, in the order they were made."""
    rows = session.execute(
        select(Comment, Analysis.number, Person)
        .join(Analysis, Analysis.id == Comment.analysis_id)
        .join(Person, Person.id == Comment.by_id)
        .where(Comment.case_id == case_id)
        .order_by(Comment.id)
    )
    found: dict[str, list[CommentMade]] = {part: [] for part in PARTS}
    for comment, version, person in rows:
        agency = person.agency.name if person.agency else ""
        found.setdefault(comment.part, []).append(
            CommentMade(person.name, agency, comment.at, version, comment.text)
        )
    return found


def _author(act: Act) -> int:
    if act.actor is None:
        raise Refused("The service does not write in a case.")
    return act.actor.id
