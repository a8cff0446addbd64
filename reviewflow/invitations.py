"""Invitations and forgotten passwords: the one-time link is made and its mail written in one transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reviewflow import alerts
from reviewflow.people import Agency, Area, LinkPurpose, OneTimeLink, Person, links, roles
from reviewflow.working_days import in_words, london_date, to_london

MOST_OPEN = 3
"""Mails about a forgotten password to one person while the first of them is good."""


def invite(session: Session, person: Person, now: datetime) -> OneTimeLink:
    """Afterwards a mail is on its way to `person` with a link for choosing a password."""
    return _send(session, person, LinkPurpose.INVITATION, "invitation", now)


def invite_colleague(
    session: Session, name: str, email: str, agency: Agency, by: Person, now: datetime
) -> Person:
    """Afterwards somebody of `agency` may answer for it: found by their address, or added and invited.

    What an agency contact does who passes a request on. Somebody who is here and holds the contact's role
    already is only named. Raises NotPossible for an address of another agency or of somebody who has left.
    """
    today = london_date(now)
    person = roles.person_with(session, email)
    if person is None:
        person = roles.add_person(session, name, email, agency, by.id, now)
    elif person.agency_id != agency.id or person.left_at is not None:
        raise roles.NotPossible(
            "This email address belongs to somebody who cannot answer for your agency. "
            "Ask the partnership's business unit to help"
        )
    if not roles.holds_on(session, person, "agency_contact", agency.area_id, today):
        area = session.get_one(Area, agency.area_id)
        days: tuple[date, date | None] = (today, None)
        roles.give_role(session, person, "agency_contact", area, days, by.id, now)
    if person.password_hash is None:
        invite(session, person, now)
    return person


def send_new_password_link(session: Session, email: str, now: datetime) -> None:
    """Afterwards, if somebody who is here has this address, a mail is on its way to them."""
    person = roles.person_with(session, email)
    if person is None or person.left_at is not None:
        return
    asked = session.scalar(
        select(func.count(OneTimeLink.id)).where(
            OneTimeLink.person_id == person.id,
            OneTimeLink.purpose == LinkPurpose.PASSWORD,
            OneTimeLink.made_at > now - links.GOOD_FOR[LinkPurpose.PASSWORD],
        )
    )
    if (asked or 0) < MOST_OPEN:
        _send(session, person, LinkPurpose.PASSWORD, "password_reset", now)


def _send(session: Session, person: Person, purpose: LinkPurpose, message: str, now: datetime) -> OneTimeLink:
    link = links.make(session, person, purpose, now)
    alerts.write(
        session,
        key=f"link:{link.public_id}",
        person_id=person.id,
        message=message,
        variables={
            "link": links.named_in_a_mail(link),
            "due": _moment(link.expires_at),
            "agency": person.agency.name if person.agency else "",
        },
        now=now,
    )
    return link


def _moment(at: datetime) -> str:
    local = to_london(at)
    return f"{local:%H:%M} on {in_words(local.date())}"
