"""What the service's documents say: the text of a report and of a certificate, fixed when it is asked for.

Nothing here names a child: children are numbered, and what agencies wrote of them is not copied. What
the coordinator and the sub-committee typed is searched for the names on file, and refused with one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow import documents
from reviewflow.actions import Action, ActionKind
from reviewflow.anonymity import names_in
from reviewflow.casefile.record import Act, Refused
from reviewflow.casefile.tables import Case
from reviewflow.documents import Document
from reviewflow.people import Area, Partner, Person
from reviewflow.ratification import (
    OUTCOMES,
    PARTS,
    VIEWS,
    Decision,
    Outcome,
    Ratification,
    Recommendation,
    View,
    latest_recommendation,
)
from reviewflow.reports.drafts import PARTNERS, dates, draft, requests_of
from reviewflow.working_days import in_words, london_date, to_london

MARKING = "Official: sensitive"
PART_TITLES = {
    **PARTS,
    "incident": "The incident and the children",
    "agencies": "Agencies and what they returned",
    "meeting": "The meeting and the case discussion",
    "outcome": "The recommendation and its reasons",
    "criteria": "The criteria",
    "views": "The partners' views",
    "next_steps": "Learning and actions",
    "whole": "The report as a whole",
}
"""The parts of a report a ratifier may tie a reason to."""

_TYPED = {
    "gaps": PART_TITLES["agencies"],
    "reason": PART_TITLES["outcome"],
    "criteria": PART_TITLES["criteria"],
    "views": PART_TITLES["views"],
    "dissent": PART_TITLES["views"],
    "national_review_reason": "National review",
    "equality": "Equality",
    "learning_now": PART_TITLES["next_steps"],
    "learning_later": PART_TITLES["next_steps"],
    "safety": PART_TITLES["next_steps"],
}


def ask_for_report(act: Act) -> None:
    """Afterwards the report of the latest recommendation is asked for, with its text as it is now.

    Raises Refused where a name of a child stands in what was typed, unless whoever recommends has said
    that they looked and it is none: some names are words.
    """
    recommendation = latest_recommendation(act.session, act.case.id)
    assert recommendation is not None
    source = report(act.session, act.case, act.definition.title, act.facts, recommendation)
    named = names_in(act.session, act.case.incident_id, _typed(source))
    if named and act.answers.get("names_checked") != "yes":
        raise Refused(*named)
    recommendation.report_id = documents.ask_for(act, "report", f"{act.definition.title} report", source).id


def ask_for_certificate(act: Act) -> None:
    """Afterwards the certificate of the latest ratification is asked for: which bytes, by whom, when."""
    recommendation = latest_recommendation(act.session, act.case.id)
    assert recommendation is not None
    ratification = act.session.scalars(
        select(Ratification).where(Ratification.recommendation_id == recommendation.id)
    ).one()
    source = certificate(act, recommendation, ratification)
    ratification.certificate_id = documents.ask_for(
        act, "certificate", "Certificate of ratification", source
    ).id


# The report


def report(
    session: Session, case: Case, review: str, facts: Mapping[str, str], recommendation: Recommendation
) -> dict[str, Any]:
    """Everything the report of a recommendation says, as plain texts and lists."""
    content = recommendation.content
    asked = requests_of(session, case.id)
    return {
        **_heading(session, case, review),
        "facts": [
            ["Reference", case.reference],
            ["Recommendation", OUTCOMES[Outcome(content["outcome"])]],
            ["Round", str(recommendation.number)],
            *dates(facts),
            ["Guidance", content["edition"]],
        ],
        **draft(session, case, asked),
        "outcome": OUTCOMES[Outcome(content["outcome"])],
        "reason": content["reason"],
        "edition": content["edition"],
        "criteria": [
            [one["says"], "Met" if one["met"] == "yes" else "Not met", one["reason"]]
            for one in content["criteria"]
        ],
        "views": [
            [PARTNERS[Partner(name)], VIEWS[View(one["view"])], one.get("words") or ""]
            for name, one in (content["views"] or {}).items()
        ],
        "dissent": content["dissent"],
        "under_scrutiny": [
            request.agency.name for request in asked if request.agency_id in recommendation.under_scrutiny
        ],
        "national_review": content["national_review_considered"] == "yes",
        "national_review_reason": content["national_review_reason"],
        "equality": content["equality"],
        "learning_now": _learning(session, case.id, ActionKind.LEARNING_NOW),
        "learning_later": _learning(session, case.id, ActionKind.LEARNING_LATER),
        "safety": _learning(session, case.id, ActionKind.IMMEDIATE),
        "rounds": _rounds(session, case.id, recommendation.number),
    }


def preview(session: Session, case: Case, review: str, facts: Mapping[str, str]) -> dict[str, Any]:
    """What a report would say of the draft as it stands, before anything is recommended."""
    return {
        **_heading(session, case, review),
        "marking": f"Draft. {MARKING}",
        "facts": [["Reference", case.reference], *dates(facts)],
        "outcome": "",
        "safety": [],
        **draft(session, case, requests_of(session, case.id)),
    }


def _typed(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text of a report that somebody typed, with the part it stands in."""
    for point in source["discussion"]:
        yield from ((point["title"], text) for text in point["points"])
    for part in source["analysis"]:
        yield part["title"], part["text"]
    for name, title in _TYPED.items():
        yield from ((title, text) for text in _flat(source[name]))


