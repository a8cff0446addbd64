"""What was promised: actions for a child's safety and from the learning, each with an owner and a day."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.db import Base, one_of, public_id


class ActionKind(StrEnum):
    """Where an action comes from: a child's safety at once, or the learning, now or later."""

    IMMEDIATE = "immediate"
    LEARNING_NOW = "learning now"
    LEARNING_LATER = "learning later"


class Action(Base):
    """Something somebody has promised to do by a day, and whether it is done."""

    __tablename__ = "action"
    __table_args__ = (
        one_of("kind", ActionKind),
        CheckConstraint("(done_at IS NULL) = (done_note IS NULL)", name="done_pair"),
        Index("ix_action_case_id", "case_id"),
        Index("ix_action_owner_agency_id_done_at", "owner_agency_id", "done_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str]
    what: Mapped[str]
    owner: Mapped[str]
    owner_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    due_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    done_at: Mapped[datetime | None]
    done_note: Mapped[str | None]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012
