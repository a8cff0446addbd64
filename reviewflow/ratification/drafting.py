"""The analysis of a case and what people say of its draft: each version is kept."""

from __future__ import annotations

from sqlalchemy import func, select

from reviewflow.casefile.record import Act, Refused, set_fact
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


def _author(act: Act) -> int:
    if act.actor is None:
        raise Refused("The service does not write in a case.")
    return act.actor.id
