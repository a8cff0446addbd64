"""One-time links: an invitation, or a password that was forgotten. Opening one uses nothing up."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reviewflow.people import LinkPurpose, OneTimeLink, Person, signing_in

GOOD_FOR = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.PASSWORD: timedelta(hours=2)}
IN_A_MAIL = "one-time:"
"""How an alert names a link: without its secret, which is worked out when the mail is written."""
NAMED_BY = 16


class Standing(StrEnum):
    """How a link stands."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"


def make(session: Session, person: Person, purpose: LinkPurpose, now: datetime) -> OneTimeLink:
    """Afterwards `person` has one open link, this one; earlier ones have expired."""
    _expire_others(session, person.id, now)
    link = OneTimeLink(person_id=person.id, purpose=purpose, made_at=now, expires_at=now + GOOD_FOR[purpose])
    session.add(link)
    session.flush()
    return link


def named_in_a_mail(link: OneTimeLink) -> str:
    """What an alert says instead of the link."""
    return IN_A_MAIL + link.public_id


def path_for_a_mail(key: str, link: str) -> str:
    """The path a mail leads to: that of the one-time link where the alert names one, else `link` itself."""
    if not link.startswith(IN_A_MAIL):
        return link
    return f"/link/{secret_of(key, link.removeprefix(IN_A_MAIL))}"


def secret_of(key: str, public_id: str) -> str:
    """The secret of a link: its name, and what only this service can work out from it."""
    seal = hmac.new(key.encode(), f"one-time link {public_id}".encode(), hashlib.sha256).digest()
    return public_id + base64.urlsafe_b64encode(seal[:30]).decode()


def find(session: Session, key: str, secret: str) -> tuple[OneTimeLink, Person] | None:
    """The link with this secret and the person it is for; None when there is no such link."""
    public_id = secret[:NAMED_BY]
    if not hmac.compare_digest(secret_of(key, public_id).encode(), secret.encode()):
        return None
    found = session.execute(
        select(OneTimeLink, Person)
        .join(Person, Person.id == OneTimeLink.person_id)
        .where(OneTimeLink.public_id == public_id)
    ).one_or_none()
    return (found[0], found[1]) if found else None


def standing(link: OneTimeLink, person: Person, now: datetime) -> Standing:
    """Whether the link can still be used. For somebody who has left it never can."""
    if link.used_at is not None:
        return Standing.USED
    return Standing.EXPIRED if now >= link.expires_at or person.left_at is not None else Standing.OPEN


def use(session: Session, link: OneTimeLink, person: Person, password_hash: str, now: datetime) -> bool:
    """Afterwards `person` has this password, is signed in nowhere, and the link is used up.

    False, and nothing changed, when somebody else was first.
    """
    first = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        .values(used_at=now)
        .returning(OneTimeLink.id)
    ).one_or_none()
    if first is None:
        return False
    person.password_hash = password_hash
    _expire_others(session, person.id, now)
    signing_in.end_all(session, person.id, now)
    return True


def _expire_others(session: Session, person_id: int, now: datetime) -> None:
    session.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.person_id == person_id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
        )
        .values(expires_at=now)
    )
