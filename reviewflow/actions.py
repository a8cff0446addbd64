"""What was promised: actions for a child's safety and from the learning, each with an owner and a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from reviewflow.casefile.record import Act, Refused
from reviewflow.casefile.referrals import other_case
from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Agency, Person
from reviewflow.working_days import london_date


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
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    owner_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    due_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    done_at: Mapped[datetime | None]
    done_note: Mapped[str | None]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


def record_immediate_action(act: Act) -> None:
    """Afterwards somebody has promised, by a day, to do something for the safety of a child."""
    _promise(act, ActionKind.IMMEDIATE, act.answers)


def record_first_actions(act: Act) -> None:
    """Afterwards every action that a referral names for the safety of a child is promised."""
    for given in act.answers.get("actions") or []:
        _promise(act, ActionKind.IMMEDIATE, given)


def _promise(act: Act, kind: ActionKind, given: Mapping[str, Any]) -> None:
    due_on = date.fromisoformat(given["due_on"])
    if due_on < london_date(act.now):
        raise Refused("An action must be due today or in the future.")
    owner = act.session.scalar(select(Person).where(Person.public_id == (given.get("owner_person") or "")))
    named = str(given.get("owner") or "").strip()
    if owner is None and not named:
        raise Refused("Say who does it: choose a person, or write who it is.")
    agency_id = owner.agency_id if owner else _agency_id(act.session, given.get("owner_agency"))
    act.session.add(
        Action(
            case_id=act.case.id,
            kind=kind,
            what=given["what"],
            owner=owner.name if owner else named,
            owner_id=owner and owner.id,
            owner_agency_id=agency_id,
            due_on=due_on,
            event_id=act.event.id,
        )
    )


def _agency_id(session: Session, public_id: str | None) -> int | None:
    return session.scalar(select(Agency.id).where(Agency.public_id == public_id)) if public_id else None


def record_action_done(act: Act) -> None:
    """Afterwards the action is done, with a note of what came of it. Raises Refused when it already was."""
    action = act.session.scalars(select(Action).where(Action.public_id == act.subject_id)).one()
    if action.done_at is not None:
        raise Refused("This action is already recorded as done.")
    action.done_at = act.now
    action.done_note = act.answers.get("note") or ""
    action.version += 1


def move_open_actions(act: Act) -> None:
    """Afterwards what is still to be done for a joined referral is owed in the case it is joined to."""
    act.session.execute(
        update(Action)
        .where(Action.case_id == act.case.id, Action.done_at.is_(None))
        .values(case_id=other_case(act).id)
    )


def actions_of(session: Session, case_id: int) -> list[Action]:
    """The actions of a case: those to be done first, by the day they are due."""
    return list(
        session.scalars(
            select(Action)
            .where(Action.case_id == case_id)
            .order_by(Action.done_at.is_not(None), Action.due_on, Action.id)
        )
    )


def record_learning(act: Act) -> None:
    """Afterwards the learning that is recommended stands as actions, each with its owner and day.

    What an earlier round had recommended and nobody has done yet is replaced by it.
    """
    learning = (ActionKind.LEARNING_NOW, ActionKind.LEARNING_LATER)
    act.session.execute(
        delete(Action).where(
            Action.case_id == act.case.id, Action.kind.in_(learning), Action.done_at.is_(None)
        )
    )
    names = {one.public_id: one.name for one in act.session.scalars(select(Agency)).unique()}
    for kind, rows in zip(learning, ("immediate_learning", "later_learning"), strict=True):
        for row in act.answers.get(rows) or []:
            _promise(act, kind, {**row, "owner": names.get(row["owner_agency"])})
    act.session.flush()
