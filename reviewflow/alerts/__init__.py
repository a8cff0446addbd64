"""What we tell people: written with the change it tells of, sent afterwards, at least once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from reviewflow.db import Base, one_of, public_id, table_of
from reviewflow.working_days import Calendar, working_days_between


class Delivery(StrEnum):
    """How far an alert has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NOT_NEEDED = "not needed"


class Alert(Base):
    """One message to one person, unique for what it tells; its public id is the Message-ID of the mail."""

    __tablename__ = "alert"
    __table_args__ = (
        one_of("delivery", Delivery),
        CheckConstraint("(delivery = 'sent') = (sent_at IS NOT NULL)", name="sent_pair"),
        Index("ix_alert_to_send", "delivery", "next_try_at"),
        Index("ix_alert_case_id", "case_id"),
        Index("ix_alert_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    key: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("case_event.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    message: Mapped[str]
    variables: Mapped[dict[str, Any]]
    still_owed: Mapped[str | None]
    written_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    delivery: Mapped[str] = mapped_column(default=Delivery.WAITING)
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None]


class Heartbeat(Base):
    """The worker was alive at this time; the screens say so when it was too long ago."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    holder: Mapped[str]
    lease_until: Mapped[datetime]


def write(
    session: Session,
    *,
    key: str,
    person_id: int,
    message: str,
    variables: Mapping[str, str],
    now: datetime,
    case_id: int | None = None,
    event_id: int | None = None,
    still_owed: str | None = None,
) -> None:
    """Afterwards this person will be told, once: a second alert with the same key is not written.

    `still_owed` names what must still be owed when it is sent; without it, it is sent whatever happens.
    """
    if session.scalar(select(Alert.id).where(Alert.key == key)) is None:
        session.add(
            Alert(
                key=key,
                case_id=case_id,
                event_id=event_id,
                person_id=person_id,
                message=message,
                variables=dict(variables),
                still_owed=still_owed,
                written_at=now,
                next_try_at=now,
            )
        )
        session.flush()


@dataclass(frozen=True)
class Letter:
    """A message to one person, told apart from every other by its key."""

    key: str
    person_id: int
    message: str
    variables: Mapping[str, str]


_NEW = insert(table_of(Alert))


def write_all(
    session: Session, letters: Iterable[Letter], now: datetime, case_id: int, event_id: int
) -> None:
    """Afterwards each of these letters about an event will be sent, once; written in one statement.

    Their keys must be new, which they are when they hold the event's number.
    """
    rows = [
        {
            "key": letter.key,
            "person_id": letter.person_id,
            "message": letter.message,
            "variables": dict(letter.variables),
            "case_id": case_id,
            "event_id": event_id,
            "written_at": now,
            "next_try_at": now,
        }
        for letter in letters
    ]
    if rows:
        session.execute(_NEW, rows)


def days_left(due: date, today: date, calendar: Calendar) -> str:
    """How long it is until a day, in working days and in words."""
    if due == today:
        return "due today"
    early, late = min(due, today), max(due, today)
    number = working_days_between(early, late, calendar)
    days = f"{number} working day{'' if number == 1 else 's'}"
    return f"{days} left" if due > today else f"{days} late"