def _flat(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _flat(one)]
    return [value] if isinstance(value, str) else []


def _heading(session: Session, case: Case, review: str) -> dict[str, Any]:
    area = session.get_one(Area, case.area_id)
    return {
        "reference": case.reference,
        "partnership": f"{area.name} Safeguarding Children Partnership",
        "kind": review,
        "marking": MARKING,
        "language": "en-GB",
    }


def _learning(session: Session, case_id: int, kind: ActionKind) -> list[list[str]]:
    rows = session.scalars(
        select(Action)
        .where(Action.case_id == case_id, Action.kind == kind)
        .order_by(Action.due_on, Action.id)
    )
    return [[row.what, row.owner, in_words(row.due_on), "Done" if row.done_at else "Open"] for row in rows]


def _rounds(session: Session, case_id: int, number: int) -> list[dict[str, Any]]:
    """The rounds before this one: what was recommended then, and what became of it."""
    rows = session.execute(
        select(Recommendation, Ratification)
        .outerjoin(Ratification, Ratification.recommendation_id == Recommendation.id)
        .where(Recommendation.case_id == case_id, Recommendation.number < number)
        .order_by(Recommendation.number)
    )
    return [
        {
            "title": f"Round {earlier.number}, {in_words(london_date(earlier.at))}",
            "outcome": OUTCOMES[Outcome(earlier.content["outcome"])],
            "standing": earlier.standing,
            "reasons": [[PART_TITLES.get(one["part"], one["part"]), one["reason"]] for one in decided.reasons]
            if decided and decided.decision == Decision.RETURNED
            else [],
        }
        for earlier, decided in rows
    ]


# The certificate


def certificate(act: Act, recommendation: Recommendation, ratification: Ratification) -> dict[str, Any]:
    """What the certificate says: the report by its SHA-256, who ratified it, in which role, when."""
    person = act.session.get_one(Person, ratification.by_id)
    made = act.session.get_one(Document, recommendation.report_id)
    return {
        **_heading(act.session, act.case, act.definition.title),
        "facts": [
            ["Reference", act.case.reference],
            ["Recommendation", OUTCOMES[Outcome(recommendation.content["outcome"])]],
            ["Round", str(recommendation.number)],
            ["Ratified by", person.name],
            ["Of", person.agency.name if person.agency else "–"],
            ["In the role of", act.definition.title_of_role(ratification.acting_as)],
            ["On", moment(ratification.at)],
        ],
        "review": act.definition.title,
        "report": made.title,
        "report_file": made.file_name,
        "recommended": in_words(london_date(recommendation.at)),
        "sha256": ratification.report_sha256,
        "note": act.answers.get("note") or "",
    }


def moment(at: datetime) -> str:
    """`Monday 4 January 2027 at 10:20`."""
    return f"{in_words(london_date(at))} at {to_london(at):%H:%M}"
