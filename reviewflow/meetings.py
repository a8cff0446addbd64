"""The meeting: who took part and how, the quorum, and the case discussion tool."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Partner


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
