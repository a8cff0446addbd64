"""People, agencies and areas; which role each person holds from when to when; how they sign in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, CheckConstraint, ForeignKey, Index, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, lazyload, mapped_column, relationship

from reviewflow.db import Base, one_of, public_id


class Partner(StrEnum):
    """The three statutory safeguarding partners (Children Act 2004 section 16E)."""

    COUNCIL = "council"
    HEALTH = "health"
    POLICE = "police"


AGENCY_ROLES = ("agency_contact", "agency_senior")
"""Roles that count in a case through the agency: when it was asked, its people may answer."""


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    PASSWORD = "password"


class Area(Base):
    """The area of one safeguarding partnership."""

    __tablename__ = "area"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)


class AreaDefinition(Base):
    """Which version of a review type an area uses for cases opened from a day on."""

    __tablename__ = "area_definition"
    __table_args__ = (Index("ix_area_definition_area_review", "area_id", "review"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    review: Mapped[str]
    definition: Mapped[str]
    from_on: Mapped[date]


class Agency(Base):
    """An organisation that works with children and families in one area."""

    __tablename__ = "agency"
    __table_args__ = (
        one_of("partner", Partner),
        Index("ix_agency_area_id_name", "area_id", "name", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="relevant agency")
    partner: Mapped[str | None]
    ended_on: Mapped[date | None]
    area: Mapped[Area] = relationship(lazy="joined")


class Group(Base):
    """A sub-committee or a learning hub of an area, as its arrangements name it."""

    __tablename__ = "group"

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="")


class Person(Base):
    """Someone who may sign in, or could: their address is where mail goes, read when it is sent."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    password_hash: Mapped[str | None]
    left_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    agency: Mapped[Agency | None] = relationship(lazy="joined")


class RoleHolding(Base):
    """A person holds a role in an area from one day up to and including another."""

    __tablename__ = "role_holding"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="in_order"),
        Index("ix_role_holding_area_id_role", "area_id", "role"),
        Index("ix_role_holding_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    person: Mapped[Person] = relationship(lazy="raise")
    area: Mapped[Area] = relationship(lazy="raise")


class OneTimeLink(Base):
    """An invitation or a forgotten password: an address that works once, until it expires.

    Its secret is nowhere in the database: it is worked out from `public_id` with the service's own key.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (one_of("purpose", LinkPurpose),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignIn(Base):
    """One signed-in browser: found by the hash of its secret, ended at once when revoked."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A try to sign in; failed ones slow the next down, in every process alike."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_who_hash_at", "who_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who_hash: Mapped[str]
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class KeptForm(Base):
    """What a person was sending when their sign-in had ended: offered again to them, and to nobody else."""

    __tablename__ = "kept_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    path: Mapped[str]
    typed: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime]


class RegisterEntry(Base):
    """A change of roles, access or calendar, chained so that a later edit of it shows."""

    __tablename__ = "register_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    what: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)


_PERSON = (
    select(Person)
    .where(Person.id == bindparam("person"), Person.left_at.is_(None))
    .options(lazyload(Person.agency))
)


def person_here(session: Session, person_id: int) -> Person | None:
    """The person with this id, unless they have left."""
    return session.scalar(_PERSON, {"person": person_id})


@dataclass(frozen=True)
class Held:
    """A role as somebody holds it on a day: what it is called in definitions, and where."""

    role: str
    area_id: int


def holding_on(day: date | BindParameter[date]) -> Any:
    """The condition under which a role holding counts on `day`."""
    return and_(
        RoleHolding.from_on <= day,
        or_(RoleHolding.until_on.is_(None), RoleHolding.until_on >= day),
    )


def roles_held(session: Session, person_id: int, day: date) -> frozenset[Held]:
    """Every role `person_id` holds on `day`, in whichever area."""
    rows = session.execute(
        select(RoleHolding.role, RoleHolding.area_id).where(
            RoleHolding.person_id == person_id, holding_on(day)
        )
    )
    return frozenset(Held(role, area_id) for role, area_id in rows)


def holders(roles: Iterable[str], area_ids: Sequence[int], day: date) -> Select[Person, str]:
    """A query for the people who hold one of `roles` in one of `area_ids` on `day` and have not left."""
    return (
        select(Person, RoleHolding.role)
        .join(RoleHolding, RoleHolding.person_id == Person.id)
        .where(
            RoleHolding.role.in_(list(roles)),
            RoleHolding.area_id.in_(list(area_ids)),
            holding_on(day),
            Person.left_at.is_(None),
        )
        .order_by(Person.id)
    )


def people_told(
    session: Session, roles: Iterable[str], area_ids: Sequence[int], agency_ids: Sequence[int], day: date
) -> list[Person]:
    """Everybody to be told who holds one of these roles on `day`, each once.

    Roles of agencies count for these agencies only, wherever they are held; all others for these areas.
    """
    wanted = list(roles)
    of_area = [role for role in wanted if role not in AGENCY_ROLES]
    of_agency = [role for role in wanted if role in AGENCY_ROLES]
    query = (
        select(Person)
        .join(RoleHolding, RoleHolding.person_id == Person.id)
        .where(
            or_(
                and_(RoleHolding.role.in_(of_area), RoleHolding.area_id.in_(list(area_ids))),
                and_(RoleHolding.role.in_(of_agency), Person.agency_id.in_(list(agency_ids))),
            ),
            holding_on(day),
            Person.left_at.is_(None),
        )
        .order_by(Person.id)
    )
    return list(session.scalars(query).unique())
