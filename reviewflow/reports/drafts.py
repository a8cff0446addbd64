"""The half of a report that is there before the decision: incident, agencies, meeting, analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from reviewflow import meetings
from reviewflow.casefile.tables import Case, Child, Incident
from reviewflow.meetings import PROMPTS, How, Meeting
from reviewflow.people import Agency, Partner
from reviewflow.ratification import PARTS, Analysis, latest_analysis
from reviewflow.requests import InformationRequest
from reviewflow.requests import Standing as Answered
from reviewflow.working_days import in_words, london_date

PARTNERS = {Partner.COUNCIL: "The council", Partner.HEALTH: "Health", Partner.POLICE: "The police"}
HOW = {
    How.IN_THE_ROOM: "In the room",
    How.BY_CALL: "By call",
    How.WRITTEN_VIEW: "By written view",
    How.ABSENT: "Absent",
}
DATES = {
    "council_became_aware_on": "The council became aware",
    "notification_sent_on": "Notification sent to the Panel",
    "meeting_on": "Meeting",
    "recommended_on": "Recommended",
    "late_letter_sent_on": "The Panel was told that the review would be late",
    "submitted_on": "Last submitted to the Panel",
    "panel_replied_on": "The Panel replied",
}


def draft(session: Session, case: Case, asked: Sequence[InformationRequest]) -> dict[str, Any]:
    """The half of the report that is there before the decision: incident, agencies, meeting, analysis."""
    analysis = latest_analysis(session, case.id)
    return {
        "incident": _incident(session, case.incident_id),
        "children": _children(session, case.incident_id),
        "agencies": [_agency(request) for request in asked],
        "gaps": [[request.agency.name, request.gap or ""] for request in asked if request.gap],
        "meeting": _meeting(session, case.id),
        "discussion": [
            {"title": PROMPTS[prompt], "points": points}
            for prompt, points in meetings.points_of(session, case.id).items()
        ],
        "analysis": _analysis(analysis),
        "analysis_number": analysis.number if analysis else 0,
    }


def gaps_of(session: Session, case_id: int) -> list[tuple[str, str]]:
    """The agencies the review goes on without, each with the reason."""
    return [(one.agency.name, one.gap) for one in requests_of(session, case_id) if one.gap]


def dates(facts: Mapping[str, str]) -> list[list[str]]:
    """The days of a case that are known, in their order and in words."""
    return [
        [words, in_words(date.fromisoformat(facts[name][:10]))]
        for name, words in DATES.items()
        if name in facts
    ]


def _incident(session: Session, incident_id: int | None) -> list[list[str]]:
    incident = session.get(Incident, incident_id or 0)
    if incident is None:
        return []
    when = "Not known"
    if incident.from_on:
        when = in_words(incident.from_on)
        if incident.until_on and incident.until_on != incident.from_on:
            when = f"From {when} to {in_words(incident.until_on)}"
    return [["When it happened", when], ["Harm", words(incident.harm)], ["Setting", words(incident.setting)]]


def _children(session: Session, incident_id: int | None) -> list[dict[str, Any]]:
    """Each child by number, with what was recorded of them at the time; never who they are."""
    rows = session.scalars(select(Child).where(Child.incident_id == incident_id).order_by(Child.number))
    return [
        {
            "title": f"Child {child.number}",
            "rows": [
                [words(name), said] for name, value in child.characteristics.items() if (said := words(value))
            ],
        }
        for child in rows
    ]


def words(value: Any) -> str:
    """A stored answer as people read it; one that is not known says in which way it is not."""
    if isinstance(value, Mapping):
        return words(value.get("known", value.get("not_known")))
    if isinstance(value, list):
        return ", ".join(words(one) for one in value)
    text = str(value or "").replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def requests_of(session: Session, case_id: int) -> Sequence[InformationRequest]:
    """Every request of the case with its agency, in the order of the agencies' names."""
    return (
        session.scalars(
            select(InformationRequest)
            .join(Agency, Agency.id == InformationRequest.agency_id)
            .where(InformationRequest.case_id == case_id)
            .order_by(Agency.name)
            .options(joinedload(InformationRequest.agency))
        )
        .unique()
        .all()
    )


def _agency(request: InformationRequest) -> list[str]:
    """An agency, how it answered, and when: a late answer is called late, a missing one a gap."""
    answer = {
        Answered.RETURNED: "Returned in full",
        Answered.NOT_INVOLVED: "Not involved",
        Answered.PART_RETURNED: "Returned in part",
        Answered.AWAITING_SIGN_OFF: "Sent, not signed off by its senior lead",
    }.get(Answered(request.standing), "Did not answer")
    if request.gap and request.standing != Answered.RETURNED:
        answer += "; the review went on without it"
    on = (
        in_words(london_date(request.settled_at))
        if request.settled_at and request.standing in (Answered.RETURNED, Answered.NOT_INVOLVED)
        else "–"
    )
    late = f"Late: it was due on {in_words(request.due_on)}" if request.is_late else "In time"
    return [request.agency.name, answer, on, late if on != "–" else "–"]


def _meeting(session: Session, case_id: int) -> dict[str, Any]:
    meeting = session.scalar(
        select(Meeting)
        .where(Meeting.case_id == case_id, Meeting.held_at.is_not(None))
        .order_by(Meeting.id.desc())
        .limit(1)
    )
    if meeting is None or meeting.held_at is None:
        return {}
    rows = meetings.attendance_of(session, meeting.id)
    return {
        "held": in_words(london_date(meeting.held_at)),
        "quorate": bool(meeting.is_quorate),
        "missing": [PARTNERS[one] for one in meetings.partners_missing(session, meeting)],
        "attendance": [
            [
                person.agency.name if person.agency else "–",
                _for_whom(attendance.partner, attendance.is_deputy),
                HOW[How(attendance.how)],
            ]
            for attendance, person in rows
        ],
    }


def _for_whom(partner: str | None, is_deputy: bool) -> str:
    if not partner:
        return "Member"
    name = PARTNERS[Partner(partner)].lower()
    return f"Deputy for {name}" if is_deputy else f"Partner: {name}"


def _analysis(analysis: Analysis | None) -> list[dict[str, str]]:
    if analysis is None:
        return []
    parts = [(part, title, analysis.content.get(part) or "") for part, title in PARTS.items()]
    return [{"name": part, "title": title, "text": text} for part, title, text in parts if text]
