"""The tables of the case file: the incident, its children, the cases that run on it, and their record."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reviewflow.db import Base, one_of, public_id
from reviewflow.people import Area, Person


class DateKnown(StrEnum):
    """How well the date of an incident is known."""

    DATE = "date"
    PERIOD = "period"
    NOT_KNOWN = "not_known"


class Incident(Base):
    """What happened: shared by every case that looks into it, so that nothing is copied."""

    __tablename__ = "incident"
    __table_args__ = (
        one_of("date_known", DateKnown),
        CheckConstraint("(date_known = 'not_known') = (from_on IS NULL)", name="from_on_given"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    date_known: Mapped[str]
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    harm: Mapped[str]
    abuse: Mapped[list[Any]]
    setting: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    known_to: Mapped[list[Any]]
    known_to_others: Mapped[str] = mapped_column(default="")
    referred_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)


class Child(Base):
    """A child an incident concerns, by number, as they were at the time; who they are is kept apart."""

    __tablename__ = "child"
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 4", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    number: Mapped[int]
    characteristics: Mapped[dict[str, Any]]


class Identity(Base):
    """One thing that says who somebody is: shown on purpose only, and each showing is recorded.

    A correction replaces it. What was replaced stays, so that it is never published either.
    """

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    child_number: Mapped[int | None]
    kind: Mapped[str]
    value: Mapped[str]
    match_hash: Mapped[str | None] = mapped_column(index=True)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))


class Case(Base):
    """One run of a review definition. Its state is assigned in `engine` and nowhere else."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_open", "area_id", "is_open", "next_due_at", "id"),
        Index("ix_case_look_again_at", "look_again_at"),
        Index("ix_case_state", "area_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    reference: Mapped[str] = mapped_column(unique=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    review: Mapped[str]
    definition_version: Mapped[int]
    definition_fingerprint: Mapped[str]
    state: Mapped[str]
    is_open: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    state_since: Mapped[datetime]
    moved_by_event: Mapped[int] = mapped_column(default=1)
    next_due_at: Mapped[datetime | None]
    look_again_at: Mapped[datetime | None]
    event_count: Mapped[int] = mapped_column(default=0)
    chain_head: Mapped[str] = mapped_column(default="")
    opened_from_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)
    area: Mapped[Area] = relationship(lazy="raise")
    incident: Mapped[Incident | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}  # noqa: RUF012


class CaseEvent(Base):
    """One act on a case. Never changed, never removed: the database itself refuses."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "number"), UniqueConstraint("case_id", "sent_from"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    sent_from: Mapped[str | None]
    trigger: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[str | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acting_as: Mapped[str]
    at: Mapped[datetime]
    answers_fingerprint: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]
    actor: Mapped[Person | None] = relationship(lazy="raise")


class Answers(Base):
    """What was answered in an act: beside the event, so that it can be redacted without touching it."""

    __tablename__ = "answers"

    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"), primary_key=True)
    salt: Mapped[str]
    content: Mapped[dict[str, Any]]


class Fact(Base):
    """Something a form established, dates above all; a correction supersedes it, nothing overwrites it."""

    __tablename__ = "fact"
    __table_args__ = (Index("ix_fact_case_id_name", "case_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    name: Mapped[str]
    value: Mapped[str]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("fact.id"))


class Participation(Base):
    """Somebody took part in a case, in a capacity; separation of duties reads this and nothing else."""

    __tablename__ = "participation"
    __table_args__ = (Index("ix_participation_case_id_person_id", "case_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    capacity: Mapped[str]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))


class CaseMember(Base):
    """A person who belongs to a case beyond the roles of its area: a role held for this case only."""

    __tablename__ = "case_member"
    __table_args__ = (Index("ix_case_member_person_id_case_id", "person_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]

    @classmethod
    def holds_at(cls, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
        """The condition that somebody holds their role in the case at `now`."""
        return and_(cls.from_at <= now, or_(cls.until_at.is_(None), cls.until_at > now))


class Conflict(Base):
    """A conflict of interest declared in a case; it bars from deliberation and from ratification."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("case_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str]
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))


class Reading(Base):
    """Somebody opened a case file, or had an identity shown; kept for the scrutineer."""

    __tablename__ = "reading"
    __table_args__ = (Index("ix_reading_case_id_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    what: Mapped[str]
