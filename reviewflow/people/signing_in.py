"""Being signed in: a secret in the browser whose hash lies here, ended by time or by an act."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from reviewflow.people import Person, SignIn

TOUCHED_EVERY = timedelta(minutes=1)


class Over(StrEnum):
    """Why a sign-in is over."""

    IDLE = "idle"
    TOO_LONG = "too long"
    REVOKED = "revoked"
    LEFT = "left"


def new_secret() -> str:
    """256 random bits, fit for a cookie or a web address."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret: enough to know it again, not enough to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def start(session: Session, person: Person, now: datetime, longest: timedelta) -> str:
    """Afterwards `person` is signed in, for `longest` at most; the secret for their browser."""
    secret = new_secret()
    session.add(
        SignIn(
            secret_hash=hash_of(secret),
            person_id=person.id,
            started_at=now,
            seen_at=now,
            ends_at=now + longest,
        )
    )
    session.flush()
    return secret


def find(session: Session, secret: str) -> tuple[SignIn, Person] | None:
    """The sign-in with this secret and its person, over or not."""
    found = session.execute(
        select(SignIn, Person)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.secret_hash == hash_of(secret))
    ).one_or_none()
    return (found[0], found[1]) if found else None


def over(sign_in: SignIn, person: Person, now: datetime, idle: timedelta) -> Over | None:
    """Why this sign-in does not count any more; None while it does."""
    if person.left_at is not None:
        return Over.LEFT
    if sign_in.revoked_at is not None:
        return Over.REVOKED
    if now >= sign_in.ends_at:
        return Over.TOO_LONG
    return Over.IDLE if now - sign_in.seen_at >= idle else None


def wants_touch(sign_in: SignIn, now: datetime) -> bool:
    """Whether the time it was last used is worth writing down again."""
    return now - sign_in.seen_at >= TOUCHED_EVERY


def touch(session: Session, sign_in: SignIn, now: datetime) -> None:
    """Afterwards the sign-in was last used at `now`."""
    session.execute(update(SignIn).where(SignIn.id == sign_in.id, SignIn.seen_at < now).values(seen_at=now))


def end(session: Session, secret: str, now: datetime) -> None:
    """Afterwards the sign-in with this secret is over."""
    session.execute(
        update(SignIn)
        .where(SignIn.secret_hash == hash_of(secret), SignIn.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def end_all(session: Session, person_id: int, now: datetime) -> None:
    """Afterwards this person is signed in nowhere."""
    session.execute(
        update(SignIn)
        .where(SignIn.person_id == person_id, or_(SignIn.revoked_at.is_(None), SignIn.revoked_at > now))
        .values(revoked_at=now)
    )
