"""Roles given and ended, people who come and leave: each change in the register, each at once in force."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from reviewflow.people import (
    Agency,
    Area,
    Held,
    OneTimeLink,
    Person,
    RoleHolding,
    register,
    roles_held,
    signing_in,
)


class NotPossible(Exception):
    """What was asked for does not fit with what there is; the message is a sentence for the person."""


def add_person(
    session: Session, name: str, email: str, agency: Agency | None, by_id: int | None, now: datetime
) -> Person:
    """Afterwards there is this person, without a password. Raises NotPossible for an address in use."""
    if person_with(session, email) is not None:
        raise NotPossible("Somebody with this email address is here already. Look for them in the list")
    person = Person(
        name=name, email=email.strip().lower(), agency_id=agency.id if agency else None, added_at=now
    )
    session.add(person)
    session.flush()
    register.enter(
        session,
        "person added",
        {"person": person.public_id, "agency": agency.public_id if agency else None},
        by_id,
        now,
    )
    return person


def change_person(
    session: Session,
    person: Person,
    name: str,
    email: str,
    agency: Agency,
    by_id: int | None,
    now: datetime,
) -> None:
    """Afterwards `person` has this name, address and agency, and has to sign in again.

    Raises NotPossible for an address that is somebody else's.
    """
    other = person_with(session, email)
    if other is not None and other.id != person.id:
        raise NotPossible("Somebody else has this email address. Each person needs their own")
    said = {
        "person": person.public_id,
        "name": name != person.name,
        "email": email.strip().lower() != person.email,
        "agency": agency.public_id,
    }
    person.name, person.email, person.agency_id = name, email.strip().lower(), agency.id
    signing_in.end_all(session, person.id, now)
    register.enter(session, "person changed", said, by_id, now)


def person_with(session: Session, email: str) -> Person | None:
    """The person with this email address, however its letters are written."""
    return session.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower()))


def holds_on(session: Session, person: Person, role: str, area_id: int, day: date) -> bool:
    """Whether `person` holds `role` in this area on `day`."""
    return Held(role, area_id) in roles_held(session, person.id, day)


def give_role(
    session: Session,
    person: Person,
    role: str,
    area: Area,
    days: tuple[date, date | None],
    by_id: int | None,
    now: datetime,
) -> RoleHolding:
    """Afterwards `person` holds `role` in `area` from the first of `days` up to and including the last.

    The first day may lie ahead. Raises NotPossible when they have left, hold it on one of these days, or
    are the one who gives it.
    """
    from_on, until_on = days
    if person.left_at is not None:
        raise NotPossible("This person has left. Roles are for people who are here")
    if person.id == by_id:
        raise NotPossible("Nobody gives a role to themselves. Ask another administrator")
    if until_on is not None and until_on < from_on:
        raise NotPossible("The last day must be on or after the first day")
    if _holds_already(session, person, role, area, days):
        raise NotPossible("This person holds this role on some of these days already")
    holding = RoleHolding(person_id=person.id, role=role, area_id=area.id, from_on=from_on, until_on=until_on)
    session.add(holding)
    session.flush()
    _note(session, "role given", holding, person, area, by_id, now)
    return holding


def end_role(session: Session, holding: RoleHolding, last_on: date, by_id: int | None, now: datetime) -> None:
    """Afterwards the role ends with `last_on`. With a day before its first, it was never held.

    Raises NotPossible for a day after the one it ends with anyway.
    """
    if holding.until_on is not None and last_on > holding.until_on:
        raise NotPossible("The role ends before that day already. To hold it longer, give it again")
    person = session.get_one(Person, holding.person_id)
    area = session.get_one(Area, holding.area_id)
    if last_on < holding.from_on:
        session.delete(holding)
        _note(session, "role taken back", holding, person, area, by_id, now)
    else:
        holding.until_on = last_on
        _note(session, "role ended", holding, person, area, by_id, now)
    session.flush()


def leave(session: Session, person: Person, by_id: int | None, now: datetime, today: date) -> None:
    """Afterwards `person` has left: no sign-in, no open link, and no role from today on."""
    person.left_at = now
    later = select(RoleHolding).where(
        RoleHolding.person_id == person.id,
        or_(RoleHolding.until_on.is_(None), RoleHolding.until_on >= today),
    )
    for holding in session.scalars(later).all():
        end_role(session, holding, today - timedelta(days=1), by_id, now)
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.person_id == person.id, OneTimeLink.expires_at > now)
        .values(expires_at=now)
    )
    signing_in.end_all(session, person.id, now)
    register.enter(session, "person left", {"person": person.public_id}, by_id, now)


def come_back(session: Session, person: Person, by_id: int | None, now: datetime) -> None:
    """Afterwards `person` is here again, with no role and no password; an invitation lets them in."""
    person.left_at = None
    person.password_hash = None
    register.enter(session, "person came back", {"person": person.public_id}, by_id, now)


def _holds_already(
    session: Session, person: Person, role: str, area: Area, days: tuple[date, date | None]
) -> bool:
    from_on, until_on = days
    same = select(RoleHolding.id).where(
        RoleHolding.person_id == person.id,
        RoleHolding.role == role,
        RoleHolding.area_id == area.id,
        or_(RoleHolding.until_on.is_(None), RoleHolding.until_on >= from_on),
    )
    if until_on is not None:
        same = same.where(RoleHolding.from_on <= until_on)
    return session.scalar(same.limit(1)) is not None


def _note(
    session: Session,
    what: str,
    holding: RoleHolding,
    person: Person,
    area: Area,
    by_id: int | None,
    now: datetime,
) -> None:
    signing_in.end_all(session, person.id, now)
    register.enter(
        session,
        what,
        {
            "person": person.public_id,
            "role": holding.role,
            "area": area.code,
            "from": holding.from_on.isoformat(),
            "until": holding.until_on.isoformat() if holding.until_on else None,
        },
        by_id,
        now,
    )
