"""The meeting: who took part and how, the quorum, and the case discussion tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from reviewflow.casefile.record import Act, Refused, set_fact, take_part
from reviewflow.casefile.tables import Conflict
from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Partner, Person
from reviewflow.working_days import london_date


class How(StrEnum):
    """How somebody took part in a meeting."""

    IN_THE_ROOM = "in_the_room"
    BY_CALL = "by_call"
    WRITTEN_VIEW = "written_view"
    ABSENT = "absent"


class Prompt(StrEnum):
    """The questions of the case discussion tool, the same every time."""

    WORKING_WELL = "working_well"
    WORRIED_ABOUT = "worried_about"
    WHY = "why"
    WHO_DID_WHAT = "who_did_what"
    NEEDS_TO_HAPPEN = "needs_to_happen"


PROMPTS = {
    Prompt.WORKING_WELL: "What is working well?",
    Prompt.WORRIED_ABOUT: "What are we worried about?",
    Prompt.WHY: "Why did it happen the way it did?",
    Prompt.WHO_DID_WHAT: "Who did what?",
    Prompt.NEEDS_TO_HAPPEN: "What needs to happen?",
}
"""The questions of the case discussion tool as people read them."""


class Meeting(Base):
    """A meeting of a case: planned, and then recorded."""

    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    starts_at: Mapped[datetime]
    place: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    pack_shared_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    is_quorate: Mapped[bool | None]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))


class Attendance(Base):
    """Somebody's part in a meeting: for themselves, or as the deputy of a statutory partner."""

    __tablename__ = "attendance"
    __table_args__ = (
        one_of("how", How),
        one_of("partner", Partner),
        Index("ix_attendance_meeting_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    how: Mapped[str]
    partner: Mapped[str | None]
    is_deputy: Mapped[bool] = mapped_column(default=False)


class DiscussionPoint(Base):
    """One answer in the case discussion tool; the report's first half is made of them."""

    __tablename__ = "discussion_point"
    __table_args__ = (
        one_of("prompt", Prompt),
        Index("ix_discussion_point_meeting_id", "meeting_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    prompt: Mapped[str]
    text: Mapped[str]
    number: Mapped[int]


TOOK_PART = "took part in the meeting"
"""The capacity of everybody who took part, in whichever way; whoever did cannot ratify what follows."""


def latest(session: Session, case_id: int) -> Meeting | None:
    """The meeting that was planned last."""
    return session.scalar(
        select(Meeting).where(Meeting.case_id == case_id).order_by(Meeting.id.desc()).limit(1)
    )


def record_meeting_plan(act: Act) -> None:
    """Afterwards a meeting is planned; one that was planned and not yet held is moved, not doubled."""
    meeting = latest(act.session, act.case.id)
    if meeting is None or meeting.held_at is not None:
        meeting = Meeting(case_id=act.case.id, event_id=act.event.id)
        act.session.add(meeting)
    meeting.starts_at = datetime.fromisoformat(act.answers["starts_at"])
    meeting.place = act.answers["place"]
    meeting.note = act.answers.get("note") or ""
    act.session.flush()


def record_meeting(act: Act) -> None:
    """Afterwards the meeting has been held: who took part and how, whether it was quorate, what was said.

    A meeting that is recorded again is corrected: its rows are written anew, and what was recorded before
    stays in the history. Raises Refused for somebody who is named twice or not known.
    """
    meeting = latest(act.session, act.case.id)
    if meeting is None:
        raise Refused("No meeting has been planned yet. Plan the meeting first.")
    rows = act.answers["attendance"]
    people = _people_named(act.session, [row["person"] for row in rows])
    meeting.held_at = datetime.fromisoformat(act.answers["held_at"])
    if meeting.held_at > act.now:
        raise Refused("The meeting cannot have been held in the future.")
    for table in (Attendance, DiscussionPoint):
        act.session.execute(delete(table).where(table.meeting_id == meeting.id))
    for row in rows:
        act.session.add(_attendance(meeting, people[row["person"]], row))
    for prompt in Prompt:
        for number, text in enumerate(act.answers.get(prompt) or [], 1):
            act.session.add(DiscussionPoint(meeting_id=meeting.id, prompt=prompt, text=text, number=number))
    act.session.flush()
    meeting.is_quorate = not partners_missing(act.session, meeting)
    set_fact(act, "meeting_on", london_date(meeting.held_at).isoformat())
    for row in rows:
        person = people[row["person"]]
        if row["how"] != How.ABSENT:
            take_part(act, TOOK_PART, person.id, person.agency_id)


def _people_named(session: Session, public_ids: list[str]) -> Mapping[str, Person]:
    if len(set(public_ids)) < len(public_ids):
        raise Refused("Somebody is named twice among those who took part. Name each person once.")
    found = session.scalars(select(Person).where(Person.public_id.in_(public_ids))).unique()
    people = {person.public_id: person for person in found}
    if set(public_ids) - set(people):
        raise Refused("Somebody named among those who took part is not known here.")
    return people


def _attendance(meeting: Meeting, person: Person, row: Mapping[str, Any]) -> Attendance:
    return Attendance(
        meeting_id=meeting.id,
        person_id=person.id,
        how=row["how"],
        partner=row.get("partner") or None,
        is_deputy=row.get("is_deputy") == "yes",
    )


def partners_missing(session: Session, meeting: Meeting) -> list[Partner]:
    """The statutory partners for whom nobody took part. A meeting is quorate when none is missing.

    The partner may be represented in the room, by call, by a written view or by a deputy (Working Together
    2023, chapter 2); somebody who has declared a conflict in the case represents nobody.
    """
    conflicted = select(Conflict.person_id).where(Conflict.case_id == meeting.case_id)
    represented: Iterable[str | None] = session.scalars(
        select(Attendance.partner).where(
            Attendance.meeting_id == meeting.id,
            Attendance.how != How.ABSENT,
            Attendance.person_id.not_in(conflicted),
        )
    )
    there = set(represented)
    return [partner for partner in Partner if partner not in there]


def attendance_of(session: Session, meeting_id: int) -> list[tuple[Attendance, Person]]:
    """Everybody who was asked to a meeting and how they took part, in the order recorded."""
    rows = session.execute(
        select(Attendance, Person)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.meeting_id == meeting_id)
        .order_by(Attendance.id)
    )
    return [(attendance, person) for attendance, person in rows]


def points_of(session: Session, case_id: int) -> dict[Prompt, list[str]]:
    """What was answered in the case discussion tool at the last meeting held, under each of its questions."""
    held = (
        select(Meeting.id)
        .where(Meeting.case_id == case_id, Meeting.held_at.is_not(None))
        .order_by(Meeting.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(DiscussionPoint.prompt, DiscussionPoint.text)
        .where(DiscussionPoint.meeting_id == held)
        .order_by(DiscussionPoint.number)
    ).all()
    return {prompt: [text for asked, text in rows if asked == prompt] for prompt in Prompt}
